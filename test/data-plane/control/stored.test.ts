import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { type Logger, pino } from 'pino';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { SignedSnapshotSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { Configuration } from '../../../data-plane/control/configuration.ts';
import { type Control, startControl } from '../../../data-plane/control/control.ts';
import { createSeal } from '../../../data-plane/control/seal.ts';
import { createSnapshotStore, type SnapshotStore } from '../../../data-plane/control/snapshot-store.ts';
import { IntervalKeys } from '../../../data-plane/record/interval-key.ts';
import { silent } from '../spool/env.ts';
import { JOIN_TOKEN, PlaneServer } from './plane-server.ts';

let server: PlaneServer;
let stateDirectory: string;
let started: Control[] = [];

beforeEach(async () => {
  server = new PlaneServer();
  await server.start();
  stateDirectory = await mkdtemp(join(tmpdir(), 'sworn-test-'));
});
afterEach(async () => {
  // They write to the directory that goes next.
  for (const control of started) await control.close({ deadlineMs: 0 });
  started = [];
  await server.stop();
  await rm(stateDirectory, { recursive: true, force: true });
});

async function start(logger: Logger = silent): Promise<Control> {
  const control = await startControl({
    controlPlane: server.url,
    joinToken: JOIN_TOKEN,
    stateDirectory,
    maxStalenessMs: 60_000,
    detector: createDetector(),
    version: '1.2.3',
    logger,
  });
  started.push(control);
  return control;
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 60_000, interval: 10 });
const revision = (control: Control) => control.current()?.revision;
const signed = () => server.sign({ epoch: 'e', revision: 3n });
test.each([
  ['was changed', (content: Buffer) => content.with(40, (content[40] ?? 0) ^ 1)],
  ['breaks off', (content: Buffer) => content.subarray(0, -1)],
  ['is empty', () => Buffer.of()],
  ['was never sealed', () => toBinary(SignedSnapshotSchema, signed())],
  [
    'another plane sealed',
    () => {
      const { privateKey } = generateKeyPairSync('ed25519');
      const other = createSeal({ name: 'planes/test-1', privateKey });
      return other.seal(toBinary(SignedSnapshotSchema, signed()));
    },
  ],
])(
  'a stored snapshot that %s counts as none: it is said, and the next one is waited for',
  async (_what, spoil) => {
    const first = await start();
    server.publish(signed());
    await until(() => expect(revision(first)).toBe(3n));
    await first.close({ deadlineMs: 0 });
    await server.stop();
    const path = join(stateDirectory, 'snapshot.bin');
    await writeFile(path, spoil(await readFile(path)));
    const lines: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const second = await start(logger);
    expect(second.current()).toBeUndefined();
    expect(lines.join('')).toContain('the stored snapshot cannot be used');
    expect(lines.join('')).toContain('not sealed by this plane');
    await server.start();
    await until(() => expect(revision(second)).toBe(3n));
  },
);

test('a snapshot that the disk did not take does not leave the one before it looking new', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { privateKey } = generateKeyPairSync('ed25519');
  const store = createSnapshotStore(stateDirectory, createSeal({ name: 'planes/test-1', privateKey }));
  let save: SnapshotStore['save'] = () => Promise.reject(new Error('ENOSPC: no space left on device'));
  const intervalKeys = new IntervalKeys();
  onTestFinished(() => intervalKeys.close());
  const { publicKey: snapshotKey } = server.snapshotKeys;
  const detector = createDetector();
  const common = { snapshotKey, detector, intervalKeys, maxStalenessMs: 3_600_000, logger: silent };
  const restored = async () => {
    const next = new Configuration({ ...common, store });
    await next.restore();
    return next.current()?.revision;
  };
  await new Configuration({ ...common, store }).receive(signed());
  const path = join(stateDirectory, 'snapshot.bin');
  const heardOf = new Date(Date.now() - 3_000_000);
  await utimes(path, heardOf, heardOf);

  const running = new Configuration({ ...common, store: { ...store, save: (one) => save(one) } });
  await running.restore();
  await running.receive(server.sign({ epoch: 'e', revision: 4n }));
  vi.setSystemTime(Date.now() + 120_000);
  await running.touch();
  expect(running.current()?.revision).toBe(4n);
  expect((await stat(path)).mtimeMs).toBe(heardOf.getTime());
  vi.setSystemTime(Date.now() + 600_000);
  expect(await restored()).toBeUndefined();

  save = store.save;
  await running.touch();
  expect(await restored()).toBe(4n);
});
