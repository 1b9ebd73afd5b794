import { expect, test } from 'vitest';
import { createCipherKey, decrypt, encrypt } from '#core/evidence/seal/cipher.ts';
import { thrown } from '../thrown.ts';
import vectors from '../vectors/wycheproof-aes-gcm-256.json' with { type: 'json' };

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
const hex = (plain: Uint8Array): string => Buffer.from(plain).toString('hex');

test.each(vectors.cases)('Wycheproof $tcId: $comment $flags', ({ key, iv, aad, msg, ct, tag, result }) => {
  const prepared = createCipherKey(bytes(key));
  const sealed = bytes(iv + ct + tag);
  if (result === 'valid') {
    expect(hex(encrypt(prepared, bytes(iv), bytes(msg), bytes(aad)))).toBe(iv + ct + tag);
    expect(hex(decrypt(prepared, sealed, bytes(aad)))).toBe(msg);
  } else {
    expect(thrown(() => decrypt(prepared, sealed, bytes(aad)))).toBe('altered');
  }
});

test('all vectors are there', () => {
  expect(vectors.cases.filter(({ result }) => result === 'valid')).toHaveLength(39);
  expect(vectors.cases).toHaveLength(66);
});

test('keys, nonces and ciphertexts of a wrong length are malformed', () => {
  const nothing = new Uint8Array(0);
  const key = createCipherKey(new Uint8Array(32));
  for (const length of [0, 16, 31, 33]) {
    expect(thrown(() => createCipherKey(new Uint8Array(length)))).toBe('malformed');
  }
  for (const length of [0, 11, 13, 16]) {
    expect(thrown(() => encrypt(key, new Uint8Array(length), nothing, nothing))).toBe('malformed');
  }
  expect(thrown(() => decrypt(key, new Uint8Array(27), nothing))).toBe('malformed');
  expect(decrypt(key, encrypt(key, new Uint8Array(12), nothing, nothing), nothing)).toHaveLength(0);
});
