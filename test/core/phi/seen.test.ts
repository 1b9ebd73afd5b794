import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Seen } from '#core/phi/judge/seen.ts';

const NEVER = 7;
const kind = fc.integer({ min: 0, max: 6 });

test('what a word was last is remembered, of so many words as may be', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.integer({ min: -300, max: 300 }).map((n) => Math.imul(n, 0x01000193)),
          kind,
        ),
        {
          maxLength: 900,
        },
      ),
      fc.integer({ min: 1, max: 200 }),
      (notes, most) => {
        const seen = new Seen();
        const known = new Map<number, number>();
        for (const [hash, kind] of notes) {
          expect(seen.get(hash, NEVER)).toBe(known.get(hash) ?? NEVER);
          if (known.size < most || known.has(hash)) known.set(hash, kind);
          seen.set(hash, kind, most);
        }
        for (const [hash, kind] of known) expect(seen.get(hash, NEVER)).toBe(kind);
      },
    ),
  );
});

test('words whose hashes are made to be alike are looked for in few places', () => {
  // The inverse of the multiplier: all of these come to the first place.
  const inverse = 0xe8b2f51;
  expect(Math.imul(inverse, 0x9e3779b1)).toBe(1);
  const seen = new Seen();
  const hashes = Array.from({ length: 4096 }, (_, i) => Math.imul(i, inverse));
  for (const hash of hashes) seen.set(hash, 1, 4096);
  const found = hashes.filter((hash) => seen.get(hash, NEVER) === 1);
  expect(found.length).toBeLessThan(200);
  expect(found).toContain(hashes[0]);
});
