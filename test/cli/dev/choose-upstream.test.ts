import { expect, test } from 'vitest';
import { chooseDemoUpstream, chooseUpstream, isReal } from '../../../cli/commands/dev/choose-upstream.ts';

const OPENAI_API_KEY = 'sk-of-another-program';
/** As `sworn dev` tells one to put it into the same variable. */
const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjbGluaWNpYW4ifQ.c2lnbmF0dXJl';
const URL = 'https://llm.example.org/v1';

test('a key in the environment alone sends nothing to a real provider', async () => {
  const upstream = await chooseUpstream({}, { OPENAI_API_KEY });
  expect(upstream.baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
  expect(upstream.credential).not.toBe(OPENAI_API_KEY);
  await upstream.close();
});

test('a provider that is named gets its key: the one that is given, else that of the environment', async () => {
  const env = { OPENAI_API_KEY, OTHER: 'sk-other' };
  expect(await chooseUpstream({ upstream: URL }, env)).toMatchObject({
    baseUrl: URL,
    credential: OPENAI_API_KEY,
  });
  const keyAlone = await chooseUpstream({ upstreamKey: 'env:OTHER' }, env);
  expect(keyAlone).toMatchObject({ baseUrl: 'https://api.openai.com/v1', credential: 'sk-other' });
});

test('a server without keys gets none, whatever the environment has', async () => {
  const chosen = await chooseUpstream({ upstream: URL, upstreamKey: 'none' }, { OPENAI_API_KEY });
  expect(chosen).toMatchObject({ baseUrl: URL, credential: '' });
});

test.each([
  [{ upstreamKey: 'none' }, { OPENAI_API_KEY }, '--upstream-key none goes with --upstream'],
  [{ upstream: 'llm.example.org/v1' }, { OPENAI_API_KEY }, 'is no http or https URL'],
  [{ upstream: URL }, {}, 'needs a key'],
  [{ upstream: URL, upstreamKey: 'env:NONE' }, { OPENAI_API_KEY }, 'NONE of --upstream-key is not set'],
  [
    { upstream: URL, upstreamKey: 'file:/nowhere' },
    {},
    'cannot read the key /nowhere: there is no such file',
  ],
  [{ upstream: URL }, { OPENAI_API_KEY: TOKEN }, 'is a token'],
])('%j with %j: %s', async (options, env, words) => {
  await expect(chooseUpstream(options, env)).rejects.toThrow(words);
});

test('the demo calls the real API with a key, and its script with a token of a stack or nothing', async () => {
  expect(isReal(await chooseDemoUpstream({ OPENAI_API_KEY }))).toBe(true);
  for (const env of [{}, { OPENAI_API_KEY: '' }, { OPENAI_API_KEY: TOKEN }]) {
    const upstream = await chooseDemoUpstream(env);
    expect(isReal(upstream)).toBe(false);
    await upstream.close();
  }
});
