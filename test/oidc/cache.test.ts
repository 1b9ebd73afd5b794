import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEnv, type Env } from './env.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

let issuer: TestIssuer;
let env: Env;

beforeEach(async () => {
  issuer = await startIssuer();
  env = createEnv({ cachedTokens: 2 });
});
afterEach(() => issuer.close());

const verify = (token: string, trusted = issuer.trusted()) => env.verify(token, trusted);
const nowS = () => Math.floor(Date.now() / 1000);

test('a token that was seen is not verified again, until its end', async () => {
  const token = await issuer.token({ exp: nowS() + 20 });
  const caller = await verify(token);
  expect(await verify(token)).toBe(caller);
  env.advance(26_000);
  await expect(verify(token)).rejects.toMatchObject({ code: 'expired_token' });
});

test('a token that was seen is verified again after a minute', async () => {
  const token = await issuer.token();
  const caller = await verify(token);
  env.advance(61_000);
  expect(await verify(token)).toEqual(caller);
  expect(await verify(token)).not.toBe(caller);
});

test('a token that was seen is verified again when the clock is set back: nobody knows then how long ago that was', async () => {
  const token = await issuer.token();
  const caller = await verify(token);
  env.advance(-600_000);
  const again = await verify(token);
  expect(again).toEqual(caller);
  expect(again).not.toBe(caller);
});

test('a token is known by every one of its bytes', async () => {
  const token = await issuer.token();
  await verify(token);
  const [header, payload, signature = ''] = token.split('.');
  const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  for (const changed of [`${header}.${payload}.${other}`, `${header}.${payload}.`, `${token}=`]) {
    await expect(verify(changed)).rejects.toMatchObject({ code: 'invalid_token' });
  }
});

test('the token that was used longest ago makes room', async () => {
  const [first, second, third] = await Promise.all(['1', '2', '3'].map((sub) => issuer.token({ sub })));
  const callers = [await verify(String(first)), await verify(String(second))];
  await verify(String(first));
  await verify(String(third));
  expect(await verify(String(first))).toBe(callers[0]);
  expect(await verify(String(second))).not.toBe(callers[1]);
});

test('what is forgotten is verified again, also what was being verified meanwhile', async () => {
  const token = await issuer.token();
  const caller = await verify(token);
  env.verifier.forget();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: found, resolve: find } = Promise.withResolvers<void>();
  const meanwhile = env.verifier.verify(token, async () => {
    ask();
    await found;
    return issuer.trusted().spec;
  });
  await asked;
  env.verifier.forget();
  find();
  expect((await meanwhile).caller).not.toBe(caller);
  await expect(verify(token, issuer.trusted({ gatewayAudiences: ['other'] }))).rejects.toMatchObject({
    code: 'wrong_audience',
  });
});

test('without room nothing is remembered', async () => {
  env = createEnv({ cachedTokens: 0 });
  const token = await issuer.token();
  expect(await verify(token)).not.toBe(await verify(token));
});
