import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSigner, isSignature, rawPublicKey, toPublicKey } from '#core/evidence/signature/ed25519.ts';
import { thrown } from '../thrown.ts';
import vectors from '../vectors/wycheproof-ed25519.json' with { type: 'json' };

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');

test.each(vectors.cases)('Wycheproof $tcId: $comment $flags', ({ pk, msg, sig, result }) => {
  expect(isSignature(toPublicKey(bytes(pk)), bytes(msg), bytes(sig))).toBe(result === 'valid');
});

test('all vectors are there', () => {
  expect(vectors.cases).toHaveLength(151);
});

test('a key leads to its bytes and back', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = rawPublicKey(publicKey);
  expect(toPublicKey(raw).equals(publicKey)).toBe(true);
  const signer = createSigner(privateKey);
  expect(signer.publicKey).toEqual(raw);
  expect(isSignature(publicKey, raw, signer.sign(raw))).toBe(true);
});

test('keys of another kind are refused', () => {
  const other = generateKeyPairSync('x25519');
  const { privateKey } = generateKeyPairSync('ed25519');
  expect(thrown(() => createSigner(other.privateKey))).toBe('malformed');
  expect(thrown(() => createSigner(createPublicKey(privateKey)))).toBe('malformed');
  expect(thrown(() => toPublicKey(other.publicKey))).toBe('malformed');
  expect(thrown(() => toPublicKey(privateKey))).toBe('malformed');
  expect(thrown(() => toPublicKey(new Uint8Array(31)))).toBe('malformed');
});
