import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPatternSet } from '#core/pattern/set.ts';
import { createDetector, createRuleDetector } from '#core/phi/detect.ts';
import { foldCase } from '#core/phi/engine/rule/fold-case.ts';
import { compileRules, expressionOf, type Rule } from '#core/phi/engine/rule/rule.ts';
import { createMasker, type MaskStream } from '#core/phi/mask.ts';
import { isSpecial } from '#core/phi/normalise/normalise.ts';
import { RULES } from '#core/phi/rules/index.ts';
import { clinicalText, cut, fractions } from './text.ts';

const detector = createDetector();
const ruleDetector = createRuleDetector();
const masker = createMasker(detector, { default: 'placeholder', entities: {} });

function feed(stream: MaskStream, chunks: readonly string[]) {
  let text = '';
  for (const chunk of chunks) text += stream.push(chunk);
  return { text: text + stream.end(), counts: stream.counts };
}

/** Cut anywhere once, and into single units. */
function everyCut(text: string): string[][] {
  const cuts = Array.from({ length: text.length }, (_, i) => [text.slice(0, i), text.slice(i)]);
  return [...cuts, text.split('')];
}

test('text: every chunking gives what the whole text gives', () => {
  fc.assert(
    fc.property(clinicalText, fractions, (text, places) => {
      const whole = masker.mask(text);
      expect(feed(masker.stream(), cut(text, places))).toEqual(whole);
    }),
    { numRuns: 1_000 },
  );
});

