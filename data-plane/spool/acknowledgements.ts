import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../program/replace-file.ts';

const FILE = 'acknowledged.json';
const WRITE_INTERVAL_MS = 1_000;

/** Per epoch, the last seq that the control plane has stored. */
export interface Acknowledgements {
  /** The last acknowledged seq of the epoch; 0 for none. */
  get(epoch: number): number;
  set(epoch: number, seq: number): void;
  delete(epoch: number): void;
  /** Writes what has changed. */
  close(): Promise<void>;
}

/**
 * Remembers acknowledgements over restarts. It is written at most once a second, and a failure to write is
 * no harm: records handed in twice are stored once.
 */
export async function openAcknowledgements(directory: string): Promise<Acknowledgements> {
  const path = join(directory, FILE);
  const seqs = await load(path);
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = (): void => {
    timer = undefined;
    const content = JSON.stringify(Object.fromEntries(seqs));
    writing = writing.then(() => replaceFile(path, content)).catch(() => undefined);
  };
  const schedule = (): void => {
    timer ??= setTimeout(write, WRITE_INTERVAL_MS).unref();
  };

  return {
    get: (epoch) => seqs.get(epoch) ?? 0,
    set(epoch, seq) {
      seqs.set(epoch, seq);
      schedule();
    },
    delete(epoch) {
      if (seqs.delete(epoch)) schedule();
    },
    async close() {
      if (timer !== undefined) {
        clearTimeout(timer);
        write();
      }
      await writing;
    },
  };
}

async function load(path: string): Promise<Map<number, number>> {
  const seqs = new Map<number, number>();
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    for (const [epoch, seq] of Object.entries(content ?? {})) {
      if (Number.isSafeInteger(Number(epoch)) && Number.isSafeInteger(seq)) seqs.set(Number(epoch), seq);
    }
  } catch {
    // Missing or unreadable: everything in the spool is handed in again.
  }
  return seqs;
}
