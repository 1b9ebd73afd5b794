import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseNoteKey } from '#core/evidence/note/key.ts';
import { openNote } from '#core/evidence/note/verify.ts';
import type { Witness } from '../../witness/start.ts';
import { openCheckpoint } from '../env/checkpoints.ts';
import { createWitnessPlace, submit, TestLog } from './env.ts';

const NOW_S = 1_790_000_000;
let log: TestLog;
let place: ReturnType<typeof createWitnessPlace>;
let witness: Witness;
beforeEach(async () => {
  log = new TestLog();
  place = createWitnessPlace([log, new TestLog('log.example.org/two')]);
  witness = await place.start(() => NOW_S * 1000 + 999);
});
afterEach(() => place.close());

const open = (note: string) => {
  const key = parseNoteKey(witness.vkey);
  return { checkpoint: openCheckpoint(note, log.key, [key]), witnesses: openNote(note, [key]).verified };
};

describe('a checkpoint that goes on from the last one', () => {
  test('is cosigned with the time, from the first on', async () => {
    for (const [oldSize, size] of [
      [0, 3],
      [3, 3],
      [3, 8],
      [8, 300],
    ] as const) {
      const note = log.checkpoint(size);
      const { status, type, text } = await submit(witness, await log.body(oldSize, size, note));
      expect([status, type]).toEqual([200, 'text/plain; charset=utf-8']);
      expect(text).toMatch(/^— witness\.example\.org\/w1 \S+\n$/);
      const { checkpoint, witnesses } = open(note + text);
      expect([checkpoint.size, witnesses[0]?.seconds]).toEqual([size, NOW_S]);
    }
  });

  test('a tree without leaves may be the first', async () => {
    expect((await submit(witness, await log.body(0, 0))).status).toBe(200);
    expect((await submit(witness, await log.body(0, 5))).status).toBe(200);
  });

  test('with signatures of strangers beside that of the log, is cosigned; theirs are not kept', async () => {
    const note = `${log.checkpoint(3)}— stranger.example.org AAAAAAAA\n`;
    expect((await submit(witness, await log.body(0, 3, note))).status).toBe(200);
    expect(await kept()).not.toContain('stranger');
  });

  test('is what monitors get, with both signatures', async () => {
    const path = `${witness.url}/${createHash('sha256').update(log.origin).digest('hex')}/checkpoint`;
    expect((await fetch(path)).status).toBe(404);
    await submit(witness, await log.body(0, 3));
    expect(open(await (await fetch(path)).text()).checkpoint.size).toBe(3);
  });
});

describe('is refused:', () => {
  beforeEach(async () => {
    expect((await submit(witness, await log.body(0, 5))).status).toBe(200);
  });

  test('an old size other than the last one: 409 and the last size', async () => {
    for (const oldSize of [0, 4, 6]) {
      const answer = await submit(witness, await log.body(oldSize, 8));
      expect(answer).toEqual({ status: 409, type: 'text/x.tlog.size', text: '5\n' });
    }
  });

  test('a smaller tree, whatever the old size: a log that was rolled back', async () => {
    expect((await submit(witness, await log.body(5, 4))).status).toBe(400);
    expect((await submit(witness, await log.body(3, 4))).status).toBe(409);
    expect((await submit(witness, await log.body(0, 4))).status).toBe(409);
  });

  test('another tree of the same size, and one that grew from another: 422', async () => {
    const other = new TestLog(log.origin, 'other');
    other.root(8);
    for (const size of [5, 8]) {
      const answer = await submit(witness, await other.body(5, size, other.checkpoint(size, log.signer)));
      expect(answer.status).toBe(422);
    }
    expect(place.lines.join()).toContain('ALARM');
  });

  test.each([
    ['one hash changed', (body: string) => body.replace(/^(old 5\n)./, '$1Z')],
    ['one hash less', (body: string) => body.replace(/^(old 5\n)[^\n]+\n/, '$1')],
    ['one hash more', (body: string) => body.replace(/^(old 5\n)([^\n]+\n)/, '$1$2$2')],
  ])('a proof with %s: 422', async (_name, change) => {
    log.root(8);
    const body = await log.body(5, 8);
    expect(change(body)).not.toBe(body);
    expect((await submit(witness, change(body))).status).toBe(422);
  });

  test('a proof from nothing: 422', async () => {
    const two = new TestLog('log.example.org/two');
    const fresh = createWitnessPlace([two]);
    const other = await fresh.start();
    const body = (await two.body(0, 3)).replace('old 0\n', `old 0\n${'A'.repeat(43)}=\n`);
    expect((await submit(other, body)).status).toBe(422);
    await fresh.close();
  });

  test('a tree without leaves that has another root: 422', async () => {
    const two = new TestLog(log.origin);
    const empty = two.checkpoint(0, log.signer);
    // Signed as it stands, so that only the root is wrong.
    const text = `${log.origin}\n0\n${Buffer.alloc(32, 1).toString('base64')}\n`;
    const id = empty.split(' ').at(-1) ?? '';
    const signature = Buffer.concat([
      Buffer.from(id, 'base64').subarray(0, 4),
      log.signer.sign(Buffer.from(text)),
    ]);
    const note = `${text}\n— ${log.origin} ${signature.toString('base64')}\n`;
    expect((await submit(witness, `old 0\n\n${note}`)).status).toBe(422);
  });

  test('a log that is not known: 404', async () => {
    const stranger = new TestLog('log.example.org/none');
    expect((await submit(witness, await stranger.body(0, 3))).status).toBe(404);
  });

  test('a checkpoint that the log did not sign, or not so: 403', async () => {
    const stranger = new TestLog(log.origin);
    expect((await submit(witness, await stranger.body(5, 8))).status).toBe(403);
    const changed = (await log.body(5, 8)).replace(`${log.origin}\n8\n`, `${log.origin}\n9\n`);
    expect((await submit(witness, changed)).status).toBe(403);
  });

  test.each([
    ['nothing', ''],
    ['no old size', 'x\n\nlog\n1\nx\n'],
    ['an old size with a zero before it', 'old 05\n\n'],
    ['a negative old size', 'old -5\n\n'],
    ['no checkpoint', 'old 5\n\n'],
    ['a proof that is no base64', 'old 5\n!\n\nx'],
    ['a hash of 31 bytes', `old 5\n${Buffer.alloc(31).toString('base64')}\n\nx`],
    ['64 lines of proof', `old 5\n${`${'A'.repeat(43)}=\n`.repeat(64)}\nx`],
  ])('%s: 400', async (_name, body) => {
    expect((await submit(witness, body)).status).toBe(400);
  });

  test('a body that is too large: 413; other methods and paths', async () => {
    expect((await submit(witness, 'x'.repeat(100_000))).status).toBe(413);
    expect((await fetch(`${witness.url}/add-checkpoint`)).status).toBe(405);
    expect((await fetch(`${witness.url}/`)).status).toBe(404);
    expect((await fetch(`${witness.url}/healthz/ready`)).status).toBe(200);
  });

  afterEach(async () => {
    // Whatever was sent, the witness still has the last good one.
    expect(await kept()).toMatch(new RegExp(`^${log.origin}\n5\n`));
  });
});

