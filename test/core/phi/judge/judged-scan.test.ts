import { describe, expect, test } from 'vitest';
import { ALL_ENTITIES, createRuleDetector } from '#core/phi/detect.ts';
import type { EntityName } from '#core/phi/entities.ts';
import type { Finding } from '#core/phi/finding.ts';
import { CLASSES } from '#core/phi/judge/classes.ts';
import type { Place } from '#core/phi/judge/features.ts';
import { JudgedScan, type Model } from '#core/phi/judge/judged-scan.ts';
import { Lexemes } from '#core/phi/judge/lexemes.ts';
import { Token } from '#core/phi/judge/tokens.ts';
import { readTokens } from '../../../../bench/phi/train/examples.ts';

const PERSON = CLASSES.indexOf('PERSON');
const DATE = CLASSES.indexOf('DATE');
const UNIQUE_ID = CLASSES.indexOf('UNIQUE_ID');
const rules = createRuleDetector();

/** A model that knows nothing but what it is told of words; `?` stands for all others. */
class Told implements Model {
  readonly lexemes = new Lexemes();
  best = PERSON;
  /** What stood at the places that were asked for, which move on. */
  readonly asked: Pick<
    Place,
    'text' | 'seen' | 'told' | 'since' | 'third' | 'second' | 'before' | 'behind'
  >[] = [];
  readonly #likelihoods: Readonly<Record<string, number>>;
  readonly #figures: number;

  /** @param figures what it takes figures for */
  constructor(likelihoods: Readonly<Record<string, number>>, figures = DATE) {
    this.#likelihoods = likelihoods;
    this.#figures = figures;
  }

  judge(place: Place): number {
    const { text, seen, told, since, third, second, before, behind } = structuredClone({
      ...place,
      text: place.text,
    });
    this.asked.push({ text, seen, told, since, third, second, before, behind });
    this.best = /\d/.test(text) ? this.#figures : PERSON;
    return this.#likelihoods[text] ?? this.#likelihoods['?'] ?? 0;
  }
}

function scanOf(model: Model, entities: ReadonlySet<EntityName> = ALL_ENTITIES, context = ''): JudgedScan {
  return new JudgedScan(rules.watch(entities, context), model, entities, context);
}

function found(text: string, model: Model, entities?: ReadonlySet<EntityName>): string[] {
  const scan = scanOf(model, entities);
  scan.push(text);
  scan.end();
  return scan.take().map(({ rule, start, end }) => `${rule}:${text.slice(start, end)}`);
}

test('what no rule has found is added where it is likely', () => {
  expect(found('the zorblat came 77', new Told({ zorblat: 0.9 }))).toEqual(['model.person:zorblat']);
  expect(found('the zorblat came 77', new Told({ zorblat: 0.1 }))).toEqual([]);
});

test('words of one kind become one, across a space or a sign, not across lines, commas or kinds', () => {
  const all = new Told({ '?': 1 });
  expect(found('zorb-lat quux, blorg\nzorp 77', all)).toEqual([
    'model.person:zorb-lat quux',
    'model.person:blorg',
    'model.person:zorp',
    'model.date:77',
  ]);
});

test('an initial keeps its dot, a possessive is no part of a name, an ampersand is of an organisation', () => {
  expect(found('for Z. Quux, and Q.Z. too', new Told({ Z: 1, Quux: 1, 'Q.Z': 1 }))).toEqual([
    'model.person:Z. Quux',
    'model.person:Q.Z.',
  ]);
  expect(found("the Zorblat's dog", new Told({ "Zorblat's": 1 }))).toEqual(['model.person:Zorblat']);
  const firm = new Told({ Zorb: 1, Quux: 1 });
  expect(found('by Zorb & Quux now', firm)).toEqual(['model.person:Zorb & Quux']);
  expect(found('by Zorb  & Quux now', firm)).toEqual(['model.person:Zorb', 'model.person:Quux']);
});

