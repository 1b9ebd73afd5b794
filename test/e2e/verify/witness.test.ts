import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../../program/free-port.ts';
import type { Run, Running } from '../../cli/env/sworn.ts';
import { Programs, signalUntilEnd } from '../../env/programs.ts';
import { readAll } from '../../env/reading.ts';
import { until } from '../../env/until.ts';

// One story with the programs as processes, as docs/log.md sets them up.

const NAMES = ['one.example.org/w', 'two.example.org/w'] as const;
type Name = (typeof NAMES)[number];

/** How much longer than a checkpoint waits a slow witness takes. */
const MORE_MS = 500;

let programs: Programs;
let logKey: string;
let bundle: string;
const witnesses = new Map<Name, { readonly vkey: string; readonly place: readonly string[] }>();
const running = new Map<Name, Running>();

/** Between the log and the second witness: its answer waits for this. */
let relay: Server;
let beforeAnswer: (note: string) => Promise<void> = async () => undefined;

const published = async () => (await fetch(`${programs.controlUrl}/log/checkpoint`)).text();
const audit = (...words: string[]) => programs.sworn('auditor', ['audit', ...words]);
const vkeyOf = (name: Name) => witnesses.get(name)?.vkey ?? '';
const asked = (...names: readonly Name[]) => names.flatMap((name) => ['--witness', vkeyOf(name)]);

async function startWitness(name: Name, place: readonly string[]): Promise<void> {
  running.set(
    name,
    await programs.start(['witness', '--witness-name', name, '--log-keys', logKey, ...place]),
  );
}

/** What `verify` says of this checkpoint: its exit code, and the faults. */
async function verify(...words: string[]): Promise<readonly [Run['exitCode'], ...string[]]> {
  const { exitCode, stdout, stderr } = await audit(
    'verify',
    '--log-key',
    logKey,
    ...words,
    '--output',
    'json',
  );
  if (stdout === '') throw new Error(stderr);
  const { faults } = JSON.parse(stdout) as { faults: { code: string; message: string }[] };
  return [exitCode, ...faults.map(({ code, message }) => `${code}: ${message}`)];
}

const missing = (name: Name) => `witness_missing: ${name} has not cosigned the checkpoint`;

beforeAll(async () => {
  programs = await Programs.prepare();
  const control = [
    ...[
      'control-plane',
      '--listen',
      new URL(programs.controlUrl).host,
      '--log-origin',
      'log.example.org/hospital',
    ],
    ...['--issuer', programs.identity.issuer, '--checkpoint-interval', '100ms'],
    ...['--state-directory', join(programs.root, 'control-plane')],
  ];
  const env = { SWORN_MONGODB_URI: programs.mongodbUri };
  const first = await programs.start(control, env);
  logKey = (await audit('key')).stdout.trim();
  await signalUntilEnd(first);
  const places: string[] = [];
  for (const [at, name] of NAMES.entries()) {
    const directory = join(programs.root, `witness-${at}`);
    const listen = `127.0.0.1:${await freePort()}`;
    const place = ['--state-directory', directory, '--listen', listen];
    await startWitness(name, place);
    const vkey = (await readFile(join(directory, 'witness.vkey'), 'utf8')).trim();
    witnesses.set(name, { vkey, place });
    places.push(`${vkey}+http://${name === NAMES[1] ? await startRelay(listen) : listen}`);
  }
  await programs.start([...control, '--witnesses', places.join(',')], env);
  bundle = join(programs.root, 'log.bundle');
});
afterAll(async () => {
  await programs.close();
  relay.close();
});

/** @returns where it listens */
async function startRelay(to: string): Promise<string> {
  relay = createServer(async (request, response) => {
    try {
      const body = await readAll(request.setEncoding('utf8'));
      const answer = await fetch(`http://${to}${request.url}`, { method: 'POST', body });
      const text = await answer.text();
      await beforeAnswer(body.slice(body.indexOf('\n\n') + 2));
      response
        .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
        .end(text);
    } catch {
      response.destroy();
    }
  });
  const port = await freePort();
  await new Promise<void>((done) => relay.listen(port, '127.0.0.1', done));
  return `127.0.0.1:${port}`;
}