describe('what it keeps', () => {
  test('outlives a restart, so that a log that was rolled back meanwhile is found out', async () => {
    await submit(witness, await log.body(0, 8));
    await witness.close();
    const again = await place.start();
    expect(again.vkey).toBe(witness.vkey);
    expect(await submit(again, await log.body(0, 5))).toMatchObject({ status: 409, text: '8\n' });
  });

  test('gone, with its key still there, keeps it from starting: it would cosign any tree', async () => {
    await submit(witness, await log.body(0, 8));
    await witness.close();
    await rm(join(place.stateDirectory, 'logs'), { recursive: true });
    await expect(place.start()).rejects.toThrow(/logs is gone, and with it what this witness has cosigned/);
  });

  // Each would cosign another tree of the same size, and neither know of it. Only Linux has a lock.
  test.skipIf(process.platform !== 'linux')('is of one process at a time', async () => {
    await expect(place.start()).rejects.toThrow('another witness runs on the state directory');
    await witness.close();
    expect((await submit(await place.start(), await log.body(0, 5))).status).toBe(200);
  });

  test('is its own: key, name for logs, and checkpoints', async () => {
    await submit(witness, await log.body(0, 8));
    expect((await readdir(place.stateDirectory)).sort()).toEqual(['logs', 'witness.key', 'witness.vkey']);
    expect((await stat(join(place.stateDirectory, 'witness.key'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(place.stateDirectory, 'witness.vkey'), 'utf8')).toBe(`${witness.vkey}\n`);
  });

  test('damaged, keeps it from cosigning and from starting', async () => {
    await submit(witness, await log.body(0, 5));
    await writeFile(await keptPath(), (await kept()).replace('\n5\n', '\n4\n'));
    expect((await submit(witness, await log.body(4, 8))).status).toBe(500);
    await witness.close();
    await expect(place.start()).rejects.toThrow(
      /is not a checkpoint that witness\.example\.org\/w1 cosigned/,
    );
  });

  test('of many submissions at once, each is decided against the one before', async () => {
    const bodies = await Promise.all([3, 5, 8, 13, 21].map((size) => log.body(0, size)));
    const answers = await Promise.all(bodies.map((body) => submit(witness, body)));
    const good = answers.filter(({ status }) => status === 200);
    expect(good).toHaveLength(1);
    const [size] = /(?<=\n)\d+(?=\n)/.exec(await kept()) ?? [];
    const conflicts = answers.filter(({ status }) => status === 409);
    expect(conflicts.map(({ text }) => text)).toEqual(Array(4).fill(`${size}\n`));
  });
});

async function keptPath(): Promise<string> {
  const hash = createHash('sha256').update(log.origin).digest('hex');
  return join(place.stateDirectory, 'logs', `${hash}.checkpoint`);
}

async function kept(): Promise<string> {
  return await readFile(await keptPath(), 'utf8');
}
