import { hash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code } from '@connectrpc/connect';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import type { SignedHead } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { type Control, type ControlOptions, startControl } from '../../../data-plane/control/control.ts';
import { silent } from '../spool/env.ts';
import { JOIN_TOKEN, PlaneServer, type Stored } from './plane-server.ts';

const { EPOCH_BEGIN, EPOCH_END, INTENT, OUTCOME } = RecordKind;
const PLANE = 'planes/test-1';
const detector = createDetector();
let server: PlaneServer;
let stateDirectory: string;
let started: Control[] = [];

beforeEach(async () => {
  server = new PlaneServer();
  await server.start();
  server.publish(server.sign({ epoch: 'e', revision: 1n }));
  stateDirectory = await mkdtemp(join(tmpdir(), 'sworn-test-'));
});
afterEach(async () => {
  // They write to the directory that goes next.
  for (const control of started) await control.close({ deadlineMs: 0 });
  started = [];
  await server.stop();
  await rm(stateDirectory, { recursive: true, force: true });
});

async function start(more: Partial<ControlOptions> = {}): Promise<Control> {
  const control = await startControl({
    controlPlane: server.url,
    joinToken: JOIN_TOKEN,
    stateDirectory,
    maxStalenessMs: 60_000,
    version: '1.2.3',
    detector,
    logger: silent,
    ...more,
  });
  started.push(control);
  return control;
}

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 60_000, interval: 10 });
const intent = (id: string) => ({ kind: INTENT, exchange: `exchanges/${id}` });
const outcome = (id: string) => ({ kind: OUTCOME, exchange: `exchanges/${id}` });
/** What the server has, without the beginnings of epochs. */
const exchanges = () =>
  server.records.filter(({ kind }) => kind !== EPOCH_BEGIN).map(({ exchange }) => exchange);
const named = (...ids: string[]) => ids.map((id) => `exchanges/${id}`);

