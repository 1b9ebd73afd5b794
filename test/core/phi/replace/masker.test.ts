import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { ENTITIES, type EntityName } from '#core/phi/entities.ts';
import { createMasker, type MaskStream } from '#core/phi/mask.ts';
import { choicesOf, type MaskMethod } from '#core/phi/replace/choice.ts';
import { MAX_NUMBER } from '#core/phi/replace/numbering.ts';
import { createReplacer, type MaskPlan, methodOf } from '#core/phi/replace/replace.ts';
import { clinicalText, cut, fractions, PIECES } from '../text.ts';
import { sessionOf } from './session.ts';

/* Numbers and names are invented or published as examples: see ../text.ts. */
const detector = createDetector();

const plans: fc.Arbitrary<MaskPlan> = fc
  .tuple(...ENTITIES.map(({ name }) => fc.constantFrom(...choicesOf(name))))
  .map((choices) => ({
    default: 'placeholder',
    entities: Object.fromEntries(ENTITIES.map(({ name }, i) => [name, choices[i] ?? 'placeholder'])),
  }));

function planOf(entities: Partial<Record<EntityName, MaskMethod>>): MaskPlan {
  return { default: 'placeholder', entities };
}

function feed(stream: MaskStream, chunks: readonly string[]) {
  let text = '';
  for (const chunk of chunks) text += stream.push(chunk);
  return { text: text + stream.end(), counts: stream.counts };
}

test('text: every chunking gives what the whole text gives, whatever the plan', () => {
  fc.assert(
    fc.property(plans, fc.array(clinicalText, { maxLength: 3 }), fractions, (plan, texts, places) => {
      const whole = createMasker(detector, plan, sessionOf());
      const cutUp = createMasker(detector, plan, sessionOf());
      for (const text of texts) {
        expect(feed(cutUp.stream(), cut(text, places))).toEqual(whole.mask(text));
      }
    }),
    { numRuns: 1_500 },
  );
});

test('text: unit by unit, and the replacements of the findings of the scan', () => {
  fc.assert(
    fc.property(plans, clinicalText, (plan, text) => {
      const none = ENTITIES.filter(({ name }) => methodOf(plan, name) === 'none').map(({ name }) => name);
      const masker = createMasker(detector, plan, sessionOf());
      const masked = feed(masker.stream(), text.split('')).text;
      if (none.length > 0) return;
      const replacer = createReplacer(plan, sessionOf());
      let expected = '';
      let from = 0;
      for (const { entity, start, end } of detector.scan(text)) {
        expected += text.slice(from, start) + replacer.replace(entity, plain(text.slice(start, end)));
        from = end;
      }
      expect(masked).toBe(expected + text.slice(from));
    }),
    { numRuns: 1_000 },
  );
});

