import { randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compress, decompress, store } from '#core/evidence/seal/compress.ts';
import { thrown } from '../thrown.ts';

test('pieces of every length come back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), (piece) => {
      expect(new Uint8Array(decompress(compress(piece), piece.length))).toEqual(piece);
    }),
  );
  for (const length of [0, 1, 127, 128, 8_191, 8_192, 8_193, 100_000]) {
    const piece = randomBytes(length);
    expect(Buffer.from(inflateRawSync(compress(piece))).equals(piece), `${length}`).toBe(true);
  }
});

test('a small piece has five bytes more, a large text is much smaller', () => {
  expect(compress(new Uint8Array(127))).toHaveLength(132);
  expect(compress(Buffer.from('the same text again and again. '.repeat(1_000))).length).toBeLessThan(1_000);
});

test('what is stored comes out as it was, what is too large for one block compressed', () => {
  for (const length of [0, 1, 127, 1_000, 65_535, 65_536, 200_000]) {
    const piece = Buffer.alloc(length, 'a text ');
    const stored = store(piece);
    expect(Buffer.from(decompress(stored, length)).equals(piece), `${length}`).toBe(true);
    expect(stored.length === length + 5, `${length}`).toBe(length <= 65_535);
  }
});

test('no more comes out than the limit', () => {
  const bomb = deflateRawSync(Buffer.alloc(10_000_000));
  expect(bomb.length).toBeLessThan(10_000);
  expect(thrown(() => decompress(bomb, 9_999_999))).toBe('too_large');
  expect(decompress(bomb, 10_000_000)).toHaveLength(10_000_000);
  expect(thrown(() => decompress(compress(new Uint8Array(1)), 0))).toBe('too_large');
  expect(decompress(compress(new Uint8Array(0)), 0)).toHaveLength(0);
});

test('what is not exactly one deflate stream is malformed', () => {
  const whole = compress(randomBytes(1_000));
  for (const bytes of [
    new Uint8Array(0),
    Buffer.of(0xff, 0xff),
    whole.subarray(0, -1),
    Buffer.concat([whole, Buffer.of(0)]),
    Buffer.concat([whole, whole]),
    compress(Buffer.from('small')).subarray(1),
  ]) {
    expect(thrown(() => decompress(bytes, 10_000))).toBe('malformed');
  }
});
