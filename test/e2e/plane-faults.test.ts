import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { answerText, beginEvents } from '../env/answers.ts';
import { TEST_POLICY } from '../env/env.ts';
import { processesWith } from '../env/processes.ts';
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

/** Makes a plane fail at SIGUSR2, as a fault of its own would; at SIGHUP its clock jumps by what the file says. */
const FAULTS = `
import { readFileSync } from 'node:fs';
let offsetMs = 0;
const { now } = Date;
globalThis.Date = class extends Date {
  constructor(...words) { super(...(words.length === 0 ? [now() + offsetMs] : words)); }
  static now() { return now() + offsetMs; }
};
process.on('SIGHUP', () => {
  offsetMs = Number(readFileSync(process.env.CLOCK, 'utf8'));
  console.log('jumped by ' + offsetMs);
});
const word = ${JSON.stringify(PROMPT.split('-'))}.join('-');
const words = { code: word, body: word, cause: word };
const fail = () => { throw Object.assign(new Error(word + '\\n    at ' + word), words); };
process.on('SIGUSR2', () => setImmediate(fail));
`;

// One story: each test goes on with the plane as the one before it left it.

let programs: Programs;
let plane: Awaited<ReturnType<typeof start>>;
const exchanges: string[] = [];
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
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
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

async function start() {
  const hook = `--import file://${join(programs.root, 'faults.mjs')}`;
  const plane = launch({ NODE_OPTIONS: hook, CLOCK: join(programs.root, 'clock') });
  await until('the plane ready', async () => (await probe(programs.planeUrl, 'ready')) === 200);
  return plane;
}

/** Puts the plane in the middle of an exchange. */
async function makeBusy(): Promise<void> {
  programs.provider.behave((_request, response) => {
    beginEvents(response);
    response.write(`data: {"type":"response.output_text.delta","delta":"${ANSWER}`);
  });
  const before = programs.provider.seen.length;
  const asking = fetch(`${programs.planeUrl}/v1/responses`, {
    method: 'POST',
    body: JSON.stringify({ model: 'gpt-test', input: PROMPT, stream: true }),
    headers: { authorization: `Bearer ${await programs.token('clinician')}` },
  }).then((answer) => answer.text());
  asking.catch(() => undefined);
  await until('the request at the provider', () => programs.provider.seen.length > before);
}

/** Bytes of memory in a core: what its loadable segments have in the file (elf(5), 64 bits, little-endian). */
function memoryIn(core: Buffer): number {
  const [start, size, count] = [
    Number(core.readBigUInt64LE(32)),
    core.readUInt16LE(54),
    core.readUInt16LE(56),
  ];
  let bytes = 0;
  for (let at = start; at < start + size * count; at += size) {
    if (core.readUInt32LE(at) === 1) bytes += Number(core.readBigUInt64LE(at + 32));
  }
  return bytes;
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

/** Asks, and notes the exchange that was made of it. */
async function ask(): Promise<void> {
  const asked = programs.openai().responses.create({ model: 'gpt-test', input: PROMPT });
  exchanges.push((await asked.withResponse()).response.headers.get('x-request-id') ?? '');
}

/** Every exchange is on record with its outcome, nothing is missing, and the record verifies. */
async function expectWhole(): Promise<void> {
  for (const id of exchanges) {
    await until('the record of an exchange', async () => {
      const exchange = await programs.exchange(id).catch(() => undefined);
      return exchange?.outcome?.status === OutcomeStatus.COMPLETED;
    });
  }
  for (const words of ['gaps', 'verify']) {
    expect([words, (await programs.sworn('auditor', ['audit', words])).exitCode]).toEqual([words, 0]);
  }
}

test('a clock that jumps: every record is in its place, whatever its time', async () => {
  plane = await start();
  programs.provider.behave(answerText('done'));
  await ask();
  for (const offsetMs of [-600_000, 600_000, 0]) {
    await writeFile(join(programs.root, 'clock'), `${offsetMs}`);
    plane.child.kill('SIGHUP');
    await until('the jump', () => plane.said().includes(`jumped by ${offsetMs}\n`));
    await ask();
  }
});

test.skipIf(process.platform !== 'linux')(
  'MongoDB is killed while records come in, and starts again: nothing is missing, and all verifies',
  async () => {
    const { port } = new URL(programs.mongodbUri);
    const found = await processesWith(`--port\0${port}\0`);
    const [pid] = found
      .filter((line) => !line.includes('supervisor'))
      .map((line) => Number.parseInt(line, 10));
    if (pid === undefined) throw new Error('there is a mongod');
    process.kill(pid, 'SIGKILL');
    for (let count = 0; count < 10; count++) await ask();
    await programs.startMongo();
    for (let count = 0; count < 5; count++) await ask();
    await expectWhole();
    // Those of the clock that jumped, too: in the order in which they were asked for.
    const { records } = await programs.api(AuditService, 'auditor').listRecords({ pageSize: 1_000 });
    const intents = records.flatMap(({ record }) => (record?.kind === RecordKind.INTENT ? [record] : []));
    intents.sort((a, b) => Number(a.seq - b.seq));
    expect(intents.map(({ exchange }) => exchange)).toEqual(exchanges.map((id) => `exchanges/${id}`));
    const [before = 0n, back = 0n, ahead = 0n] = intents.map(({ time }) => time?.seconds ?? 0n);
    expect([back < before, ahead > before]).toEqual([true, true]);
  },
);

test('of an error that nobody took its place is told, and nothing that it says', async () => {
  const { child, ended, said } = plane;
  await makeBusy();
  child.kill('SIGUSR2');
  expect(await ended).toBe('1');
  expect(said()).toContain('"event":"uncaught_exception","error":"Error","at":[');
});

test.skipIf(!hasCores)('a core dump has nothing of the memory', async () => {
  const { child, ended } = await start();
  await makeBusy();
  child.kill('SIGABRT');
  expect(await ended).toBe('SIGABRT');
  const cores = (await readdir(folder)).filter((name) => name.startsWith('core'));
  expect(cores).toHaveLength(1);
  const file = join(folder, cores[0] ?? '');
  // The kernel's own page of code (vdso) is always in it. Registers are too: they are no memory, and not looked at below.
  expect(memoryIn(await readFile(file))).toBeLessThan(64 * 1024);
  await rm(file);
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
