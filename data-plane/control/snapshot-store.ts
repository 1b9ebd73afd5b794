import { readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type SignedSnapshot, SignedSnapshotSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { replaceFile } from '../../program/replace-file.ts';
import type { Seal } from './seal.ts';

const FILE = 'snapshot.bin';
const TOUCH_INTERVAL_MS = 60_000;

/** The last good snapshot on disk, sealed: it holds credentials. Its modification time is when the control plane was last heard of. */
export interface SnapshotStore {
  /** Undefined when there is none; rejects when it cannot be read, with SealError when it does not open. */
  load(): Promise<{ signed: SignedSnapshot; contactMs: number } | undefined>;
  save(signed: SignedSnapshot): Promise<void>;
  /** The control plane was heard of now; written at most once a minute. */
  touch(nowMs: number): Promise<void>;
  /** A plane that is no longer trusted does not keep it, sealed or not. */
  remove(): Promise<void>;
}

export function createSnapshotStore(stateDirectory: string, seal: Seal): SnapshotStore {
  const path = join(stateDirectory, FILE);
  let touchedMs = Number.NEGATIVE_INFINITY;
  return {
    async load() {
      try {
        const signed = fromBinary(SignedSnapshotSchema, seal.open(await readFile(path)));
        return { signed, contactMs: (await stat(path)).mtimeMs };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async save(signed) {
      await replaceFile(path, seal.seal(toBinary(SignedSnapshotSchema, signed)));
      touchedMs = Date.now();
    },
    async touch(nowMs) {
      if (Math.abs(nowMs - touchedMs) < TOUCH_INTERVAL_MS) return;
      touchedMs = nowMs;
      await utimes(path, nowMs / 1000, nowMs / 1000);
    },
    remove: () => rm(path, { force: true }),
  };
}