test('text: every single split, and unit by unit', () => {
  fc.assert(
    fc.property(clinicalText, (text) => {
      const whole = masker.mask(text);
      for (const chunks of everyCut(text)) expect(feed(masker.stream(), chunks)).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

test('text: the mask replaces exactly the findings of the scan', () => {
  fc.assert(
    fc.property(clinicalText, (text) => {
      let expected = '';
      let from = 0;
      for (const finding of detector.scan(text)) {
        expect(finding.start).toBeGreaterThanOrEqual(from);
        expect(finding.end).toBeGreaterThan(finding.start);
        expected += `${text.slice(from, finding.start)}[${finding.entity}]`;
        from = finding.end;
      }
      expect(masker.mask(text).text).toBe(expected + text.slice(from));
    }),
    { numRuns: 1_000 },
  );
});

/** What must stand before a rule's value, as V8 reads it. */
function beforeOf(rule: Rule): string {
  const edge = rule.anywhere === true ? '' : '(?<![A-Za-z0-9])';
  return `(?<=${edge}(?:${foldCase(rule.before ?? '')}))`;
}

test('text: the automata miss nothing that the rules find by themselves', () => {
  const rules = compileRules(RULES)
    .map(({ late, measure, nothing }, index) => {
      const rule = RULES[index] as Rule;
      const search = new RegExp(`${beforeOf(rule)}${expressionOf(rule).source}`, 'gu');
      return { search, late, measure, nothing };
    })
    // What is no identifier hides what lies in it.
    .sort((a, b) => Number(b.nothing) - Number(a.nothing));
  fc.assert(
    fc.property(
      // The automata take the start of a text for that of a line; V8 does not.
      clinicalText.filter((text) => !isSpecial(text)).map((text) => `\n${text}`),
      (text) => {
        const found = new Uint8Array(text.length);
        for (const { start, end } of ruleDetector.scan(text)) found.fill(1, start, end);
        const missed: string[] = [];
        for (const { search, late, measure, nothing } of rules) {
          search.lastIndex = 0;
          for (let hit = search.exec(text); hit !== null; hit = search.exec(text)) {
            const { start, length } = measure(text, hit.index);
            if (nothing) found.fill(1, start, start + length);
            // Of a value that may begin later, from a place before it, only the first.
            if (found.subarray(start, start + length).includes(0))
              missed.push(text.slice(start, start + length));
            if (late) break;
            search.lastIndex = hit.index + Math.max(length, 1);
          }
        }
        expect(missed).toEqual([]);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('text: V8 finds whatever the pattern engine finds of a rule', () => {
  const engines = RULES.filter(
    ({ anywhere, unless, behind, late }) =>
      !anywhere && unless === undefined && behind === undefined && !late,
  ).map((rule) => ({
    name: rule.name,
    expression: new RegExp(`${beforeOf(rule)}${expressionOf(rule).source}`, 'u'),
    set: createPatternSet([`(?:^|[^A-Za-z0-9])(?:${rule.before ?? ''})(?:${rule.value})(?:$|[^A-Za-z0-9])`]),
  }));
  fc.assert(
    fc.property(
      clinicalText.filter((text) => !isSpecial(text)),
      (text) => {
        const differ = engines.filter(
          ({ expression, set }) => expression.test(text) !== (set.search(text).length === 1),
        );
        expect(differ.map(({ name }) => name)).toEqual([]);
      },
    ),
    { numRuns: 400 },
  );
});

test('text: nothing of a value, nor half a surrogate pair, is passed on early', () => {
  fc.assert(
    fc.property(clinicalText, (text) => {
      const findings = detector.scan(text);
      const stream = masker.stream();
      let out = '';
      for (let i = 0; i < text.length; i++) {
        const chunk = stream.push(text.charAt(i));
        // A surrogate that is alone in the text as well may go; a pair must not be cut in two.
        if (/[\ud800-\udbff]$/.test(out) && /^[\udc00-\udfff]/.test(chunk)) {
          throw new Error('half a pair was passed on');
        }
        out += chunk;
        // Inside a value, at most what stands before it is out.
        const inside = findings.find((finding) => finding.start <= i && i < finding.end);
        if (inside !== undefined) {
          expect(masker.mask(text).text.startsWith(out)).toBe(true);
          expect(out.length).toBeLessThanOrEqual(outputBefore(findings, inside.start));
        }
      }
    }),
    { numRuns: 250, examples: [['\ud83d\ud83d\ude00 '], ['\ud83d\ude00 ']] },
  );
});

/** The length of the masked text before a place that no finding covers. */
function outputBefore(
  findings: readonly { start: number; end: number; entity: string }[],
  place: number,
): number {
  return findings
    .filter((finding) => finding.end <= place)
    .reduce((length, finding) => length - (finding.end - finding.start) + finding.entity.length + 2, place);
}

const json = fc
  .letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      clinicalText,
      fc.constantFrom<unknown>(78_051_120, 219_099_999, 12_345_678, -1.5e3, 0, true, false, null),
      fc.array(tie('node'), { maxLength: 3 }),
      fc
        .array(
          fc.tuple(
            fc.oneof(
              fc.constantFrom(
                'ssn',
                'mrn',
                'patient_name',
                'dateOfBirth',
                'phone',
                'name',
                'patient',
                'note',
                'x"y',
              ),
              clinicalText,
            ),
            tie('node'),
          ),
          { maxLength: 3 },
        )
        .map((entries) => Object.fromEntries(entries)),
    ),
  }))
  .node.chain((value) =>
    fc.tuple(fc.constantFrom(undefined, 2, '\t'), fc.boolean()).map(([space, escaped]) => {
      const text = JSON.stringify(value, null, space);
      return escaped ? text.replace(/[0-9a-e@\u0080-\uffff](?=[^"]*"[,}\]:\s]*)/g, escapeSome) : text;
    }),
  );

function escapeSome(unit: string, place: number, text: string): string {
  // Not after a backslash, and not in numbers and literals: strings alone hold @, - and capitals nearby.
  if (text[place - 1] === '\\' || text[place - 2] === '\\' || place % 3 !== 0) return unit;
  let quotes = 0;
  for (let i = 0; i < place; i++) if (text[i] === '"' && text[i - 1] !== '\\') quotes += 1;
  if (quotes % 2 === 0) return unit;
  if (/\\u[0-9a-f]{0,3}$/.test(text.slice(0, place))) return unit;
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

test('JSON: every chunking gives what the whole gives, and it parses', () => {
  fc.assert(
    fc.property(json, fractions, (text, places) => {
      JSON.parse(text);
      const whole = masker.maskJson(text);
      JSON.parse(whole.text);
      expect(feed(masker.jsonStream(), cut(text, places))).toEqual(whole);
    }),
    { numRuns: 1_000 },
  );
});

test('JSON: every single split, valid or not', () => {
  const broken = fc
    .tuple(json, fc.nat(), fc.constantFrom('', '"', '{', ',', '\\', '\\u12', 'x', '\n', '7'))
    .map(([text, place, noise]) => {
      const at = place % (text.length + 1);
      return text.slice(0, at) + noise + text.slice(at + 1);
    });
  fc.assert(
    fc.property(fc.oneof(json, broken), (text) => {
      const whole = masker.maskJson(text);
      for (const chunks of everyCut(text)) expect(feed(masker.jsonStream(), chunks)).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

test('JSON: a document without findings stays byte for byte', () => {
  fc.assert(
    fc.property(json, (text) => {
      const { text: masked, counts } = masker.maskJson(text);
      if (Object.keys(counts).length === 0) expect(masked).toBe(text);
      else expect(masked).not.toBe(text);
    }),
  );
});

test('long stretches without a decision stay bounded and agree', () => {
  const digits = Array.from({ length: 4_000 }, (_, i) => `${(i * 7) % 90}`).join(' ');
  const addresses = `${'a@'.repeat(5_000)}example.com ${'z'.repeat(6_000)}@example.com`;
  for (const text of [
    `call ${digits} 078-05-1120`,
    addresses,
    `MRN: ${'A1-'.repeat(3_000)}`,
    `Dr. ${'Smith '.repeat(2_000)}`,
  ]) {
    const whole = masker.mask(text);
    for (const size of [1, 7, 1_000, 2_048, 5_000]) {
      const stream = masker.stream();
      let out = '';
      for (let i = 0; i < text.length; i += size) {
        out += stream.push(text.slice(i, i + size));
      }
      expect(out.length).toBeGreaterThan(0);
      expect(out + stream.end()).toBe(whole.text);
    }
  }
});

test('where the buffer was cut is no start of a line', () => {
  // What is looked at before the value ends right behind a line feed, and in a whole text does not tell.
  const before = `${'the tablet was taken with water. '.repeat(140)}\nName: `;
  for (let spaces = 115; spaces < 130; spaces++) {
    const first = before + ' '.repeat(spaces);
    const scan = detector.open(detector.entities);
    scan.push(first);
    scan.push('Smith, John then rest');
    scan.end();
    expect(scan.take()).toEqual(detector.scan(`${first}Smith, John then rest`));
  }
});

test('ordinary words go out once the next one has begun', () => {
  const scan = detector.open(detector.entities);
  const held: string[] = [];
  let given = '';
  for (const word of 'She can take one tablet and should drink enough of it, then rest.'.match(/\S+ ?/g) ??
    []) {
    // Two letters: the next word is there, and has not ended.
    scan.push(word.slice(0, 2));
    given += word.slice(0, 2);
    held.push(given.slice(scan.emittable));
    scan.push(word.slice(2));
    given += word.slice(2);
  }
  expect(held.slice(3)).toEqual(['on', 'ta', 'an', 'sh', 'dr', 'en', 'of', 'it', 'th', 're']);
});
