import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_ENTITIES, createDetector, type Detector } from '#core/phi/detect.ts';
import type { EntityName } from '#core/phi/entities.ts';
import { createMasker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { KnownTexts } from '../../../data-plane/detector/known-texts.ts';
import { countFindings } from '../../../data-plane/inspect/findings.ts';

const builtIn = createDetector();
const issuer = 'https://idp.example';
const ada = create(CallerSchema, { issuer, subject: 'ada' });
const note = (words: string): string => `${words} ${'The wound is clean and dry. '.repeat(6)}`;
const SSN = note('SSN 078-05-1120.');

/** A detector that notes what it has to read. */
function watch(): { detector: Detector; read: string[] } {
  const read: string[] = [];
  const open: Detector['open'] = (entities, context) => {
    const scan = builtIn.open(entities, context);
    return {
      push: (chunk) => {
        read.push(chunk);
        scan.push(chunk);
      },
      end: () => scan.end(),
      take: () => scan.take(),
      get emittable() {
        return scan.emittable;
      },
      get length() {
        return scan.length;
      },
    };
  };
  return { detector: { ...builtIn, open }, read };
}

interface Ask {
  readonly text: string;
  readonly caller?: Caller;
  readonly entities?: ReadonlySet<EntityName>;
  readonly context?: string;
}

function find(known: KnownTexts, detector: Detector, { text, caller = ada, entities, context }: Ask) {
  const scan = known.detectorFor(detector, caller).open(entities ?? ALL_ENTITIES, context);
  scan.push(text);
  scan.end();
  expect(scan.length).toBe(text.length);
  expect(scan.emittable).toBe(text.length);
  const found = scan.take().map(({ entity, start, end }) => [entity, text.slice(start, end)]);
  expect(scan.take()).toEqual([]);
  return found;
}

test('of a conversation that is sent again only what is new is read, and the counts are the same', async () => {
  const { detector, read } = watch();
  const known = new KnownTexts().detectorFor(detector, ada);
  const prompt = (...texts: string[]) => texts.map((text, index) => ({ place: `input[${index}]`, text }));
  const turns = [SSN, note('Nothing here.'), note('MRN 00482913, SSN 219-09-9999.')];
  expect(await countFindings(known, prompt(...turns.slice(0, 2)))).toEqual([{ US_SSN: 1 }, {}]);
  expect(read).toEqual(turns.slice(0, 2));
  read.length = 0;
  expect(await countFindings(known, prompt(...turns))).toEqual([{ US_SSN: 1 }, {}, { MRN: 1, US_SSN: 1 }]);
  expect(read).toEqual([turns[2]]);
});

test.each<[string, Partial<Ask>, unknown]>([
  [
    'by another caller',
    { caller: create(CallerSchema, { issuer, subject: 'bob' }) },
    [['US_SSN', '078-05-1120']],
  ],
  ['for other entities', { entities: new Set<EntityName>(['MRN']) }, []],
  ['behind a label', { context: 'A label: ' }, [['US_SSN', '078-05-1120']]],
])('a text is read anew when it is asked for %s', (_, other, found) => {
  const { detector, read } = watch();
  const known = new KnownTexts();
  const first = find(known, detector, { text: SSN });
  expect(find(known, detector, { text: SSN })).toEqual(first);
  expect(read).toEqual([SSN]);
  expect(find(known, detector, { text: SSN, ...other })).toEqual(found);
  expect(read).toEqual([SSN, SSN]);
});

test('what one detector has found is nothing to another', () => {
  const [one, other] = [watch(), watch()];
  const known = new KnownTexts();
  find(known, one.detector, { text: SSN });
  find(known, other.detector, { text: SSN });
  expect(other.read).toEqual([SSN]);
});

test('where a name ends and a text begins is not mistaken', () => {
  const { detector, read } = watch();
  const known = new KnownTexts();
  const shorter = create(CallerSchema, { issuer, subject: 'ad' });
  find(known, detector, { text: SSN, context: 'x' });
  find(known, detector, { text: `x${SSN}`, context: '' });
  find(known, detector, { text: `a${SSN}`, caller: shorter, context: 'x' });
  expect(read).toHaveLength(3);
});

test.each([
  ['a short one', 'SSN 078-05-1120.'],
  ['a long one', `${'word '.repeat(30_000)}SSN 078-05-1120.`],
  ['one with half a surrogate pair, which UTF-8 cannot tell from others', `${SSN}\ud800`],
])('not remembered is %s', (_, text) => {
  const { detector, read } = watch();
  const known = new KnownTexts();
  const found = [['US_SSN', '078-05-1120']];
  expect(find(known, detector, { text })).toEqual(found);
  expect(find(known, detector, { text })).toEqual(found);
  expect(read).toEqual([text, text]);
});

test('a masker gives the same with it, however a text is cut, the first time and the second', () => {
  const known = new KnownTexts().detectorFor(builtIn, ada);
  const [plain, remembering] = [createMasker(builtIn, MASK_ALL), createMasker(known, MASK_ALL)];
  const word = fc.constantFrom(
    'Patient:',
    'Jane',
    'Doe',
    'MRN',
    '00482913',
    'é',
    '\u200b',
    'clean',
    '\n',
    '3/4/2024',
  );
  fc.assert(
    fc.property(fc.array(word, { minLength: 0, maxLength: 60 }), fc.nat(200), (words, cut) => {
      const text = words.join(' ');
      const expected = plain.mask(text);
      for (const _ of ['first', 'second']) {
        const stream = remembering.stream();
        const out = stream.push(text.slice(0, cut)) + stream.push(text.slice(cut)) + stream.end();
        expect({ text: out, counts: stream.counts }).toEqual(expected);
      }
    }),
  );
});

test('what was used longest ago is forgotten, by how much was found', () => {
  const { detector, read } = watch();
  const known = new KnownTexts(5);
  const [a, b, c] = [SSN, note('Nothing.'), note('MRN 00482913, SSN 219-09-9999.')];
  for (const text of [a, b, a, c, a, c]) find(known, detector, { text });
  // Of 2, 1 and 3: with the third, the second is one too many.
  expect(read).toEqual([a, b, c]);
  find(known, detector, { text: b });
  expect(read).toEqual([a, b, c, b]);
  find(known, detector, { text: c });
  expect(read).toEqual([a, b, c, b]);
  find(known, detector, { text: a });
  expect(read).toEqual([a, b, c, b, a]);
});

test('a detector that fails leaves nothing behind', () => {
  const failing: Detector = {
    ...builtIn,
    open: () => {
      throw new Error('it broke');
    },
  };
  const known = new KnownTexts();
  for (const _ of ['first', 'second']) expect(() => find(known, failing, { text: SSN })).toThrow('it broke');
});
