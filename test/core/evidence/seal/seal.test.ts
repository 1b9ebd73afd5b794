import { createHash, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { expect, test } from 'vitest';
import { encrypt } from '#core/evidence/seal/cipher.ts';
import { createIntervalKey, openIntervalKey } from '#core/evidence/seal/interval-key.ts';
import { openPayload } from '#core/evidence/seal/open.ts';
import { partContext, type SealedPayload } from '#core/evidence/seal/payload.ts';
import { ciphertextDigest, createExchangeKey, keysDigest, sealPart } from '#core/evidence/seal/seal.ts';
import { flip } from '../merkle/trees.ts';
import { rejected, thrown } from '../thrown.ts';

async function evidenceKey(kid: string): Promise<{ open: JWK; sealing: JWK }> {
  const pair = await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519', extractable: true });
  return {
    open: { ...(await exportJWK(pair.privateKey)), kid },
    sealing: { ...(await exportJWK(pair.publicKey)), kid },
  };
}

const EVIDENCE = await evidenceKey('evidence-1');
const INTERVAL = await createIntervalKey(randomBytes(32), EVIDENCE.sealing);
const BINDING = { plane: 'planes/a1', exchange: 'exchanges/0190', kind: 'prompt' };
const EXCHANGE = createExchangeKey(INTERVAL.key, randomBytes(32), randomBytes(12), BINDING);
const unwrap = (jwe: string): Promise<Uint8Array> => openIntervalKey(jwe, EVIDENCE.open);

function seal(pieces: readonly Uint8Array[]): SealedPayload {
  const parts = pieces.map((piece, index) => sealPart(EXCHANGE.key, randomBytes(12), piece, BINDING, index));
  return { intervalKey: INTERVAL.jwe, wrappedKey: EXCHANGE.wrapped, parts };
}

const open = (sealed: SealedPayload, limit?: number): Promise<Uint8Array> =>
  openPayload(sealed, unwrap, BINDING, limit);

test('what was sealed in pieces opens as one', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(pieces, async (all) => {
      expect(Buffer.from(await open(seal(all))).equals(Buffer.concat(all))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('no bit of a part or a wrapped key may be another', async () => {
  const sealed = seal([Buffer.from('The first piece.'), Buffer.from('The second.')]);
  // The interval key is opened once: what is tried is behind it.
  const interval = await unwrap(sealed.intervalKey);
  const codeOf = (altered: SealedPayload) =>
    rejected(() => openPayload(altered, () => Promise.resolve(interval), BINDING));
  expect(await codeOf(sealed)).toBeUndefined();
  for (const [at, part] of sealed.parts.entries()) {
    for (let bit = 0; bit < part.length * 8; bit++) {
      expect(await codeOf({ ...sealed, parts: sealed.parts.with(at, flip(part, bit)) })).toBe('altered');
    }
  }
  for (let bit = 0; bit < sealed.wrappedKey.length * 8; bit++) {
    expect(await codeOf({ ...sealed, wrappedKey: flip(sealed.wrappedKey, bit) })).toBe('altered');
  }
});

test('no character of an interval key may be another', async () => {
  const sealed = seal([Buffer.from('text')]);
  const jwe = sealed.intervalKey;
  for (let at = 0; at < jwe.length; at++) {
    // The next character of the alphabet may differ in bits that decode to nothing.
    const other = String.fromCharCode(jwe.charCodeAt(at) + 1);
    const intervalKey = jwe.slice(0, at) + other + jwe.slice(at + 1);
    expect(['altered', 'malformed', 'wrong_key']).toContain(
      await rejected(() => open({ ...sealed, intervalKey })),
    );
  }
});

test('parts keep their order, and none is taken from another payload', async () => {
  const sealed = seal([Buffer.from('one'), Buffer.from('two')]);
  expect(await rejected(() => open({ ...sealed, parts: sealed.parts.toReversed() }))).toBe('altered');
  expect(await rejected(() => open({ ...sealed, parts: sealed.parts.slice(1) }))).toBe('altered');
  const other = createExchangeKey(INTERVAL.key, randomBytes(32), randomBytes(12), BINDING);
  expect(await rejected(() => open({ ...sealed, wrappedKey: other.wrapped }))).toBe('altered');
});

test.each([
  ['plane', { ...BINDING, plane: 'planes/b2' }],
  ['exchange', { ...BINDING, exchange: 'exchanges/0191' }],
  ['kind', { ...BINDING, kind: 'delivery' }],
])('a payload does not open for another %s', async (_, binding) => {
  expect(await rejected(() => openPayload(seal([Buffer.from('text')]), unwrap, binding))).toBe('altered');
});

test('another evidence key is told from altered bytes', async () => {
  const sealed = seal([Buffer.from('text')]);
  const other = await evidenceKey('evidence-2');
  const withOther = (jwe: string) => openIntervalKey(jwe, other.open);
  expect(await rejected(() => openPayload(sealed, withOther, BINDING))).toBe('wrong_key');
  const failing = () => Promise.reject(new Error('the service has no such key'));
  expect(await rejected(() => openPayload(sealed, failing, BINDING))).toBe('wrong_key');
  const namedAlike = (jwe: string) => openIntervalKey(jwe, { ...other.open, kid: 'evidence-1' });
  expect(await rejected(() => openPayload(sealed, namedAlike, BINDING))).toBe('altered');
});

test('what has not the form of a payload is malformed', async () => {
  const sealed = seal([Buffer.from('text')]);
  const [part] = sealed.parts;
  if (part === undefined) throw new Error('no part');
  for (const altered of [
    { ...sealed, intervalKey: '' },
    { ...sealed, intervalKey: `${sealed.intervalKey}.more` },
    { ...sealed, intervalKey: 'a'.repeat(5_000) },
    { ...sealed, wrappedKey: sealed.wrappedKey.subarray(1) },
    { ...sealed, parts: [part.subarray(0, 27)] },
    { ...sealed, parts: [new Uint8Array(0)] },
  ]) {
    expect(await rejected(() => open(altered))).toBe('malformed');
  }
  expect(await rejected(() => openPayload(sealed, async () => new Uint8Array(31), BINDING))).toBe(
    'malformed',
  );
});

test('a sealed part that is no deflate is malformed, a bomb too large', async () => {
  const partOf = (compressed: Uint8Array): SealedPayload => {
    const part = encrypt(EXCHANGE.key, randomBytes(12), compressed, partContext(BINDING, 0));
    return { intervalKey: INTERVAL.jwe, wrappedKey: EXCHANGE.wrapped, parts: [part] };
  };
  expect(await rejected(() => open(partOf(Buffer.from('plain'))))).toBe('malformed');
  expect(await rejected(() => open(partOf(deflateRawSync(Buffer.alloc(66 * 1024 * 1024)))))).toBe(
    'too_large',
  );
});

test('the limit is for all parts together', async () => {
  const sealed = seal([new Uint8Array(600), new Uint8Array(600)]);
  expect(await open(sealed, 1_200)).toHaveLength(1_200);
  expect(await rejected(() => open(sealed, 1_199))).toBe('too_large');
});

test.each([
  ['plane', { ...BINDING, plane: 'a\nb' }],
  ['exchange', { ...BINDING, exchange: '' }],
  ['kind', { ...BINDING, kind: 'a\nb' }],
])('a %s is one line', (_, binding) => {
  const piece = new Uint8Array(0);
  expect(thrown(() => sealPart(EXCHANGE.key, randomBytes(12), piece, binding, 0))).toBe('malformed');
});

test('a part has a number', () => {
  for (const index of [-1, 0.5, 2 ** 53]) {
    expect(thrown(() => partContext(BINDING, index))).toBe('malformed');
  }
});

test('the digest is over lengths and parts', () => {
  const parts = [Buffer.from('ab'), Buffer.from('c')];
  const written = Buffer.from([0, 0, 0, 2, 0x61, 0x62, 0, 0, 0, 1, 0x63]);
  expect(Buffer.from(ciphertextDigest(parts))).toEqual(createHash('sha256').update(written).digest());
  expect(ciphertextDigest([Buffer.from('a'), Buffer.from('bc')])).not.toEqual(ciphertextDigest(parts));
  expect(ciphertextDigest(parts.slice(1))).not.toEqual(ciphertextDigest(parts));
});

test('that of the keys is over both of them in the same way', () => {
  const keys = { intervalKey: 'ab', wrappedKey: Buffer.from('c') };
  const written = Buffer.from([0, 0, 0, 2, 0x61, 0x62, 0, 0, 0, 1, 0x63]);
  expect(Buffer.from(keysDigest(keys))).toEqual(createHash('sha256').update(written).digest());
});
