import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Binding } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { readConfirmation, requireBearer } from '../../oidc/confirmation.ts';
import { createEnv } from './env.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

const THUMBPRINT = createHash('sha256').update('a key').digest('base64url');
const OTHER = createHash('sha256').update('a certificate').digest('base64url');
const TO_KEY = { jkt: THUMBPRINT };
const TO_CERTIFICATE = { 'x5t#S256': OTHER };
let issuer: TestIssuer;

beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

test('a token says what it is bound to; what else its cnf has does not count', () => {
  expect(readConfirmation({})).toEqual({ key: undefined, certificate: undefined });
  expect(readConfirmation({ cnf: { ...TO_KEY, kid: 'x' } })).toEqual({
    key: THUMBPRINT,
    certificate: undefined,
  });
  expect(readConfirmation({ cnf: { ...TO_KEY, ...TO_CERTIFICATE } })).toEqual({
    key: THUMBPRINT,
    certificate: OTHER,
  });
});

test.each([
  [null],
  ['text'],
  [[]],
  [{}],
  [{ jwk: { kty: 'EC' } }],
  [{ kid: 'x' }],
  [{ jkt: '' }],
  [{ jkt: 7 }],
  [{ jkt: null, 'x5t#S256': OTHER }],
  [{ jkt: `${THUMBPRINT}=` }],
  [{ jkt: [THUMBPRINT] }],
  [{ 'x5t#S256': THUMBPRINT.slice(1) }],
])('a binding that cannot be proved is no bearer token: %j', async (cnf) => {
  const verified = createEnv().verify(await issuer.token({ cnf }), issuer.trusted());
  await expect(verified).rejects.toMatchObject({ code: 'invalid_token' });
});

test.each([
  [Binding.UNSPECIFIED, [true, true, true, true]],
  [Binding.DPOP, [false, true, false, true]],
  [Binding.MTLS, [false, false, true, true]],
  [Binding.ANY, [false, true, true, true]],
  [77 as Binding, [false, false, false, false]],
])('binding %d takes of no, key, certificate, both: %j', async (binding, taken) => {
  const env = createEnv();
  const trusted = issuer.trusted({ binding });
  const bindings = [undefined, TO_KEY, TO_CERTIFICATE, { ...TO_KEY, ...TO_CERTIFICATE }];
  for (const [index, cnf] of bindings.entries()) {
    const verified = env.verify(await issuer.token({ cnf }), trusted);
    if (taken[index]) expect((await verified).subject).toBe('alice');
    else await expect(verified).rejects.toMatchObject({ code: 'unbound_token' });
  }
});

test('where proofs are never asked for, a bound token is refused', async () => {
  const env = createEnv({ audiences: 'controlPlaneAudiences', requireBinding: requireBearer });
  const trusted = issuer.trusted({ binding: Binding.DPOP });
  expect((await env.verify(await issuer.token(), trusted)).subject).toBe('alice');
  for (const cnf of [TO_KEY, TO_CERTIFICATE]) {
    const verified = env.verify(await issuer.token({ cnf }), trusted);
    await expect(verified).rejects.toMatchObject({ code: 'invalid_token' });
  }
});