/** As the rules see it, for what text.ts has. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u200b\u00ad]/g, '')
    .replaceAll('’', "'");
}

const json = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom('ssn', 'mrn', 'patient_name', 'dateOfBirth', 'phone', 'note', 'zip', 'x"y'),
        clinicalText,
      ),
      fc.oneof(
        clinicalText,
        fc.constantFrom<unknown>(78_051_120, 219_099_999, 19_750_314, 3_141_975, 1_975, -1.5, true, null),
        fc.constantFrom('03/14/1975', '1975-03-14', 'March 3rd, 1975', '1\\2'),
      ),
    ),
    { maxLength: 5 },
  )
  .chain((entries) =>
    fc
      .constantFrom(undefined, 2)
      .map((space) => JSON.stringify(Object.fromEntries(entries), null, space).replaceAll('/', '\\/')),
  );

test('JSON: every chunking gives what the whole gives, and it parses, whatever the plan', () => {
  fc.assert(
    fc.property(plans, json, fractions, (plan, text, places) => {
      const whole = createMasker(detector, plan, sessionOf()).maskJson(text);
      JSON.parse(whole.text);
      const cutUp = createMasker(detector, plan, sessionOf());
      expect(feed(cutUp.jsonStream(), cut(text, places))).toEqual(whole);
      const units = createMasker(detector, plan, sessionOf());
      expect(feed(units.jsonStream(), text.split(''))).toEqual(whole);
    }),
    { numRuns: 1_000 },
  );
});

test('JSON: values are read decoded, and numbers become strings', () => {
  const entities = { DATE_OF_BIRTH: 'year', US_SSN: 'last-four', PERSON: 'numbered' } as const;
  const masker = createMasker(detector, planOf(entities), sessionOf());
  const text = String.raw`{"dob":"03\/1\u0034\/1975","ssn":78051120,"ssn_":219099999,"patient":"Jane\u0020Doe","b":"Dr. Jane Doe"}`;
  expect(JSON.parse(masker.maskJson(text).text)).toEqual({
    dob: '1975',
    ssn: 78_051_120,
    ssn_: '[US_SSN_ENDING_9999]',
    patient: '[PERSON_1]',
    b: 'Dr. [PERSON_1]',
  });
});

test('a value has the same number and token in every text of a session', () => {
  const masker = createMasker(detector, planOf({ PERSON: 'numbered', MRN: 'hash' }), sessionOf());
  expect(masker.mask('seen by Dr. Jane Doe, patient: Max Roe').text).toBe(
    'seen by Dr. [PERSON_1], patient: [PERSON_2]',
  );
  expect(masker.mask('Dear Max Roe, Mrs. JANE DOE').text).toMatch(/\[PERSON_2\].*\[PERSON_1\]/);
  const [one, other] = ['MRN: AB-123456', 'chart no. AB123456.'].map((text) => masker.mask(text).text);
  expect(one?.match(/\[.*\]/)?.[0]).toBe(other?.match(/\[.*\]/)?.[0]);
});

test('dates of one session keep what lies between them', () => {
  const masker = createMasker(detector, planOf({ DATE_OF_BIRTH: 'shift' }), sessionOf());
  // The key and the name of this session give 98 days earlier.
  expect(masker.mask('DOB: 03/14/1975. Born on March 15, 1975').text).toBe(
    'DOB: 12/06/1974. Born on December 7, 1974',
  );
});

test('invisible and full-width characters in a value change nothing of what stands for it', () => {
  const masker = createMasker(detector, planOf({ US_SSN: 'hash', DATE_OF_BIRTH: 'year' }), sessionOf());
  const { text } = masker.mask('ssn 078-05-1120 and ssn ０78-05\u200b-1120');
  const [one, other] = text.match(/\[.*?\]/g) ?? [];
  expect(one).toBe(other);
  expect(masker.mask('dob ０3/14/１975').text).toBe('dob 1975');
});

test('nothing of a value that is longer than four characters stands in its replacement', () => {
  const LONG = 5;
  const value = fc.oneof(
    fc.constantFrom(...PIECES, '02139-4307', '94-year-old', '1975', 'March 3, 1975', '03/14/1975'),
    fc.stringMatching(/^[a-z0-9 -]{5,30}$/),
  );
  fc.assert(
    fc.property(plans, fc.constantFrom(...ENTITIES), value, (plan, { name }, text) => {
      const method = methodOf(plan, name);
      if (method === 'none' || method === 'shift') return;
      const replacement = createReplacer(plan, sessionOf()).replace(name, text);
      expect(replacement).toMatch(/^[\w[\]+ /:.-]+$/);
      // The frame of an age (`-year-old`) is no part of it.
      const secret = method === 'age-90-plus' ? text.replace(/[^0-9]+/g, '') : text;
      for (let at = 0; at + LONG <= secret.length; at++) {
        expect(replacement).not.toContain(secret.slice(at, at + LONG));
      }
    }),
    { numRuns: 3_000 },
  );
});

const LABELS: readonly string[] = [
  '',
  'MRN: ',
  'chart no. ',
  'SSN ',
  'Patient: ',
  'Dr. ',
  'Name: ',
  'DOB: ',
  'call ',
  'fax: ',
  'Member ID: ',
  'account number: ',
  'card: ',
  'age ',
  'zip ',
];

test('what stands for a value is not found again when the text is masked once more', () => {
  const session = sessionOf();
  for (const { name } of ENTITIES) {
    for (let number = 0; number < MAX_NUMBER; number++)
      session.numbering.number(name, session.key, `${number}`);
    for (const method of choicesOf(name)) {
      if (method === 'none' || method === 'shift') continue;
      const replacer = createReplacer(planOf({ [name]: method }), session);
      for (const value of ['998', '4111 1111 1111 1111', 'March 3, 1975', '02139']) {
        const replacement = replacer.replace(name, value);
        // A year, `021` or `90+` is what it is; it may well be the value of another label.
        if (!replacement.startsWith('[')) continue;
        for (const label of LABELS) {
          expect([`${label}${replacement}.`, detector.scan(`${label}${replacement}.`)]).toEqual([
            `${label}${replacement}.`,
            [],
          ]);
        }
      }
    }
  }
});
