import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { type Logger, pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { SignedSnapshotSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { type Control, startControl } from '../../../data-plane/control/control.ts';
import { createSeal } from '../../../data-plane/control/seal.ts';
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
