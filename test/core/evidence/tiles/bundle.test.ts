import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBundle, encodeBundle, MAX_ENTRY_BYTES } from '#core/evidence/tiles/bundle.ts';
import { thrown } from '../thrown.ts';

const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 });

test('entries come back as they were', () => {
  fc.assert(
    fc.property(entries, (all) => {
      expect(decodeBundle(encodeBundle(all), all.length)).toEqual(all);
    }),
  );
});

test('the length stands before an entry, the higher byte first', () => {
  const entry = new Uint8Array(0x0102).fill(7);
  const bytes = encodeBundle([new Uint8Array(0), entry]);
  expect([...bytes.subarray(0, 5)]).toEqual([0, 0, 1, 2, 7]);
  expect(bytes).toHaveLength(2 + 2 + 0x0102);
});

test('an entry may be as long as two bytes can say', () => {
  const most = new Uint8Array(MAX_ENTRY_BYTES).fill(1);
  expect(decodeBundle(encodeBundle([most]), 1)).toEqual([most]);
  expect(thrown(() => encodeBundle([new Uint8Array(MAX_ENTRY_BYTES + 1)]))).toBe('too_large');
});

test('a bundle that is cut, longer, or of another width is malformed', () => {
  fc.assert(
    fc.property(entries, fc.nat(), (all, cut) => {
      const bytes = encodeBundle(all);
      expect(thrown(() => decodeBundle(bytes.subarray(0, cut % bytes.length), all.length))).toBe('malformed');
      expect(thrown(() => decodeBundle(Buffer.concat([bytes, Buffer.of(0)]), all.length))).toBe('malformed');
      const other = all.length === 256 ? 255 : all.length + 1;
      expect(thrown(() => decodeBundle(bytes, other))).toBe('malformed');
    }),
  );
});

test.each([0, -1, 257, 1.5])('there is no bundle of %d entries', (width) => {
  expect(thrown(() => decodeBundle(new Uint8Array(0), width))).toBe('out_of_range');
});

test('no bundle is written of none or too many', () => {
  expect(thrown(() => encodeBundle([]))).toBe('out_of_range');
  expect(thrown(() => encodeBundle(Array.from({ length: 257 }, () => new Uint8Array(0))))).toBe(
    'out_of_range',
  );
});