test('a surname, a comma and a given name are one, two names are two', () => {
  const all = new Told({ '?': 1 });
  expect(found('Okafor, Lena', all)).toEqual(['model.person:Okafor, Lena']);
  expect(found('Zorblat, Q.Z. 77', all)).toEqual(['model.person:Zorblat, Q.Z.', 'model.date:77']);
  expect(found('Anna, Lena', all)).toEqual(['model.person:Anna', 'model.person:Lena']);
  expect(found('Okafor, Quuxling', all)).toEqual(['model.person:Okafor', 'model.person:Quuxling']);
  expect(found('Okafor, Lena', new Told({ Okafor: 1 }))).toEqual(['model.person:Okafor']);
});

test('what is not looked for hides nothing of another kind', () => {
  const entities = new Set<EntityName>(['PERSON', 'DATE']);
  const text = 'Employer: Quuxling Zorblat';
  expect(rules.scan(text).map(({ entity }) => entity)).toEqual(['ORGANIZATION']);
  expect(found(text, new Told({ Quuxling: 1, Zorblat: 1 }), entities)).toEqual([
    'model.person:Quuxling Zorblat',
  ]);
  const titled = 'Dr. Okafor';
  expect(found(titled, new Told({ '?': 1 }), new Set<EntityName>(['ORGANIZATION', 'DATE']))).toEqual([]);
});

test('a text of one word is a name only when the lists know it as one', () => {
  const all = new Told({ '?': 1 });
  expect(found('Okonkwo', all)).toEqual(['model.person:Okonkwo']);
  expect(found('zorblat', all)).toEqual([]);
  expect(found('grace', all)).toEqual([]);
});

test('what may begin an identifier does when the next word is a part of one', () => {
  const told = { Zorblat: 0.1, Quuxling: 0.9, '?': 0 };
  expect(found('the Zorblat Quuxling came', new Told(told))).toEqual(['model.person:Zorblat Quuxling']);
  expect(found('the Zorblat, Quuxling came', new Told(told))).toEqual(['model.person:Quuxling']);
  expect(found('the Zorblat\nQuuxling came', new Told(told))).toEqual(['model.person:Quuxling']);
  expect(found('the Quuxling Zorblat Quuxling', new Told({ ...told, Zorblat: 0.15 }))).toEqual([
    'model.person:Quuxling Zorblat Quuxling',
  ]);
  expect(found('the Zorblat came', new Told(told))).toEqual([]);
});

test('an ordinary small word is looked at within an identifier, and nowhere else', () => {
  const all = new Told({ Zorb: 1, of: 1, Quux: 1 });
  expect(found('of Zorb of Quux', all)).toEqual(['model.person:Zorb of Quux']);
  expect(found('Zorb\nof Quux', all)).toEqual(['model.person:Zorb', 'model.person:Quux']);
});

test('what a rule is not sure of is dropped where it is unlikely, and only there', () => {
  const text = 'seen by Smithson Okafor, again';
  const [finding] = rules.scan(text);
  expect(finding).toMatchObject({ entity: 'PERSON' });
  const sure = 'SSN 078-05-1120';
  expect(found(sure, new Told({}))).toEqual(['ssn.labelled:078-05-1120']);
  const unsure = 'was seen by Okafor today.';
  expect(rules.scan(unsure).map(({ score }) => score < 0.85)).toEqual([true]);
  expect(found(unsure, new Told({}))).toEqual([]);
  expect(found(unsure, new Told({ Okafor: 0.5 }))).toEqual(['person.by:Okafor']);
});

test('one likely word keeps a finding whole', () => {
  const text = 'Facility: Blue Mesa Care Center';
  const whole = rules.scan(text).map(({ rule, start, end }) => `${rule}:${text.slice(start, end)}`);
  expect(whole).toHaveLength(1);
  expect(found(text, new Told({ Mesa: 0.9 }))).toEqual(whole);
});

