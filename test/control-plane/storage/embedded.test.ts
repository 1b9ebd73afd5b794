import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { installMongod, withCacheLock } from '../../../control-plane/storage/embedded/cache.ts';
import { startEmbeddedMongo } from '../../../control-plane/storage/embedded/embedded.ts';
import { findMongod, MongodNotFoundError } from '../../../control-plane/storage/embedded/find.ts';
import { launchMongod } from '../../../control-plane/storage/embedded/launch.ts';
import type { Mongod } from '../../../control-plane/storage/embedded/probe.ts';

const CHILD = `
import { startEmbeddedMongo } from ${JSON.stringify(new URL('../../../control-plane/storage/embedded/embedded.ts', import.meta.url).href)};
const mongo = await startEmbeddedMongo({ directory: process.argv[1] });
process.stdout.write(mongo.uri + '\\n');
setInterval(() => undefined, 1000);
`;

let mongod: Mongod;
let root: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  mongod = await findMongod({ env: process.env, progress: (line) => process.stderr.write(`${line}\n`) });
  root = await mkdtemp(join(tmpdir(), 'sworn-embedded-'));
}, 240_000);
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
});

const env = (): NodeJS.ProcessEnv => ({ ...process.env, SWORN_MONGOD: mongod.path });
const quiet = (): void => undefined;

describe('findMongod', () => {
  test('takes SWORN_MONGOD, and nothing else where that is set', async () => {
    expect(await findMongod({ env: env(), progress: quiet })).toEqual(mongod);
    const wrong = findMongod({ env: { ...process.env, SWORN_MONGOD: '/nowhere/mongod' }, progress: quiet });
    await expect(wrong).rejects.toThrow(/SWORN_MONGOD=\/nowhere\/mongod: does not run: ENOENT/);
  });

  test('takes PATH before the cache, and the cache before any download', async () => {
    const path = join(root, 'bin');
    const cache = join(root, 'cache');
    await mkdir(path);
    await mkdir(join(cache, 'mongod'), { recursive: true });
    await symlink(mongod.path, join(path, 'mongod'));
    await symlink(mongod.path, join(cache, 'mongod', 'mongod'));
    const both = { PATH: path, SWORN_CACHE_DIR: cache };
    expect((await findMongod({ env: both, progress: quiet })).path).toBe(join(path, 'mongod'));
    const cacheOnly = { PATH: '', SWORN_CACHE_DIR: cache };
    expect((await findMongod({ env: cacheOnly, progress: quiet })).path).toBe(
      join(cache, 'mongod', 'mongod'),
    );
  });

  test('lists everything that it tried, and leaves nothing behind', async () => {
    const path = join(root, 'broken');
    await mkdir(path);
    await writeFile(join(path, 'mongod'), '#!/bin/sh\necho "db version v4.4.1"\n');
    await writeFile(join(path, 'python3'), '#!/bin/sh\necho "no network here" >&2\nexit 1\n');
    await chmod(join(path, 'mongod'), 0o755);
    await chmod(join(path, 'python3'), 0o755);
    const cache = join(root, 'empty-cache');
    const noHost = 'http://127.0.0.1:9/mongodb.tgz';
    const options = { PATH: path, SWORN_CACHE_DIR: cache, HOME: root, MONGOMS_DOWNLOAD_URL: noHost };
    const error = await findMongod({ env: options, progress: quiet }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MongodNotFoundError);
    const { tried } = error as MongodNotFoundError;
    expect(tried[0]).toMatch(/^PATH: is 4\.4\.1; 6\.0 or newer is needed/);
    expect(tried[1]).toMatch(/^cache .*: is not there yet/);
    expect(tried[2]).toMatch(/^MongoDB's download: /);
    if (process.platform === 'linux' && process.arch === 'x64') expect(tried[3]).toMatch(/no network here/);
    expect(await readdir(join(cache, 'mongod'))).toEqual([]);
  });
});

describe('the cache', () => {
  test('has a whole program or none, also when two processes fill it at once', async () => {
    const cacheEnv = { SWORN_CACHE_DIR: join(root, 'filled') };
    const make = (text: string) => async (directory: string) => {
      await writeFile(join(directory, 'program'), text);
      return join(directory, 'program');
    };
    const failing = installMongod(cacheEnv, async (directory) => {
      await writeFile(join(directory, 'half'), 'half');
      throw new Error('lost the connection');
    });
    await expect(failing).rejects.toThrow('lost the connection');
    const paths = await Promise.all([
      installMongod(cacheEnv, make('one')),
      installMongod(cacheEnv, make('two')),
    ]);
    expect(paths[0]).toBe(paths[1]);
    expect(await readdir(dirname(paths[0]))).toEqual(['mongod']);
  });

  test('lets one process load at a time', async () => {
    const cacheEnv = { SWORN_CACHE_DIR: join(root, 'locked') };
    let running = 0;
    let most = 0;
    const load = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await readdir(root);
      running -= 1;
    };
    await Promise.all([
      withCacheLock(cacheEnv, load),
      withCacheLock(cacheEnv, load),
      withCacheLock(cacheEnv, load),
    ]);
    expect(most).toBe(1);
  });
});

