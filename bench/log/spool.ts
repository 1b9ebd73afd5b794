import { randomBytes } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { openSpool } from '../../data-plane/spool/spool.ts';

/** About what a record and a sealed prompt or answer have. */
const RECORD_BYTES = 450;
const PROMPT_BYTES = 1_900;
const ANSWER_BYTES = 3_000;
/** Exchanges before anything is measured, at each number of concurrent ones. */
const WARM_UP = 50;
/** The disk is measured between slices of the exchanges: it changes its mind within seconds. */
const SLICES = 10;
const SYNCS_A_SLICE = 50;

/** What recording adds to an exchange, in milliseconds. */
export interface SpoolFigures {
  readonly concurrent: number;
  /** The disk's own time for making an entry durable. */
  readonly syncs: readonly number[];
  /** Of each exchange, the time of its durable intent and outcome together. */
  readonly added: readonly number[];
  /** Entries that one sync of the disk made durable, on average. */
  readonly entriesPerSync: number;
  readonly exchangesPerSecond: number;
}

/** Exchanges that do nothing but record: intent durable, outcome durable, the next one; so many at a time. */
export async function measureSpool(
  directory: string,
  concurrent: number,
  durationMs: number,
): Promise<SpoolFigures> {
  let epoch = 0;
  const spool = await openSpool({
    directory: join(directory, `spool-${concurrent}`),
    nextEpoch: async (atLeast) => {
      epoch = Math.max(epoch, atLeast) + 1;
      return epoch;
    },
    onRecovered: () => ({}),
    logger: pino({ level: 'silent' }),
  });
  const [record, prompt, answer] = [RECORD_BYTES, PROMPT_BYTES, ANSWER_BYTES].map((bytes) =>
    randomBytes(bytes),
  );
  const exchange = async (name: string): Promise<void> => {
    const intent = { record: record ?? Buffer.alloc(1), payload: prompt ?? Buffer.alloc(0) };
    const outcome = { record: record ?? Buffer.alloc(1), payload: answer ?? Buffer.alloc(0) };
    await spool.append(() => intent, { opens: name });
    await spool.append(() => outcome, { closes: name });
  };
  try {
    await Promise.all(
      Array.from({ length: concurrent }, async (_, worker) => {
        for (let n = 0; n < WARM_UP / concurrent; n++) await exchange(`warm/${worker}/${n}`);
      }),
    );
    const groups = spool.groups;
    const added: number[] = [];
    const syncs: number[] = [];
    let tookMs = 0;
    for (let slice = 0; slice < SLICES; slice++) {
      syncs.push(...measureSync(directory));
      const beginMs = performance.now();
      await Promise.all(
        Array.from({ length: concurrent }, async (_, worker) => {
          for (let n = 0; performance.now() - beginMs < durationMs / SLICES; n++) {
            const startMs = performance.now();
            await exchange(`${slice}/${worker}/${n}`);
            added.push(performance.now() - startMs);
          }
        }),
      );
      tookMs += performance.now() - beginMs;
    }
    return {
      concurrent,
      syncs,
      added,
      entriesPerSync: (2 * added.length) / (spool.groups - groups),
      exchangesPerSecond: (added.length / tookMs) * 1_000,
    };
  } finally {
    await spool.close();
  }
}

/** A write at the end of a file, then fdatasync, again and again; in milliseconds. */
function measureSync(directory: string): number[] {
  const file = openSync(join(directory, 'sync'), 'a');
  const bytes = randomBytes(RECORD_BYTES + PROMPT_BYTES);
  const times = Array.from({ length: SYNCS_A_SLICE }, () => {
    const startMs = performance.now();
    writeSync(file, bytes);
    fdatasyncSync(file);
    return performance.now() - startMs;
  });
  closeSync(file);
  return times;
}
