import { mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import {
  type EncodeEntry,
  openSpool,
  type Spool,
  type SpoolOptions,
} from '../../../data-plane/spool/spool.ts';

export const silent = pino({ level: 'silent' });

/** A directory that goes when the test ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sworn-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A spool whose epochs count up from what is there, and which is closed when the test ends. */
export async function openTestSpool(
  directory: string,
  options: Partial<SpoolOptions> = {},
): Promise<Spool & { recovered: string[] }> {
  const recovered: string[] = [];
  const spool = await openSpool({
    directory,
    nextEpoch: async (atLeast) => atLeast + 1,
    onRecovered: ({ record }) => {
      recovered.push(Buffer.from(record).toString());
      return {};
    },
    logger: silent,
    reserveBytes: 64 * 1024,
    ...options,
  });
  onTestFinished(() => spool.close());
  return Object.defineProperties({ recovered } as Spool & { recovered: string[] }, {
    ...Object.getOwnPropertyDescriptors(spool),
    recovered: { value: recovered },
  });
}

/** An entry whose record says where it stands. */
export function entry(text: string, payload = ''): EncodeEntry {
  return ({ epoch, seq }) => ({
    record: Buffer.from(`${epoch}/${seq} ${text}`),
    payload: Buffer.from(payload),
  });
}

/** Reads and acknowledges everything; the records' texts. */
export async function drain(spool: Spool, maxEntries = 1000): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const batch = await spool.read({ maxEntries, maxBytes: 1024 * 1024 });
    if (batch === undefined) return texts;
    texts.push(...batch.entries.map(({ record }) => Buffer.from(record).toString()));
    spool.acknowledge(batch.epoch, batch.firstSeq + batch.entries.length - 1);
  }
}

/** Lets every read of the file fail with EIO, until what it returns is called. Nothing may be written to it meanwhile. */
export async function breakReads(path: string): Promise<() => Promise<void>> {
  await rename(path, `${path}.kept`);
  await symlink('/proc/self/mem', path);
  return () => rename(`${path}.kept`, path);
}
