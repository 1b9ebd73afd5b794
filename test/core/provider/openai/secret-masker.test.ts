import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker, OffsetMap } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { hideSecrets } from '#core/provider/openai/answer/secret-masker.ts';
import { expectExact } from '../../phi/offsets.ts';

const masker = createMasker(createDetector(), MASK_ALL);

/** A stretch of a text, and what stands for it. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly put: string;
}

/** What the masker replaces in a text. */
function findPuts(text: string): Stretch[] {
  const puts: Stretch[] = [];
  let shift = 0;
  class Noted extends OffsetMap {
    override add(start: number, end: number, length: number): void {
      puts.push({ start, end, put: `${start + shift}:${length}` });
      shift += length - (end - start);
    }
  }
  const { text: masked } = masker.mask(text, new Noted());
  return puts.map(({ put, ...span }) => {
    const [at = 0, length = 0] = put.split(':').map(Number);
    return { ...span, put: masked.slice(at, at + length) };
  });
}

/** What the whole text comes to, found without any search that knows of streams: all that overlaps is one. */
function hideWhole(secrets: readonly string[], text: string): string {
  const stretches = findPuts(text);
  for (const secret of secrets) {
    for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
      stretches.push({ start: at, end: at + secret.length, put: '[REDACTED]' });
    }
  }
  stretches.sort((a, b) => a.start - b.start || a.end - b.end);
  const united: Stretch[] = [];
  for (const stretch of stretches) {
    const last = united.at(-1);
    if (last === undefined || stretch.start >= last.end) united.push(stretch);
    else united.splice(-1, 1, { ...last, end: Math.max(last.end, stretch.end), put: '[REDACTED]' });
  }
  let out = '';
  let at = 0;
  for (const { start, end, put } of united) {
    out += text.slice(at, start) + put;
    at = end;
  }
  return out + text.slice(at);
}

const SECRETS = ['abababab', 'babaabab', 'abab 078-05', '1120 is', 'record numb', 'aaaa'];
const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'ab', 'abab', 'aa', ' ') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('SSN 078-05-1120 is', 'medical record number is 482137', '.', ...SECRETS),
  },
);
const cutText = fc.array(piece, { maxLength: 40 });

test('texts that overlap themselves and what is masked come out the same, however they are cut', () => {
  const hiding = hideSecrets(masker, SECRETS);
  fc.assert(
    fc.property(cutText, fc.integer({ min: 1, max: 9 }), (pieces, size) => {
      const text = pieces.join('');
      const expected = hideWhole(SECRETS, text);
      const chunks = text.match(new RegExp(`.{1,${size}}`, 'gsu')) ?? [];
      for (const cut of [pieces, chunks, [text]]) {
        const offsets = new OffsetMap();
        const stream = hiding.stream(offsets);
        const out = cut.map((chunk) => stream.push(chunk)).join('') + stream.end();
        expect(out).toBe(expected);
        expectExact(text, out, offsets);
      }
    }),
    { numRuns: 1_000 },
  );
});

/** More than the masker waits for the end of a word. */
const RUN = 'ab'.repeat(5_000);

test('a run of texts that overlap themselves is taken out where it begins, however long it goes on', () => {
  const stream = hideSecrets(masker, ['abababab']).stream();
  expect(stream.push('Key: ') + stream.push(RUN)).toBe('Key: [REDACTED]');
  for (let count = 0; count < 20; count++) expect(stream.push(RUN)).toBe('');
  expect(stream.push(' and on.') + stream.end()).toBe(' and on.');
});

test('no place behind a run that goes on is where it will be', () => {
  const offsets = new OffsetMap();
  const stream = hideSecrets(masker, ['abababab']).stream(offsets);
  const sides = (place: number) => [offsets.move(place, 'start'), offsets.move(place, 'end')];
  stream.push(RUN);
  expect(sides(3)).toEqual([0, 10]);
  expect(sides(RUN.length)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  stream.push(RUN);
  expect(sides(RUN.length)).toEqual([0, 10]);
  stream.push('. ');
  stream.end();
  expect(sides(2 * RUN.length)).toEqual([10, 10]);
});
