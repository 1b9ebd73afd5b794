import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSigner, rawPublicKey } from '#core/evidence/signature/ed25519.ts';
import { signStatement, verifyStatement } from '#core/evidence/statement/sign.ts';
import { formatStatement, parseStatement } from '#core/evidence/statement/statement.ts';
import { flip } from '../merkle/trees.ts';
import { thrown } from '../thrown.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const signer = createSigner(privateKey);
const STATEMENT = {
  plane: 'planes/a1',
  epoch: 3n,
  seq: 1_024n,
  digest: createHash('sha256').update('a record').digest(),
  time: new Date('2030-01-02T03:04:05.006Z'),
};
const ENCODED = STATEMENT.digest.toString('base64');
const HEAD = `sworn.head/v1\nplanes/a1\n3\n1024\n${ENCODED}\n2030-01-02T03:04:05.006Z\n`;

test('a statement is six lines', () => {
  expect(formatStatement('head', STATEMENT)).toBe(HEAD);
  expect(formatStatement('receipt', STATEMENT)).toBe(HEAD.replace('head', 'receipt'));
});

test('it is signed as it is written, and verifies with either form of the key', () => {
  const signed = signStatement('head', STATEMENT, signer);
  expect(verify(null, Buffer.from(HEAD), publicKey, signed.signature)).toBe(true);
  for (const key of [publicKey, rawPublicKey(publicKey)]) {
    const read = verifyStatement('head', signed, key);
    expect({ ...read, digest: Buffer.from(read.digest) }).toEqual(STATEMENT);
  }
});

test('any fields lead back', () => {
  const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const time = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });
  const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const plane = fc.stringMatching(/^planes\/[a-z0-9-]{1,64}$/);
  const statement = fc.record({ plane, epoch: uint64, seq: uint64, digest, time });
  fc.assert(
    fc.property(fc.constantFrom('head' as const, 'receipt' as const), statement, (kind, fields) => {
      expect(parseStatement(kind, formatStatement(kind, fields))).toEqual(fields);
    }),
  );
});

test('a head is no receipt, whoever signed it', () => {
  const signed = signStatement('head', STATEMENT, signer);
  expect(thrown(() => verifyStatement('receipt', signed, publicKey))).toBe('malformed');
  const text = signed.text.replace('head', 'receipt');
  expect(thrown(() => verifyStatement('receipt', { ...signed, text }, publicKey))).toBe('signature_invalid');
});

test('no bit of a signature and no other key does', () => {
  const signed = signStatement('head', STATEMENT, signer);
  for (let bit = 0; bit < 512; bit++) {
    const altered = { ...signed, signature: flip(signed.signature, bit) };
    expect(
      thrown(() => verifyStatement('head', altered, publicKey)),
      `${bit}`,
    ).toBe('signature_invalid');
  }
  const other = generateKeyPairSync('ed25519').publicKey;
  expect(thrown(() => verifyStatement('head', signed, other))).toBe('signature_invalid');
  const cut = { ...signed, signature: signed.signature.subarray(1) };
  expect(thrown(() => verifyStatement('head', cut, publicKey))).toBe('signature_invalid');
});

test.each([
  ['', 'empty'],
  [HEAD.slice(0, -1), 'no last newline'],
  [`${HEAD}\n`, 'an empty line'],
  [`${HEAD}more\n`, 'a seventh line'],
  [HEAD.replaceAll('\n', '\r\n'), 'carriage returns'],
  [HEAD.replace('/v1', '/v2'), 'another version'],
  [HEAD.replace('planes/a1', ''), 'no plane'],
  [HEAD.replace('planes/a1', 'planes/\u0085'), 'a control character'],
  [HEAD.replace('planes/a1', 'planes/\ud800'), 'half a character'],
  [HEAD.replace('planes/a1', 'a'.repeat(2_000)), 'a long name'],
  [HEAD.replace('\n3\n', '\n03\n'), 'a leading zero'],
  [HEAD.replace('\n3\n', '\n-3\n'), 'a sign'],
  [HEAD.replace('\n3\n', '\n0x3\n'), 'hexadecimal'],
  [HEAD.replace('\n3\n', '\n \n'), 'a blank'],
  [HEAD.replace('\n3\n', '\n18446744073709551616\n'), '2^64'],
  [HEAD.replace(ENCODED, ENCODED.slice(0, -1)), 'no padding'],
  [HEAD.replace(ENCODED, ENCODED.slice(4)), 'a short digest'],
  [HEAD.replace('.006Z', 'Z'), 'no milliseconds'],
  [HEAD.replace('.006Z', '.006+00:00'), 'an offset'],
  [HEAD.replace('01-02T', '02-30T'), 'no such day'],
  [HEAD.replace('T03', 'T24'), 'no such hour'],
  [HEAD.replace('2030-01-02T', '2030-01-02 '), 'a blank in the time'],
])('%j is no head: %s', (text) => {
  expect(thrown(() => parseStatement('head', text))).toBe('malformed');
});

test.each([
  { ...STATEMENT, plane: '' },
  { ...STATEMENT, plane: 'a\nb' },
  { ...STATEMENT, epoch: -1n },
  { ...STATEMENT, seq: 2n ** 64n },
  { ...STATEMENT, digest: new Uint8Array(31) },
  { ...STATEMENT, time: new Date(Number.NaN) },
  { ...STATEMENT, time: new Date(Date.UTC(10_000, 0)) },
])('statement %# is not written', (statement) => {
  expect(thrown(() => formatStatement('head', statement))).toBe('malformed');
});