test('codes that have a form of their own are not dropped', () => {
  expect(found('mail a.b@example.com from 192.0.2.7', new Told({}))).toEqual([
    'email.address:a.b@example.com',
    'ip.v4:192.0.2.7',
  ]);
});

test('placeholders and tokens are nothing again', () => {
  const all = new Told({ '?': 1 });
  expect(found('[PERSON_1] [US_SSN_kqvbtmhc] [ZIP_CODE]', all)).toEqual([]);
  expect(found('[PERSON] [CITY] [STUDY_CODE] [BED_4]', all)).toEqual([]);
  expect(found('[zorblat] [X zorblat', all)).toEqual(['model.person:zorblat', 'model.person:X zorblat']);
  expect(found('[ZORBLAT] 77', all)).toEqual(['model.person:ZORBLAT', 'model.date:77']);
});

test('ordinary words in small letters are not even judged', () => {
  const model = new Told({ '?': 1 });
  expect(found('patients often complain softly', model)).toEqual([]);
  expect(model.asked).toEqual([]);
});

test('a word with nothing around it is not added', () => {
  const all = new Told({ '?': 1 });
  expect(found('zorblat', all)).toEqual([]);
  expect(found('zorblat.', all)).toEqual(['model.person:zorblat']);
});

test('a row of signs behind a name holds back no text', () => {
  const scan = scanOf(new Told({ zorblat: 1 }));
  scan.push(`by zorblat${'-'.repeat(5_000)}`);
  expect(scan.take()).toMatchObject([{ rule: 'model.person', start: 3, end: 10 }]);
  expect(scan.emittable).toBeGreaterThan(3_000);
});

test('what is longer than a word is nothing', () => {
  expect(found(`n ${'7'.repeat(300)} x`, new Told({ '?': 1, n: 0, x: 0 }))).toEqual([]);
});

test('a name begins at its initial, or at what may be a surname before a comma', () => {
  const model = new Told({ zorblat: 1, Lena: 1, Blorg: 0.1 });
  expect(found('by q. zorblat', model)).toEqual(['model.person:q. zorblat']);
  expect(found('Blorg, Lena came', model)).toEqual(['model.person:Blorg, Lena']);
  // Neither a number, nor a letter that no full stop follows, nor what ends another line.
  expect(found('7. zorblat', model)).toEqual(['model.person:zorblat']);
  expect(found('a zorblat', model)).toEqual(['model.person:zorblat']);
  // Nor several of them, which are as often no name ("the U.S. attorney"), a second full stop, or a word in small letters.
  expect(found('the U.S. zorblat', model)).toEqual(['model.person:zorblat']);
  expect(found('by q.. zorblat', model)).toEqual(['model.person:zorblat']);
  expect(found('blorg, Lena', new Told({ blorg: 0.1, Lena: 1 }))).toEqual(['model.person:Lena']);
  expect(found('by q.\nzorblat', model)).toEqual(['model.person:zorblat']);
  // A given name that is none, and a word that is as likely as any.
  expect(found('Blorg, zorblat', model)).toEqual(['model.person:zorblat']);
  expect(found('Quux, Lena', model)).toEqual(['model.person:Lena']);
});

test('a letter is held back only before a full stop', () => {
  const emittableOf = (text: string): number => {
    const scan = scanOf(new Told({}));
    scan.push(text);
    return scan.emittable;
  };
  expect(emittableOf('a zorb')).toBe(2);
  expect(emittableOf('q. zorb')).toBe(0);
});

test('a code goes on to the end of its figure, and an age does not', () => {
  const codes = new Told({ '0071442-000': 1, '5412-7598-3321-0047': 1 }, UNIQUE_ID);
  expect(found('GRP 0071442-000 and 5412-7598-3321-0047', codes)).toEqual([
    'plan.group:0071442-000',
    'unique.figures:5412-7598-3321-0047',
  ]);
  expect(found('a 96-year-old', new Told({}))).toEqual(['age.years:96']);
  expect(found('93/F with asthma', new Told({}))).toEqual(['age.sex:93']);
  // A word is no code.
  expect(found('IP 10.0.0.1:8080 and 10.0.0.2/home', new Told({}))).toEqual([
    'ip.v4:10.0.0.1:8080',
    'ip.v4:10.0.0.2',
  ]);
});