test('what both witnesses cosigned verifies, from the control plane and from a bundle', async () => {
  expect(await verify(...asked(...NAMES))).toEqual([0]);
  expect((await audit('export', '--bundle', bundle)).exitCode).toBe(0);
  expect(await verify('--bundle', bundle, ...asked(...NAMES))).toEqual([0]);
});

test('of a bundle, a cosignature that is gone or wrong is told', async () => {
  const [manifest = '', ...rest] = (await readFile(bundle, 'utf8')).split('\n');
  const change = async (how: (checkpoint: string) => string): Promise<string> => {
    const parsed = JSON.parse(manifest) as { checkpoint: string };
    const checkpoint = how(parsed.checkpoint);
    expect(checkpoint).not.toBe(parsed.checkpoint);
    const path = join(programs.root, 'changed.bundle');
    await writeFile(path, [JSON.stringify({ ...parsed, checkpoint }), ...rest].join('\n'));
    return path;
  };
  const verifyChanged = async (how: (checkpoint: string) => string) => {
    const [exitCode, ...faults] = await verify('--bundle', await change(how), ...asked(...NAMES));
    return [exitCode, ...faults.filter((fault) => !fault.startsWith('bundle_altered'))];
  };
  const [one, two] = NAMES;
  const lineOf = (name: Name) => new RegExp(`^— ${name} .*\n`, 'm');
  expect(await verifyChanged((note) => note.replace(lineOf(two), ''))).toEqual([6, missing(two)]);
  // The last character that a signature's base64 can change in, and still be one.
  const forge = (note: string) =>
    note.replace(lineOf(one), (line) => line.replace(/.(?==\n)/, (last) => (last === 'A' ? 'E' : 'A')));
  const [exitCode, first] = await verifyChanged(forge);
  expect([exitCode, first]).toEqual([
    6,
    `checkpoint_refused: the checkpoint: the signature of ${one} does not verify`,
  ]);
});

test('a witness that takes longer than a checkpoint waits for it is waited for where evidence is taken', async () => {
  const sizes = (note: string) => Number(note.split('\n')[1]);
  let isLate = false;
  beforeAnswer = async (note) => {
    await until('the checkpoint without it', async () => sizes(await published()) >= sizes(note));
    // As slow as that: evidence would long be on its way.
    await sleep(MORE_MS);
    isLate = true;
  };
  expect(await verify(...asked(...NAMES))).toEqual([0]);
  expect(isLate).toBe(true);
  beforeAnswer = async () => undefined;
});

test('a witness that is away holds up nothing, and is named where it was asked for', async () => {
  const [one, two] = NAMES;
  const away = running.get(two);
  if (away === undefined) throw new Error('it runs');
  await signalUntilEnd(away);
  expect(await verify(...asked(...NAMES))).toEqual([6, missing(two)]);
  const { stdout, stderr } = await audit('verify', '--log-key', logKey, ...asked(...NAMES));
  expect(stdout).toMatch(new RegExp(`; cosigned by ${one} at \\S+Z, not by ${two}\n`));
  expect(stderr).toContain("see with 'sworn status' whether the witness is up");
  const lacking = (await programs.sworn('auditor', ['status'])).stdout;
  expect(lacking).toContain(`serving, WITNESS AWAY: ${two}\n`);
  // When it was: an old checkpoint verifies as well.
  const whole = await audit('verify', '--log-key', logKey, ...asked(one));
  const [, time = ''] = new RegExp(`; cosigned by ${one} at (\\S+)\n`).exec(whole.stdout) ?? [];
  expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000);
  expect((await audit('export', '--bundle', bundle, '--force')).exitCode).toBe(0);
  expect(await verify('--bundle', bundle, ...asked(one))).toEqual([0]);
});

test('once it is back it cosigns what there is by then, from what it had cosigned before', async () => {
  const [, two] = NAMES;
  await startWitness(two, witnesses.get(two)?.place ?? []);
  await until('its cosignature', async () => {
    return (await published()).includes(`— ${two} `);
  });
  expect(await verify(...asked(...NAMES))).toEqual([0]);
});