// What is tested is the embedded server itself, whatever SWORN_MONGODB_URI names.
describe('startEmbeddedMongo', () => {
  test('keeps data and port over a restart, and moves to another port where it must', async () => {
    const directory = join(root, 'restart');
    const first = await startEmbeddedMongo({ directory, env: env() });
    await withClient(first.uri, (client) => insert(client, 'first'));
    await first.stop();

    const second = await startEmbeddedMongo({ directory, env: env() });
    expect(second.uri).toBe(first.uri);
    await withClient(second.uri, (client) => insert(client, 'second'));
    await second.stop();

    const blocker = createServer((socket) => socket.destroy()).listen(
      Number(new URL(first.uri).port),
      '127.0.0.1',
    );
    await once(blocker, 'listening');
    const third = await startEmbeddedMongo({ directory, env: env() });
    try {
      expect(third.uri).not.toBe(first.uri);
      await withClient(third.uri, async (client) => {
        await client.withSession((session) => session.withTransaction(() => insert(client, 'third')));
        const found = await client.db('test').collection<{ _id: string }>('things').find().toArray();
        expect(found.map(({ _id }) => _id)).toEqual(['first', 'second', 'third']);
      });
    } finally {
      await third.stop();
      blocker.close();
    }
  });

  test('ends when its owner is killed, and goes on with the data', async () => {
    const directory = join(root, 'killed');
    const { child, uri } = await startChild(directory);
    await withClient(uri, (client) => insert(client, 'kept'));
    // Whoever ends the orphan does so when it was noticed, and no sooner.
    const supervisor = await supervisorOf(uri);
    process.kill(supervisor, 'SIGSTOP');
    onTestFinished(() => resume(supervisor));
    child.kill('SIGKILL');
    await once(child, 'exit');
    // Starting waits for the orphan to end: mongod itself locks the directory.
    const lines: string[] = [];
    const progress = (line: string) => {
      lines.push(line);
      resume(supervisor);
    };
    const next = await startEmbeddedMongo({ directory, env: env(), progress });
    try {
      expect(lines).toEqual([expect.stringContaining('is in use by another MongoDB; waiting')]);
      await withClient(next.uri, async (client) => {
        expect(await client.db('test').collection('things').countDocuments()).toBe(1);
      });
    } finally {
      await next.stop();
    }
  });
});

async function startChild(directory: string): Promise<{ child: ChildProcess; uri: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', CHILD, directory], {
    env: env(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [uri] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, uri };
}

/** The process that ends this MongoDB when its owner is gone: mongod's parent. */
async function supervisorOf(uri: string): Promise<number> {
  let pid = 0;
  await withClient(uri, async (client) => {
    pid = Number((await client.db('admin').command({ serverStatus: 1 }))['pid']);
  });
  const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=', '-p', `${pid}`]);
  return Number(stdout);
}

/** Lets a process go on that was stopped; it may have ended. */
function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function insert(client: MongoClient, id: string): Promise<void> {
  const things = client.db('test').collection<{ _id: string }>('things');
  await things.insertOne({ _id: id }, { writeConcern: { w: 'majority', journal: true } });
}

async function withClient(uri: string, run: (client: MongoClient) => Promise<void>): Promise<void> {
  const client = await MongoClient.connect(uri);
  await run(client).finally(() => client.close());
}

describe('launchMongod', () => {
  test('hears that mongod is ready behind megabytes of what it says, faster than they are read', async () => {
    const path = join(root, 'talkative');
    const line = JSON.stringify({ s: 'I', id: 1, msg: 'x'.repeat(500) });
    const ready = JSON.stringify({ s: 'I', id: 23_016, msg: 'Waiting for connections' });
    const script = `set -e; yes '${line}' | head -n 20000; echo '${ready}'; exec sleep 60`;
    await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const running = await launchMongod({ path, version: '0' }, join(root, 'nothing'), 0);
    await running.stop();
  });
});
