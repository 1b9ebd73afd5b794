import { randomBytes } from 'node:crypto';
import { CompactEncrypt, decodeProtectedHeader, exportJWK, generateKeyPair, importJWK } from 'jose';
import { expect, test } from 'vitest';
import { createIntervalKey, intervalKeyId, openIntervalKey } from '#core/evidence/seal/interval-key.ts';
import { rejected, thrown } from '../thrown.ts';

const pair = await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519', extractable: true });
const open = { ...(await exportJWK(pair.privateKey)), kid: 'k1' };
const sealing = { ...(await exportJWK(pair.publicKey)), kid: 'k1' };
const { kid: _, ...nameless } = sealing;

const jweOf = async (
  header: { alg: string; enc: string; kid?: string },
  plaintext: Uint8Array,
): Promise<string> =>
  new CompactEncrypt(plaintext).setProtectedHeader(header).encrypt(await importJWK(sealing, header.alg));

/** One that `jose` would open: it names the one who made it. */
const partyJwe = async (plaintext: Uint8Array): Promise<string> =>
  new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: 'k1' })
    .setKeyManagementParameters({ apu: Buffer.from('someone') })
    .encrypt(await importJWK(sealing, 'ECDH-ES+A256KW'));

test('an interval key opens with the private key, and the header says which', async () => {
  const random = randomBytes(32);
  const { jwe } = await createIntervalKey(random, sealing);
  expect(Buffer.from(await openIntervalKey(jwe, open)).equals(random)).toBe(true);
  expect(intervalKeyId(jwe)).toBe('k1');
  expect(decodeProtectedHeader(jwe)).toMatchObject({
    alg: 'ECDH-ES+A256KW',
    enc: 'A256GCM',
    kid: 'k1',
    epk: { kty: 'OKP', crv: 'X25519' },
  });
});

test.each([
  ['31 bytes', randomBytes(31), sealing],
  ['a key without kid', randomBytes(32), nameless],
  ['another curve', randomBytes(32), { ...sealing, crv: 'Ed25519' }],
  ['another kind of key', randomBytes(32), { ...sealing, kty: 'EC' }],
  ['a key that is none', randomBytes(32), { ...sealing, x: 'AAAA' }],
])('none is made from %s', async (_name, random, key) => {
  expect(await rejected(() => createIntervalKey(random, key))).toBe('malformed');
});

test('only the one kind of JWE is opened', async () => {
  const random = randomBytes(32);
  const kind = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: 'k1' };
  expect(await rejected(async () => openIntervalKey(await jweOf(kind, random), open))).toBeUndefined();
  for (const [jwe, why] of [
    [await jweOf({ ...kind, alg: 'ECDH-ES' }, random), 'no key wrapping'],
    [await jweOf({ ...kind, alg: 'ECDH-ES+A128KW' }, random), 'a smaller key'],
    [await jweOf({ ...kind, enc: 'A128GCM' }, random), 'a smaller content key'],
    [await jweOf({ alg: kind.alg, enc: kind.enc }, random), 'no kid'],
    [await partyJwe(random), 'a party that is part of how it opens'],
    [await jweOf(kind, randomBytes(16)), 'a short key'],
  ] as const) {
    expect(await rejected(() => openIntervalKey(jwe, open)), why).toBe('malformed');
    if (why !== 'a short key')
      expect(
        thrown(() => intervalKeyId(jwe)),
        why,
      ).toBe('malformed');
  }
});

test('it does not open with the public key', async () => {
  const { jwe } = await createIntervalKey(randomBytes(32), sealing);
  expect(await rejected(() => openIntervalKey(jwe, sealing))).toBe('malformed');
});