describe('records', () => {
  test('are handed in in the background, in order and once', async () => {
    const control = await start();
    for (const id of ['1', '2', '3']) await control.recorder.write(intent(id));
    await until(() => expect(exchanges()).toEqual(named('1', '2', '3')));
    await until(() => expect(control.recorder.depth).toBe(0));
    expect(control.receiptFault).toBeUndefined();
  });

  test('wait while the control plane is away, and block nobody', async () => {
    const control = await start();
    await until(() => expect(control.recorder.depth).toBe(0));
    await server.stop();
    await Promise.all(
      Array.from({ length: 2_500 }, (_, index) => control.recorder.write(intent(`${index}`))),
    );
    expect(control.recorder.depth).toBe(2_500);
    await server.start();
    await until(() => expect(exchanges()).toHaveLength(2_500));
    expect(Math.max(...server.batches)).toBeLessThanOrEqual(1_000);
    await until(() => expect(control.recorder.depth).toBe(0));
  });

  test('wait for a configuration with a receipt key, and go then', async () => {
    server = new PlaneServer();
    await server.start();
    const control = await start();
    await control.recorder.write(intent('1'));
    await until(() => expect(control.connected).toBe(true));
    expect(server.records).toEqual([]);
    server.publish(server.sign({ epoch: 'e', revision: 1n }));
    await until(() => expect(control.recorder.depth).toBe(0));
    expect(exchanges()).toEqual(named('1'));
  });

  test('what a stopped plane had not handed in goes at its next start, with open exchanges closed', async () => {
    const first = await start();
    await until(() => expect(first.recorder.depth).toBe(0));
    await server.stop();
    await first.recorder.write(intent('1'));
    await first.recorder.write(outcome('1'));
    await first.recorder.write(intent('2'));
    await first.close({ deadlineMs: 200 });
    await server.start();
    await start();
    await until(() =>
      expect(server.records.map(({ epoch, seq, kind, exchange }) => [epoch, seq, kind, exchange])).toEqual([
        [1n, 1n, EPOCH_BEGIN, ''],
        [1n, 2n, INTENT, 'exchanges/1'],
        [1n, 3n, OUTCOME, 'exchanges/1'],
        [1n, 4n, INTENT, 'exchanges/2'],
        [1n, 5n, EPOCH_END, ''],
        [2n, 1n, EPOCH_BEGIN, ''],
        [2n, 2n, OUTCOME, 'exchanges/2'],
      ]),
    );
    expect(server.records[5]?.previous).toMatchObject({ plane: PLANE, epoch: 1n, seq: 5n });
  });

  test('closing ends the epoch and hands in what is there', async () => {
    const control = await start();
    await until(() => expect(control.connected).toBe(true));
    await Promise.all(Array.from({ length: 50 }, (_, index) => control.recorder.write(intent(`${index}`))));
    await control.close({ deadlineMs: 5_000 });
    expect(server.records).toHaveLength(52);
    expect(server.records.at(-1)?.kind).toBe(EPOCH_END);
    await expect(control.recorder.write(intent('late'))).rejects.toMatchObject({ code: 'closed' });
  });

  test('are handed in when a plane closes, however long the control plane was away before', async () => {
    let failures = 0;
    const onLine = (line: string) => {
      if (line.includes('records cannot be handed in')) failures += 1;
    };
    const control = await start({ logger: pino({ level: 'warn' }, { write: onLine }) });
    await until(() => expect(control.recorder.depth).toBe(0));
    await server.stop();
    await control.recorder.write(intent('1'));
    // From now on at least two seconds pass until it tries again.
    await until(() => expect(failures).toBe(5));
    await server.start();
    await control.close({ deadlineMs: 1_500 });
    expect(exchanges()).toEqual(['exchanges/1', '']);
  });

  test('records that the control plane has lost are handed in again where they are still here', async () => {
    const control = await start();
    await control.recorder.write(intent('1'));
    await control.recorder.write(intent('2'));
    await until(() => expect(control.recorder.depth).toBe(0));
    server.stored.get(1n)?.splice(1);
    await control.recorder.write(intent('3'));
    await until(() => expect(exchanges()).toEqual(named('1', '2', '3')));
  });

  test('a conflict holds back its epoch and no other', async () => {
    const control = await start();
    await control.recorder.write(intent('1'));
    await until(() => expect(exchanges()).toEqual(named('1')));
    const [stored] = server.stored.get(1n) ?? [];
    if (stored !== undefined)
      server.stored.get(1n)?.push({ ...stored, bytes: Buffer.from('another record') });
    await control.recorder.write(intent('2'));
    await until(async () => {
      await control.recorder.write(intent('3'));
      expect(server.records.some(({ epoch, seq }) => epoch === 2n && seq > 1n)).toBe(true);
    });
    expect(exchanges()).not.toContain('exchanges/2');
    expect(control.recorder.depth).toBeGreaterThanOrEqual(1);
  });

  test('what was held back is handed in when the control plane is back with what it missed', async () => {
    const control = await start();
    await control.recorder.write(intent('1'));
    await until(() => expect(exchanges()).toEqual(named('1')));
    const stored = server.stored.get(1n) ?? [];
    stored.push({ ...(stored[0] as Stored), bytes: Buffer.from('another record') });
    await control.recorder.write(intent('2'));
    await until(() => expect(control.recorder.suspended).toBe(1));
    const restart = async (): Promise<void> => {
      await server.stop();
      await server.start();
    };
    // It is still as it was: no other epoch is held up.
    await restart();
    await control.recorder.write(intent('3'));
    await until(() => expect(exchanges()).toContain('exchanges/3'));
    expect(control.recorder.suspended).toBe(1);
    stored.splice(2);
    await restart();
    await until(() => expect(control.recorder.depth).toBe(0));
    expect(exchanges().toSorted()).toEqual(named('1', '2', '3'));
    expect(control.recorder.suspended).toBe(0);
  });

  test('a batch that is too large for the control plane goes one by one', async () => {
    const control = await start();
    server.batchMaxEntries = 1;
    await Promise.all(['1', '2', '3'].map((id) => control.recorder.write(intent(id))));
    await until(() => expect(exchanges()).toHaveLength(3));
  });

  test('batches that are too large become as small as they must be, and large again', async () => {
    const control = await start();
    const handIn = async (records: number, batchMaxEntries: number): Promise<void> => {
      await until(() => expect(control.recorder.depth).toBe(0));
      await server.stop();
      await Promise.all(Array.from({ length: records }, (_, id) => control.recorder.write(intent(`${id}`))));
      Object.assign(server, { batchMaxEntries, batches: [], tooLarge: 0 });
      await server.start();
      await until(() => expect(control.recorder.depth).toBe(0));
    };
    await handIn(1_500, 100);
    expect(server.batches.length + server.tooLarge).toBeLessThan(40);
    await handIn(3_000, 1_000);
    expect(server.tooLarge).toBe(0);
    expect(Math.max(...server.batches)).toBeGreaterThan(300);
  });
});

describe('a batch', () => {
  test.each([
    ['does not come through in its time', Code.DeadlineExceeded],
    ['makes the control plane fail', Code.Internal],
  ])('that %s goes in smaller ones', async (_what, batchRefusal) => {
    const control = await start();
    await until(() => expect(control.recorder.depth).toBe(0));
    Object.assign(server, { batchMaxEntries: 2, batchRefusal });
    await Promise.all(Array.from({ length: 8 }, (_, id) => control.recorder.write(intent(`${id}`))));
    await until(() => expect(control.recorder.depth).toBe(0));
    expect(exchanges()).toHaveLength(8);
  });

  test('has time on a slow line for a large record, and no more than a call to the control plane may have', async () => {
    const control = await start();
    await until(() => expect(control.recorder.depth).toBe(0));
    const handIn = async (bytes: number): Promise<number> => {
      const seal = await control.recorder.seal('exchanges/1');
      await control.recorder.write(intent('1'), await seal?.prompt({ body: randomBytes(bytes) }));
      await until(() => expect(control.recorder.depth).toBe(0));
      return server.batchTimeoutsMs.at(-1) ?? 0;
    };
    const shortMs = await handIn(100);
    const bytes = 16_000_000;
    const timeMs = (await handIn(bytes)) - shortMs;
    // At 1 Mbit/s.
    expect(timeMs).toBeGreaterThanOrEqual(bytes / 125);
    const largest = 64 * 1024 * 1024;
    expect(shortMs + (timeMs / bytes) * largest).toBeLessThan(600_000);
  });
});

