import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beginEvents } from '../env/answers.ts';
import { TEST_POLICY } from '../env/env.ts';
import { Programs, probe } from '../env/programs.ts';
import { PROVIDER_KEY } from '../env/provider.ts';
import { until } from '../env/until.ts';

const PROMPT = 'zebra-4711-prompt';
const ANSWER = 'walrus-0815-answer';
/** In the memory of a plane while an exchange runs; put together there, so that this file's own text is not found. */
const CANARIES = [PROMPT, ANSWER, PROVIDER_KEY];

const ROOT = join(import.meta.dirname, '../..');
const CORE_PATTERN = '/proc/sys/kernel/core_pattern';
/** Where cores go into the folder that a program runs in. */
const hasCores = existsSync(CORE_PATTERN) && /^[^|/]/.test(readFileSync(CORE_PATTERN, 'latin1'));

/** Makes a plane fail at SIGUSR2, as a fault of its own would. */
const FAULTS = `
const word = ${JSON.stringify(PROMPT.split('-'))}.join('-');
const words = { code: word, body: word, cause: word };
const fail = () => { throw Object.assign(new Error(word + '\\n    at ' + word), words); };
process.on('SIGUSR2', () => setImmediate(fail));
`;

let programs: Programs;
let folder: string;
let output = '';
beforeAll(async () => {
  programs = await Programs.prepare();
  folder = join(programs.root, 'working');
  await mkdir(folder);
  await writeFile(join(programs.root, 'faults.mjs'), FAULTS);
  const policy = join(programs.root, 'policy.yaml');
  await writeFile(policy, TEST_POLICY);
  const { host } = new URL(programs.controlUrl);
  const state = ['--state-directory', join(programs.root, 'control-plane')];
  await programs.start(['control-plane', '--listen', host, '--issuer', programs.identity.issuer, ...state], {
    SWORN_MONGODB_URI: programs.mongodbUri,
  });
  const upstream = ['--base-url', programs.provider.baseUrl, '--credential-from', 'env:PROVIDER_KEY'];
  for (const [words, env] of [
    [['policy', 'apply', '-f', policy], {}],
    [['upstream', 'create', 'test', ...upstream], { PROVIDER_KEY }],
  ] as const) {
    expect(await programs.sworn('admin', words, env)).toMatchObject({ exitCode: 0 });
  }
  const joined = await programs.sworn('admin', ['plane', 'join-token', 'test']);
  await writeFile(join(programs.root, 'join-token'), joined.stdout, { mode: 0o600 });
  programs.provider.behave((_request, response) => {
    beginEvents(response);
    response.write(`data: {"type":"response.output_text.delta","delta":"${ANSWER}`);
  });
});
afterAll(() => programs.close());

/** A plane without anything between, so that a signal reaches it, where cores may be as large as they like. */
function launch(env: NodeJS.ProcessEnv) {
  const main = join(ROOT, 'data-plane/main.ts');
  const place = [
    '--listen',
    new URL(programs.planeUrl).host,
    '--state-directory',
    join(programs.root, 'plane'),
  ];
  const child = spawn(
    '/bin/sh',
    [
      ...['-c', 'ulimit -c unlimited && exec "$@"', 'sh'],
      ...[process.execPath, main, '--control-plane', programs.controlUrl, ...place],
    ],
    {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        SWORN_JOIN_TOKEN: `file://${join(programs.root, 'join-token')}`,
        ...env,
      },
    },
  );
  let own = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (data: string) => {
      own += data;
      output += data;
    });
  }
  const ended = new Promise<string>((resolve) =>
    child.on('close', (code, signal) => resolve(`${code ?? signal}`)),
  );
  return { child, ended, said: () => own };
}

/** A plane that is in the middle of an exchange. */
async function startBusy() {
  const hook = `--import file://${join(programs.root, 'faults.mjs')}`;
  const plane = launch({ NODE_OPTIONS: hook });
  await until('the plane ready', async () => (await probe(programs.planeUrl, 'ready')) === 200);
  const before = programs.provider.seen.length;
  const asking = fetch(`${programs.planeUrl}/v1/responses`, {
    method: 'POST',
    body: JSON.stringify({ model: 'gpt-test', input: PROMPT, stream: true }),
    headers: { authorization: `Bearer ${await programs.token('clinician')}` },
  }).then((answer) => answer.text());
  asking.catch(() => undefined);
  await until('the request at the provider', () => programs.provider.seen.length > before);
  return plane;
}

/** The files with any of the canaries: the working folder, where dumps and reports would go, and the plane's own. */
async function filesWith(words: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const root of [folder, join(programs.root, 'plane')]) {
    for (const file of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const content = await readFile(join(file.parentPath, file.name));
      if (words.some((word) => content.includes(word))) found.push(file.name);
    }
  }
  return found;
}

test('of an error that nobody took its place is told, and nothing that it says', async () => {
  const { child, ended, said } = await startBusy();
  child.kill('SIGUSR2');
  expect(await ended).toBe('1');
  expect(said()).toContain('"event":"uncaught_exception","error":"Error","at":[');
});

test.skipIf(!hasCores)('a core dump has nothing of the memory', async () => {
  const { child, ended } = await startBusy();
  child.kill('SIGABRT');
  expect(await ended).toBe('SIGABRT');
  expect((await readdir(folder)).filter((name) => name.startsWith('core'))).toHaveLength(1);
});

test('it does not run with what would write or show its memory', async () => {
  const options = ['--report-on-signal', '--heapsnapshot-signal=SIGUSR2', '--abort-on-uncaught-exception'];
  const { ended, said } = launch({ NODE_OPTIONS: options.join(' ') });
  expect(await ended).toBe('2');
  expect(said()).toContain(`sworn data-plane: does not run with ${options.join(', ')}: `);
});

test('what all of that wrote has no prompt, no answer and no key', async () => {
  expect(await filesWith(CANARIES)).toEqual([]);
  for (const canary of CANARIES) expect(output).not.toContain(canary);
});