test('what stands around a name that a rule has found is of that name', () => {
  const model = new Told({ Zorblat: 1, Quux: 1, Lena: 0, Ott: 1 });
  expect(found('Patient: Lena Ott', model)).toEqual(['person.label:Lena Ott']);
  expect(found('Dr. Ott-Zorblat Quux came', model)).toEqual(['person.title:Ott-Zorblat Quux']);
  expect(found('Zorblat Dr. Ott', model)).toEqual(['model.person:Zorblat', 'person.title:Ott']);
  // Another name, and another line.
  expect(found('Dr. Ott. Zorblat came', model)).toEqual(['person.title:Ott', 'model.person:Zorblat']);
  expect(found('Dr. Ott\nZorblat came', model)).toEqual(['person.title:Ott', 'model.person:Zorblat']);
});

test('what stands before a code that a rule has found is of that code, unless it is none', () => {
  const text = 'by 9981 12-34567-8 x';
  const both = new Told({ 9981: 1, '12-34567-8': 1 }, UNIQUE_ID);
  expect(found(text, both)).toEqual(['unique.figures:9981 12-34567-8']);
  expect(found(text, new Told({ 9981: 1 }, UNIQUE_ID))).toEqual(['model.unique-id:9981']);
  expect(found('by 9981\n12-34567-8 x', both)).toEqual(['model.unique-id:9981', 'unique.figures:12-34567-8']);
});

describe('entities that are not looked for', () => {
  test('are not added', () => {
    expect(found('zorblat 77', new Told({ '?': 1 }), new Set(['PERSON']))).toEqual(['model.person:zorblat']);
  });

  test('are not added under another name of their class', () => {
    const codes: ReadonlySet<EntityName> = new Set(['PERSON', 'UNIQUE_ID']);
    const model = new Told({ '078-05-1120': 1, '774': 1 }, UNIQUE_ID);
    expect(found('SSN 078-05-1120', model, codes)).toEqual([]);
    expect(found('zorb 774', model, codes)).toEqual(['model.unique-id:774']);
  });

  test('are not added as anything else when the rule is sure', () => {
    const dates: ReadonlySet<EntityName> = new Set(['PERSON', 'DATE']);
    const model = new Told({ '078-05-1120': 1, '77': 1 }, DATE);
    expect(found('SSN 078-05-1120', model, dates)).toEqual([]);
    expect(found('zorb 77', model, dates)).toEqual(['model.date:77']);
    // A word that may be a name, in a street that is not looked for.
    expect(found('BED 1 WOJCIK AWAIT CT.', new Told({ WOJCIK: 1 }), dates)).toEqual(['model.person:WOJCIK']);
    // One that is not sure, of a kind that no model judges: a plate.
    expect(found('car ABC-1234', new Told({ ABC: 1 }), dates)).toEqual(['model.person:ABC']);
  });
});

test('what is not looked for is forgotten where it ends, whatever was not judged there', () => {
  const entities: ReadonlySet<EntityName> = new Set(['PERSON']);
  const watching = rules.watch(entities);
  const asked: number[] = [];
  const takeOthers = (): Finding[] =>
    watching.takeOthers().map((other) => ({
      ...other,
      get end() {
        asked.push(other.end);
        return other.end;
      },
    }));
  const scan = new JudgedScan(
    {
      push: (chunk) => watching.push(chunk),
      end: () => watching.end(),
      take: () => watching.take(),
      takeOthers,
      get emittable() {
        return watching.emittable;
      },
      get length() {
        return watching.length;
      },
    },
    new Told({ zorblat: 1 }),
    entities,
  );
  scan.push('[SSN_078-05-1120] '.repeat(50));
  expect(asked.length).toBeGreaterThan(40);
  asked.length = 0;
  scan.push('by zorblat ');
  scan.end();
  expect(new Set(asked).size).toBeLessThan(3);
});

