import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Frontier } from '#core/evidence/merkle/frontier.ts';
import { leafHash } from '#core/evidence/merkle/hash.ts';
import { consistencyProof } from '#core/evidence/merkle/prove.ts';
import { rootOf } from '#core/evidence/merkle/root.ts';
import { verifyConsistency } from '#core/evidence/merkle/verify.ts';
import { growTiles } from '#core/evidence/tiles/grow.ts';
import { readNodes } from '#core/evidence/tiles/read.ts';
import { advanceLog } from '../../../control-plane/log/advance.ts';
import { readLeaves } from '../../../control-plane/log/entries.ts';
import { openLog } from '../../../control-plane/log/open.ts';
import { tileReader } from '../../../control-plane/log/tree.ts';
import { endAbandonedTransactions } from '../../../control-plane/storage/abandoned.ts';
import type { StoredCheckpoint } from '../../../control-plane/storage/log/checkpoints.ts';
import { findLog } from '../../../control-plane/storage/log/log.ts';
import { findTile } from '../../../control-plane/storage/log/log-tiles.ts';
import { openCheckpoint } from '../../env/checkpoints.ts';
import { until } from '../../env/until.ts';
import { type LogStore, openLogStore, storeRecords } from './env.ts';

const SEQUENCERS = 5;
const KILLS = Number(process.env['SWORN_CRASH_ROUNDS'] ?? 15);
/** From one kill to the next, at most: short enough that some fall into the start, some into a transaction. */
const MAX_LIFE_MS = 500;
const PLANES = 4;
/** Fewer say little. */
const MIN_CHECKPOINTS = 5;

let store: LogStore;
const children = new Set<ChildProcess>();
beforeAll(async () => {
  store = await openLogStore({ own: true });
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await store.close();
});

function spawnSequencer(stateDirectory: string): ChildProcess {
  const script = join(import.meta.dirname, 'sequencer.ts');
  const given = [store.uri, store.name, stateDirectory, store.masterKey.toString('hex')];
  const words = ['--disable-warning=ExperimentalWarning', script, ...given];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

test('one that dies within its transaction holds up the others for seconds, and leaves nothing', async () => {
  await store.clear();
  const context = store.replica();
  const log = await openLog(context);
  const script = join(import.meta.dirname, 'abandoned.ts');
  const words = ['--disable-warning=ExperimentalWarning', script, store.uri, store.name];
  const child = spawn(process.execPath, words, { stdio: 'inherit' });
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
  await storeRecords(store.database, { plane: 'planes/1', epoch: 1n }, 5);
  expect(await advanceLog(context, undefined)).toMatchObject({ added: 0, isBeaten: true });
  let ended = 0;
  await until(
    'the transaction to be ended',
    async () => {
      ended += await endAbandonedTransactions(store.database);
      return ended > 0;
    },
    // The server itself takes a minute.
    40_000,
  );
  expect(await advanceLog(context, log.signer.signed)).toMatchObject({ added: 5 });
});

test('five sequencers that are killed again and again make one log', async () => {
  await store.clear();
  // One state directory, so that the memory is shared by processes that die while they write it.
  const context = store.replica();
  const { settings } = context;
  const log = await openLog(context);
  const start = () => spawnSequencer(settings.stateDirectory);
  for (let n = 0; n < SEQUENCERS; n++) start();
  await Promise.all([...children].map(({ stdout }) => stdout && once(stdout, 'data')));

  let stored = 0;
  let isOver = false;
  const writers = Array.from({ length: PLANES }, async (_, n) => {
    for (let epoch = 1n; !isOver; epoch++) {
      for (let batch = 0; batch < 20 && !isOver; batch++) {
        const count = 1 + Math.floor(Math.random() * 30);
        await storeRecords(store.database, { plane: `planes/${n}`, epoch }, count);
        stored += count;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
      }
    }
  });
  const all = () =>
    store.database.db.collection<StoredCheckpoint>('checkpoints').find().sort({ _id: 1 }).toArray();
  // On a busy machine most die in their start.
  for (let kill = 0; kill < KILLS || (await all()).length <= MIN_CHECKPOINTS; kill++) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * MAX_LIFE_MS));
    const [victim] = [...children].sort(() => Math.random() - 0.5);
    victim?.kill('SIGKILL');
    start();
  }
  isOver = true;
  await Promise.all(writers);
  const size = async () => (await findLog(store.database))?.head.size;
  await until('all records to be leaves', async () => (await size()) === stored);
  await until('the checkpoint of all', async () => Number((await all()).at(-1)?._id) === stored);
  for (const child of children) child.kill('SIGTERM');

  // Every record is a leaf, once, and those of an epoch stand in their order.
  const leaves = (await readLeaves(store.database, 0, stored)) ?? [];
  const texts = leaves.map((bytes) => Buffer.from(bytes).toString().trimEnd());
  expect(new Set(texts).size).toBe(stored);
  const next = new Map<string, number>();
  for (const [plane, epoch, seq] of texts.map((text) => text.split(' '))) {
    const key = `${plane} ${epoch}`;
    expect(Number(seq)).toBe((next.get(key) ?? 0) + 1);
    next.set(key, Number(seq));
  }

  // Every checkpoint is of the tree of the first so many records, and goes on from the one before.
  const hashes = leaves.map(leafHash);
  const checkpoints = (await all()).map(({ note }) => openCheckpoint(note, log.key));
  expect(checkpoints.length).toBeGreaterThan(MIN_CHECKPOINTS);
  const read = readNodes(stored, tileReader(store.database));
  const frontier = new Frontier();
  for (const [at, checkpoint] of checkpoints.entries()) {
    for (const hash of hashes.slice(frontier.size, checkpoint.size)) frontier.append(hash);
    expect(Buffer.from(checkpoint.root)).toEqual(Buffer.from(frontier.root()));
    for (const from of checkpoints.slice(0, at)) {
      verifyConsistency({
        from,
        to: checkpoint,
        proof: await consistencyProof(from.size, checkpoint.size, read),
      });
    }
  }

  // The tiles are those that the records give.
  for (const { id, bytes } of await growTiles(0, hashes, () => Buffer.alloc(0))) {
    expect(await findTile(store.database, id)).toEqual(Buffer.from(bytes));
  }
  expect(Buffer.from((await findLog(store.database))?.head.root ?? [])).toEqual(rootOf(hashes));
});
