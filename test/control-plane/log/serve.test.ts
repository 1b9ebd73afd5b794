import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leafHash } from '#core/evidence/merkle/hash.ts';
import { rootOf } from '#core/evidence/merkle/root.ts';
import { parseNoteKey } from '#core/evidence/note/key.ts';
import { openNote } from '#core/evidence/note/verify.ts';
import { decodeBundle } from '#core/evidence/tiles/bundle.ts';
import { growTiles } from '#core/evidence/tiles/grow.ts';
import { tilePath } from '#core/evidence/tiles/path.ts';
import { TILE_WIDTH, tileWidth } from '#core/evidence/tiles/tile.ts';
import type { ControlPlaneSettings } from '../../../control-plane/config/settings.ts';
import { type ControlPlane, startControlPlane } from '../../../control-plane/start.ts';
import { type Database, openDatabase } from '../../../control-plane/storage/database.ts';
import { loadMasterKey } from '../../../control-plane/storage/sealing/master-key.ts';
import { createSeal } from '../../../control-plane/storage/sealing/seal.ts';
import { freePort } from '../../../program/free-port.ts';
import { createHome, type Home } from '../../cli/env/sworn.ts';
import { openCheckpoint } from '../../env/checkpoints.ts';
import { openTestMongo, type TestMongo } from '../../env/mongo.ts';
import { copyState } from '../../env/state.ts';
import { until } from '../../env/until.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';
import { createWitnessPlace, TestLog } from '../../witness/env.ts';
import { defaults, storeRecords } from './env.ts';

const RECORDS = 600;
const FOREVER = 'max-age=31536000, immutable';
const logger = pino({ level: 'silent' });
let directory: string;
let mongo: TestMongo;
let issuer: TestIssuer;
let database: Database;
let plane: ControlPlane;
let home: Home;
const auditor = () => issuer.token({ groups: ['sworn-auditors'] });

function settings(more: Partial<ControlPlaneSettings> = {}): ControlPlaneSettings {
  return {
    ...defaults(),
    listen: { host: '127.0.0.1', port: 0 },
    mongodbUri: mongo.uri,
    issuer: issuer.url,
    stateDirectory: join(directory, 'state'),
    drainDeadline: 1_000,
    ...more,
  };
}

async function startOther(more: Partial<ControlPlaneSettings>): Promise<ControlPlane> {
  const stateDirectory = await copyState(join(directory, 'state'), randomUUID());
  return await startControlPlane(settings({ stateDirectory, ...more }), { logger });
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-log-'));
  mongo = await openTestMongo({ own: true });
  issuer = await startIssuer();
  home = createHome();
  plane = await startControlPlane(settings(), { logger });
  const seal = createSeal(await loadMasterKey(join(directory, 'state')));
  database = await openDatabase({ uri: mongo.uri, name: 'sworn', logger, seal });
  await storeRecords(database, { plane: 'planes/east', epoch: 1n }, RECORDS);
  await until('the checkpoint', async () => {
    const { size } = (await checkpoint().catch(() => undefined)) ?? { size: 0 };
    return size >= RECORDS;
  });
});
afterAll(async () => {
  await plane?.close();
  await database?.close();
  await issuer?.close();
  await mongo?.close();
  home?.remove();
  await rm(directory, { recursive: true, force: true });
});

const get = (path: string, init: RequestInit = {}) => fetch(`${plane.url}/log/${path}`, init);
const bytesOf = async (path: string, init?: RequestInit) => {
  const response = await get(path, init);
  expect([path, response.status]).toEqual([path, 200]);
  return Buffer.from(await response.arrayBuffer());
};
const withToken = async () => ({ headers: { authorization: `Bearer ${await auditor()}` } });

const logKey = async () => parseNoteKey((await (await get('key')).text()).trimEnd());

async function checkpoint() {
  return openCheckpoint(await (await get('checkpoint')).text(), await logKey());
}

describe('a reader who trusts nobody', () => {
  test('gets entries, tiles and root that agree with one another', async () => {
    const { root, size } = await checkpoint();
    const leaves: Uint8Array[] = [];
    for (let index = 0; index * TILE_WIDTH < size; index++) {
      const width = tileWidth(size, 'entries', index);
      const path = tilePath({ level: 'entries', index, width });
      leaves.push(...decodeBundle(await bytesOf(path, await withToken()), width));
    }
    const hashes = leaves.map(leafHash);
    expect(Buffer.from(root)).toEqual(rootOf(hashes));
    for (const { id, bytes } of await growTiles(0, hashes, () => Buffer.alloc(0))) {
      expect(await bytesOf(tilePath(id))).toEqual(Buffer.from(bytes));
    }
  });

  test('gets narrower forms of a tile, of which there were checkpoints', async () => {
    const whole = await bytesOf('tile/0/000');
    expect(await bytesOf('tile/0/000.p/5')).toEqual(whole.subarray(0, 5 * 32));
    const entries = await bytesOf('tile/entries/000.p/5', await withToken());
    expect(decodeBundle(entries, 5).map((entry) => Buffer.from(leafHash(entry)))).toEqual(
      Array.from({ length: 5 }, (_, at) => whole.subarray(at * 32, at * 32 + 32)),
    );
  });
});

describe('headers', () => {
  test.each([
    ['checkpoint', 'text/plain; charset=utf-8', 'no-cache'],
    ['key', 'text/plain; charset=utf-8', 'no-cache'],
    ['tile/0/000', 'application/octet-stream', `public, ${FOREVER}`],
    ['tile/1/000.p/2', 'application/octet-stream', `public, ${FOREVER}`],
    ['tile/entries/000', 'application/octet-stream', `private, ${FOREVER}`],
  ])('%s', async (path, type, cache) => {
    for (const method of ['GET', 'HEAD']) {
      const response = await get(path, { method, ...(await withToken()) });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(type);
      expect(response.headers.get('cache-control')).toBe(cache);
      const { length } = Buffer.from(await response.arrayBuffer());
      expect(length > 0).toBe(method === 'GET');
    }
  });
});