describe('heads', () => {
  // The server refuses what is not signed by the plane or is not the head of its batch.
  test('come signed with each batch and each report, and name the newest record', async () => {
    const control = await start();
    await until(() => expect(control.recorder.depth).toBe(0));
    await control.recorder.write(intent('1'));
    await until(() => expect(control.recorder.depth).toBe(0));
    server.publish(server.sign({ epoch: 'e', revision: 2n }));
    await until(() => expect(server.reports.at(-1)?.appliedRevision).toBe(2n));
    const newest = hash('sha256', server.stored.get(1n)?.at(-1)?.bytes ?? '', 'buffer');
    for (const signed of [server.heads.at(-1), server.reports.at(-1)?.head]) {
      expect(signed?.head).toMatchObject({ plane: PLANE, epoch: 1n, seq: 2n });
      expect(Buffer.from(signed?.head?.digest ?? [])).toEqual(newest);
    }
  });

  test('go on coming when nothing happens', async () => {
    const control = await start({ reportIntervalMs: 20 });
    await until(() => expect(server.reports.length).toBeGreaterThanOrEqual(4));
    const [first, last] = [server.reports.at(1), server.reports.at(-1)];
    expect(last?.head?.head).toEqual(first?.head?.head);
    expect(last?.head?.signature).not.toEqual(first?.head?.signature);
    expect(control.recorder.failure).toBeUndefined();
  });
});

describe('a receipt', () => {
  const spoilt: readonly (readonly [string, string, (receipt: SignedHead) => SignedHead | undefined])[] = [
    ['is missing', 'missing', () => undefined],
    ['is of another plane', 'other_place', (receipt) => withHead(receipt, { plane: 'planes/other' })],
    ['is of another epoch', 'other_place', (receipt) => withHead(receipt, { epoch: 7n })],
    ['names another record', 'other_place', (receipt) => withHead(receipt, { seq: 9n })],
    ['was changed', 'bad_signature', (receipt) => withHead(receipt, { digest: Buffer.alloc(32, 1) })],
    ['is none', 'bad_signature', (receipt) => withHead(receipt, { digest: Buffer.alloc(31) })],
    [
      'is for a record that is not this one',
      'other_record',
      ({ head }) => server.receipt(PLANE, head?.epoch ?? 0n, Buffer.alloc(32, 1)),
    ],
    [
      'is signed by somebody else',
      'bad_signature',
      ({ head }) =>
        Object.assign(new PlaneServer(), { stored: server.stored }).receipt(PLANE, head?.epoch ?? 0n),
    ],
  ];
  test.each(spoilt)('that %s removes nothing, and is said', async (_what, fault, spoil) => {
    const lines: string[] = [];
    const logger = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
    server.spoilReceipt = spoil;
    const control = await start({ logger });
    await control.recorder.write(intent('1'));
    await until(() => expect(control.receiptFault?.code).toBe(fault));
    await until(() => expect(exchanges()).toEqual(named('1')));
    expect(control.recorder.depth).toBe(2);
    expect(lines.join('')).toContain('the receipt for records is wrong');
    server.spoilReceipt = (receipt) => receipt;
    await until(() => expect(control.recorder.depth).toBe(0));
    expect(control.receiptFault).toBeUndefined();
    expect(exchanges()).toEqual(named('1'));
  });

  test('may be for more than was sent now, where an answer got lost', async () => {
    server.spoilReceipt = () => undefined;
    const control = await start();
    for (const id of ['1', '2']) await control.recorder.write(intent(id));
    await until(() => expect(exchanges()).toEqual(named('1', '2')));
    // The plane now sends the first one alone, and hears that all three are there.
    server.batchMaxEntries = 1;
    server.spoilReceipt = ({ head }) => server.receipt(PLANE, head?.epoch ?? 0n, Buffer.alloc(32, 1));
    await until(() => expect(control.receiptFault?.code).toBe('other_record'));
    expect(control.recorder.depth).toBe(3);
    server.spoilReceipt = (receipt) => receipt;
    await until(() => expect(control.recorder.depth).toBe(0));
    expect(server.batches.at(-1)).toBe(1);
  });
});

function withHead(receipt: SignedHead, changed: Partial<NonNullable<SignedHead['head']>>): SignedHead {
  if (receipt.head === undefined) throw new Error('a receipt has a head');
  return { ...receipt, head: { ...receipt.head, ...changed } };
}
