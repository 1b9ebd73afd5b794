import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSeal, SealError } from '../../../data-plane/control/seal.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const own = createSeal({ name: 'planes/a', privateKey });
const PLAIN = Buffer.from('sk-secret');

test('opens what it sealed, over a restart too, and never seals alike', () => {
  const sealed = own.seal(PLAIN);
  expect(Buffer.from(sealed).includes(PLAIN)).toBe(false);
  expect(Buffer.from(createSeal({ name: 'planes/a', privateKey }).open(sealed))).toEqual(PLAIN);
  expect(own.seal(PLAIN)).not.toEqual(sealed);
  expect(own.open(own.seal(new Uint8Array()))).toHaveLength(0);
});

test('opens nothing that was changed, cut, of another plane, or never sealed', () => {
  const sealed = own.seal(PLAIN);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Uint8Array.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => own.open(changed), `byte ${at}`).toThrow(SealError);
  }
  for (let length = 0; length < sealed.length; length += 1) {
    expect(() => own.open(sealed.subarray(0, length)), `${length} bytes`).toThrow(SealError);
  }
  expect(() => createSeal({ name: 'planes/b', privateKey }).open(sealed)).toThrow(SealError);
  const other = generateKeyPairSync('ed25519').privateKey;
  expect(() => createSeal({ name: 'planes/a', privateKey: other }).open(sealed)).toThrow(SealError);
  expect(() => own.open(Buffer.from('a snapshot as it is, long enough to have a header and a tag'))).toThrow(
    SealError,
  );
});

test('takes no key that has no 32 secret bytes', () => {
  const { privateKey: long } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  expect(() => createSeal({ name: 'planes/a', privateKey: long })).toThrow(RangeError);
});
