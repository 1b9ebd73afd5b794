import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../../control-plane/main.ts', import.meta.url));
const AWAY = 'mongodb://user:hunter2@127.0.0.1:1/?replicaSet=none';
let directory: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-main-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function start(args: string[]) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...args], {
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      SWORN_STATE_DIRECTORY: join(directory, 'state'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said.text += text;
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, text: said.text }));
  return { child, said, ended };
}

test('--help has examples and ends well', async () => {
  const { code, text } = await start(['--help']).ended;
  expect(code).toBe(0);
  expect(text).toContain('--mongodb-uri');
  expect(text).toContain('Examples:');
  const options = text.slice(text.indexOf('Options:'), text.indexOf('Each setting')).split('\n');
  expect(options.filter((line) => line.length > 80)).toEqual([]);
});

test.each([
  [['--no-such-flag'], "unknown option '--no-such-flag'"],
  [['extra'], 'too many arguments'],
  [[], 'mongodbUri: is not set'],
  [['--mongodb-uri', AWAY, '--listen', 'x'], 'listen (from --listen): "x" is not host:port'],
])('%j is wrong usage', async (args, fault) => {
  const { code, text } = await start(args).ended;
  expect([code, text]).toEqual([2, expect.stringContaining(fault)]);
  expect(text).toContain('See: sworn control-plane --help\n');
  expect(text).not.toContain('hunter2');
});

test('a taken address ends it with 1 and a hint', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const { code, text } = await start(['--mongodb-uri', AWAY, '--listen', `127.0.0.1:${port}`]).ended;
  server.close();
  expect([code, text]).toEqual([1, expect.stringContaining(`127.0.0.1:${port} is taken`)]);
});

test('SIGTERM ends it well, also while it waits for the store', async () => {
  const { child, said, ended } = start(['--mongodb-uri', AWAY, '--listen', '127.0.0.1:0']);
  await expect.poll(() => said.text).toContain('waiting for the store');
  child.kill('SIGTERM');
  const { code, text } = await ended;
  expect(code).toBe(0);
  expect(text).not.toContain('hunter2');
});