describe('there is nothing', () => {
  test.each([
    ...[
      '',
      'x',
      'checkpoint/',
      'checkpoint?x',
      'Checkpoint',
      '../log/checkpoint/x',
      'tile/0/0',
      'tile/0/0000',
    ],
    ...[
      'tile/00/000',
      'tile/64/000',
      'tile/0/x000/000',
      'tile/0/000.p/0',
      'tile/0/000.p/256',
      'tile/0/000.p/05',
    ],
    ...['tile/0/003', 'tile/0/002', 'tile/0/002.p/255', 'tile/1/000', 'tile/2/000.p/1', 'tile/0/000?x=1'],
    ...['tile/0/%30%30%30', 'tile/-1/000', 'tile/0/x999/x999/x999/x999/x999/x999/x999/999'],
  ])('at %j', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('to write', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const response = await get('checkpoint', { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });
});

describe('entries', () => {
  test('take the token of an auditor', async () => {
    const status = async (authorization?: string) => {
      const headers = authorization === undefined ? {} : { authorization };
      return (await get('tile/entries/000', { headers })).status;
    };
    expect(await status()).toBe(401);
    expect(await status('Bearer x')).toBe(401);
    expect(await status(`Basic ${await auditor()}`)).toBe(401);
    expect(await status(`Bearer ${await issuer.token({ groups: ['sworn-admins'] })}`)).toBe(403);
    expect(await status(`Bearer ${await auditor()}`)).toBe(200);
    // Whether there is one is nobody's business either.
    expect((await get('tile/entries/009')).status).toBe(401);
    expect((await get('tile/entries/009', await withToken())).status).toBe(404);
  });

  test('are open where the settings say so', async () => {
    const open = await startOther({ openLogEntries: true });
    try {
      const response = await fetch(`${open.url}/log/tile/entries/000`);
      expect([response.status, response.headers.get('cache-control')]).toEqual([200, `public, ${FOREVER}`]);
    } finally {
      await open.close();
    }
  });

  test('of which a record is gone fail, and are not taken for others', async () => {
    // As they are: numbers must go back as they came.
    const records = database.db.collection('records', { promoteLongs: false, promoteValues: false });
    const gone = await records.findOneAndDelete({ plane: 'planes/east', seq: 300 });
    try {
      expect((await get('tile/entries/000.p/100', await withToken())).status).toBe(200);
      expect((await get('tile/entries/001', await withToken())).status).toBe(500);
    } finally {
      if (gone !== null) await records.insertOne(gone);
    }
  });
});

describe('sworn audit', () => {
  const run = (...args: string[]) =>
    home.call(['audit', ...args], { env: { SWORN_CONTROL_PLANE: plane.url } });

  test('checkpoint prints the note, or its parts', async () => {
    const { exitCode, stdout } = await run('checkpoint');
    expect(exitCode).toBe(0);
    const { origin, size } = openCheckpoint(stdout, await logKey());
    const parts = JSON.parse((await run('checkpoint', '--output', 'json')).stdout);
    const newer = openCheckpoint(parts.note, await logKey());
    expect(newer.size).toBeGreaterThanOrEqual(size);
    const root = Buffer.from(newer.root).toString('base64');
    expect(parts).toMatchObject({ origin, size: newer.size, root, signatures: [origin] });
  });

  test('key prints the verifier key', async () => {
    expect((await run('key')).stdout).toBe(await (await get('key')).text());
  });
});

describe('witnesses', () => {
  test('cosign each checkpoint, and one that is away holds up nothing', async () => {
    // A log with the key of the real one, for the witness to know.
    const key = await logKey();
    const { name } = key;
    const known = Object.defineProperty(new TestLog(name), 'key', { value: key });
    const place = createWitnessPlace([known]);
    const first = await place.start();
    const away = createWitnessPlace([known], 'away.example.org/w');
    const port = await freePort();
    const gone = await away.start(undefined, port);
    await gone.close();
    const witnesses = [first, gone].map(({ vkey, url }) => ({ key: parseNoteKey(vkey), url: new URL(url) }));
    const other = await startOther({ witnesses });
    const newest = async () => {
      const note = await (await fetch(`${other.url}/log/checkpoint`)).text();
      const { verified } = openNote(note, [key, ...witnesses.map(({ key: one }) => one)]);
      const signed = verified.filter((one) => one.key.type === 'cosignature');
      return { checkpoint: openCheckpoint(note, key), witnesses: signed };
    };
    try {
      for (const count of [3, 400]) {
        const before = (await newest()).checkpoint.size;
        await storeRecords(database, { plane: 'planes/west', epoch: 1n }, count);
        await until('a cosigned checkpoint', async () => {
          const { checkpoint: now, witnesses: signed } = await newest();
          return now.size >= before + count && signed.length === 1;
        });
      }
      const cosigned = () => place.lines.filter((line) => line.includes('"event":"cosigned"')).length;
      expect(cosigned()).toBeGreaterThanOrEqual(2);
      // A witness that was away is asked again, and gets what there is by then.
      const back = await away.start(undefined, port);
      expect(back.vkey).toBe(gone.vkey);
      await until('both cosignatures', async () => (await newest()).witnesses.length === 2);
    } finally {
      await other.close();
      await place.close();
      await away.close();
    }
  });
});
