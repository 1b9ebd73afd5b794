import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { freePort } from '../../program/free-port.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/clinical-assistant.ts', import.meta.url));

test('a token that is missing and a plane that is down are said in one line', async () => {
  const OPENAI_BASE_URL = `http://127.0.0.1:${await freePort()}/v1`;
  const [noToken, emptyToken, noPlane] = await Promise.all([
    run({ OPENAI_BASE_URL }),
    run({ OPENAI_BASE_URL, OPENAI_API_KEY: '' }),
    run({ OPENAI_BASE_URL, OPENAI_API_KEY: 'token' }),
  ]);
  const asked = [1, expect.stringMatching(/^[^\n]*Set TOKEN_FILE or OPENAI_API_KEY[^\n]*\n$/)];
  expect([noToken, emptyToken]).toEqual([asked, asked]);
  expect(noPlane).toEqual([1, expect.stringMatching(/^[^\n]*Connection error[^\n]*\n$/)]);
});

async function run(env: NodeJS.ProcessEnv): Promise<[code: unknown, stderr: string]> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', EXAMPLE], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stderr = text(child.stderr);
  const [code] = await once(child, 'close');
  return [code, await stderr];
}