test('the model is told what is around a word, and what the same word was', () => {
  const model = new Told({ Zorblat: 1 });
  found('Mr. Zorblat came. Zorblat left.', model);
  const last = model.asked.filter(({ text }) => text === 'Zorblat').at(-1);
  const hashes = [last?.third, last?.second, last?.before, last?.behind].map((lexeme) => lexeme?.hash);
  const around = readTokens(model.lexemes, 'Zorblat came . left');
  expect(hashes).toEqual(around.map(({ hash }) => hash));
  expect(last?.seen).toBe(PERSON);
});

test('the model is told that nothing is behind the last word, however many came before', () => {
  const model = new Told({});
  found('Zorblat left Tulsa, then went to Quux', model);
  expect(model.asked.at(-1)).toMatchObject({
    text: 'Quux',
    behind: { hash: new Token().hash, traits: new Token().traits },
  });
});

test('nothing depends on chunks, and nothing is let go that becomes a finding', () => {
  const likelihoods = {
    zorb: 1,
    lat: 1,
    Okafor: 0,
    Mesa: 0.9,
    '77': 1,
    Blorg: 1,
    Dell: 0.1,
    Quux: 0.9,
    Z: 1,
    Kowalczyk: 1,
    Lena: 1,
  };
  const text =
    'seen by Okafor. zorb-lat, transferred to Blue Mesa Care Center 77\nSSN 078-05-1120 Blorg [PERSON_1] zorb lat. Dell Quux & Z. of U.S. Kowalczyk, Lena';
  const whole = found(text, new Told(likelihoods));
  expect(whole.length).toBeGreaterThan(4);
  for (let place = 0; place <= text.length; place++) {
    for (const chunks of [[text.slice(0, place), text.slice(place)], text.split('')]) {
      const scan = scanOf(new Told(likelihoods));
      const findings: Finding[] = [];
      let emitted = 0;
      for (const chunk of chunks) {
        scan.push(chunk);
        const taken = scan.take();
        for (const { start } of taken) expect(start).toBeGreaterThanOrEqual(emitted);
        findings.push(...taken);
        emitted = Math.max(scan.emittable, findings.at(-1)?.end ?? 0);
      }
      scan.end();
      const rest = scan.take();
      for (const { start } of rest) expect(start).toBeGreaterThanOrEqual(emitted);
      findings.push(...rest);
      expect(findings.map(({ rule, start, end }) => `${rule}:${text.slice(start, end)}`)).toEqual(whole);
    }
  }
});

test('a letter, and a figure that is no age over 89, is no code by itself, but goes on with one', () => {
  const codes = new Told({ sent: 0, now: 0, '?': 1 }, UNIQUE_ID);
  for (const text of ['sent 17 now', 'sent 8 now']) expect(found(text, codes)).toEqual([]);
  expect(found('sent 97 now', codes)).toEqual(['model.unique-id:97']);
  expect(found('sent 4471-17 now', codes)).toEqual(['model.unique-id:4471-17']);
});

test('a model is told how many words of identifiers there were, and how many words ago the last one was', () => {
  const model = new Told({ Quux: 1, Zorblat: 1, '?': 0 });
  found('Blorg, Quux Zorblat. The Zorp\nSSN 078-05-1120 Zork', model, new Set<EntityName>(['PERSON']));
  const told = model.asked.map(({ text, told, since }) => (told === 0 ? [text, 0] : [text, told, since]));
  expect(told).toEqual(
    expect.arrayContaining([
      ['Blorg', 0],
      ['Quux', 0],
      ['Zorblat', 1, 0],
      ['Zorp', 2, 1],
    ]),
  );
  // What is not looked for is one as well.
  expect(told.at(-1)).toEqual(['Zork', 3, 0]);
});
