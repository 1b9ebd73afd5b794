import { hash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { PRIVATE_FOLDER_MODE, syncFolder } from '../../program/replace-file.ts';
import { openAcknowledgements } from './acknowledgements.ts';
import { Backlog } from './backlog.ts';
import { openClosings } from './closings.ts';
import type { EntryMarks, SpoolEntry } from './entry.ts';
import { openHeadFile } from './head-file.ts';
import type { EncodeBegin, EncodeEntry, SpoolHead } from './place.ts';
import type { BatchLimits, SpoolBatch } from './read.ts';
import { recoverSegments } from './segment.ts';
import { LOW_WATER_BYTES, RESERVE_BYTES, Space } from './space.ts';
import { Writer } from './writer.ts';

export type { EntryMarks, SpoolEntry } from './entry.ts';
export type { EncodeBegin, EncodeEntry, EntryPlace, SpoolHead } from './place.ts';
export type { BatchLimits, SpoolBatch } from './read.ts';

const SEGMENT_BYTES = 32 * 1024 * 1024;
/** How often the segment that is written to is given up when all of it is handed in. */
const ROTATE_MS = 30_000;
/** How often segments whose files are gone are looked for, and room is made on a disk that has little. */
const WATCH_INTERVAL_MS = 1_000;

/** Records and payloads on local disk until the control plane has stored them. */
export interface Spool {
  /**
   * Resolves when the entry is durable. Rejects with a SpoolError when it is not, and it is then nowhere in
   * the spool; later appends try again. Entries come to stand in the order of the calls. Nothing in the spool
   * depends on the time of day.
   */
  append(encode: EncodeEntry, marks?: EntryMarks): Promise<void>;
  /**
   * The oldest entries that are not acknowledged; undefined when there are none to hand out. Rejects with the SpoolError
   * `read_failed` when the disk does not give them now.
   */
  read(limits: BatchLimits): Promise<SpoolBatch | undefined>;
  /** The entry, while it is here and can be read; undefined otherwise. */
  find(epoch: number, seq: number): Promise<SpoolEntry | undefined>;
  /** The control plane has stored all entries of the epoch up to `seq`: what nothing else needs is removed. */
  acknowledge(epoch: number, seq: number): void;
  /** Hands out the epoch's entries from `seq` on again. False when they are no longer all here. */
  rewind(epoch: number, seq: number): boolean;
  /** Keeps the epoch's entries but hands them out no more, until they are to be tried again. Later appends get a new epoch. */
  suspend(epoch: number): void;
  /** Hands out suspended epochs again; each is suspended until one of its entries is acknowledged. */
  retrySuspended(): void;
  /** Whether the exchange has begun and has not ended; also of exchanges that an earlier run left. */
  isOpen(exchange: string): boolean;
  /** Calls `listener` after each group of entries has become durable. */
  listen(listener: () => void): void;
  /** The newest durable entry. */
  readonly head: SpoolHead | undefined;
  /** Entries not yet acknowledged. */
  readonly depth: number;
  /** Bytes on disk. */
  readonly bytes: number;
  /** How many groups were written: each cost one sync of the disk. */
  readonly groups: number;
  /** Too little space is left: appends that open an exchange are refused with `low_space`, until there is more. */
  readonly lowSpace: boolean;
  /** Why appends fail; undefined while they do not. */
  readonly failure: Error | undefined;
  /** Why entries could not be read last; undefined when they could. */
  readonly readFailure: Error | undefined;
  /** How many epochs are suspended: by a call, or because their entries are damaged or gone. */
  readonly suspended: number;
  /** Makes what waits durable and closes. */
  close(): Promise<void>;
}

export interface SpoolOptions {
  readonly directory: string;
  /** Takes the next epoch, above `atLeast`, from a durable counter. Called at each start. */
  readonly nextEpoch: (atLeast: number) => Promise<number>;
  /** Makes the first entry of each epoch; without it that is the first one appended. */
  readonly beginEpoch?: EncodeBegin;
  /** Called at the start for each entry that an earlier run left. */
  readonly onRecovered: (entry: SpoolEntry) => EntryMarks;
  readonly logger: Logger;
  /** A segment that has this many bytes gets a successor; 32 MiB. */
  readonly segmentBytes?: number;
  /** How often, in milliseconds, the segment that is written to may go when all of it is handed in; 30 s. */
  readonly rotateMs?: number;
  /** Free space on the directory's file system below which no exchange begins; 512 MiB. */
  readonly lowWaterBytes?: number;
  /** Space that is kept for what ends exchanges when the disk is full; 8 MiB. */
  readonly reserveBytes?: number;
}

/**
 * Opens the spool: reads what an earlier run left, cuts what a crash tore, begins a new epoch. Rejects with
 * the error of the system when the directory cannot be read or written.
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { directory, logger } = options;
  await mkdir(directory, { recursive: true, mode: PRIVATE_FOLDER_MODE });
  await syncFolder(dirname(directory));

  let writer: Writer | undefined;
  const listeners: (() => void)[] = [];
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const acknowledged = await openAcknowledgements(directory);
  const closings = await openClosings(directory);
  const headFile = openHeadFile(directory);
  const kept = await headFile.read();
  let head = (): SpoolHead | undefined => kept;
  const keepHead = async () => {
    const newest = head();
    if (newest !== undefined) await headFile.keep(newest);
  };
  const backlog = new Backlog(acknowledged, closings, keepHead, logger, (epoch) => writer?.leaveEpoch(epoch));
  let newest: { readonly epoch: number; readonly seq: number; readonly record: Uint8Array } | undefined;
  const recovered = await recoverSegments(
    directory,
    {
      entry: (segment, seq, entry) => {
        newest = { epoch: segment.epoch, seq, record: entry.record };
        backlog.mark(segment, options.onRecovered(entry));
      },
      stray: (segment, entry) => backlog.mark(segment, options.onRecovered(entry)),
    },
    logger,
  );
  const recoveredHead = newerOf(
    kept,
    newest && { ...newest, digest: hash('sha256', newest.record, 'buffer') },
  );
  head = () => recoveredHead;
  let lastEpoch = Math.max(recovered.at(-1)?.epoch ?? 0, recoveredHead?.epoch ?? 0);
  backlog.add(recovered);
  if (newest !== undefined) {
    logger.info(
      { records: backlog.depth, epoch: newest.epoch, seq: newest.seq },
      'spool has records of an earlier run',
    );
  }

  const space = new Space({
    directory,
    lowWaterBytes: options.lowWaterBytes ?? LOW_WATER_BYTES,
    reserveBytes: options.reserveBytes ?? RESERVE_BYTES,
    logger,
  });
  await space.open();
  writer = new Writer(
    {
      directory,
      segmentBytes: options.segmentBytes ?? SEGMENT_BYTES,
      nextEpoch: async () => {
        lastEpoch = await options.nextEpoch(lastEpoch);
        return lastEpoch;
      },
      beginEpoch: options.beginEpoch,
      recovered: recoveredHead,
      logger,
      onDurable: tell,
    },
    backlog,
    space,
  );
  await writer.open();
  const opened = writer;
  head = () => opened.head;
  const rotation = setInterval(() => opened.rotate(), options.rotateMs ?? ROTATE_MS).unref();
  const watch = setInterval(() => {
    if (space.low) opened.rotate();
    if (backlog.hasMissing) void backlog.lookForMissing().then((isBack) => isBack && tell());
  }, WATCH_INTERVAL_MS).unref();

  return {
    append: (encode, marks = {}) => opened.append(encode, marks),
    read: (limits) => backlog.read(limits),
    find: (epoch, seq) => backlog.find(epoch, seq),
    acknowledge: (epoch, seq) => backlog.acknowledge(epoch, seq),
    rewind: (epoch, seq) => backlog.rewind(epoch, seq),
    suspend: (epoch) => backlog.suspend(epoch),
    retrySuspended() {
      backlog.retrySuspended();
      tell();
    },
    isOpen: (exchange) => backlog.isOpen(exchange),
    listen: (listener) => {
      listeners.push(listener);
    },
    get head() {
      return opened.head;
    },
    get depth() {
      return backlog.depth;
    },
    get bytes() {
      return backlog.bytes;
    },
    get groups() {
      return opened.groups;
    },
    get lowSpace() {
      return space.low;
    },
    get failure() {
      return opened.failure;
    },
    get readFailure() {
      return backlog.readFailure;
    },
    get suspended() {
      return backlog.suspended;
    },
    async close() {
      clearInterval(watch);
      clearInterval(rotation);
      await opened.close();
      await space.close();
      await backlog.settled();
      await acknowledged.close();
    },
  };
}

function newerOf(a: SpoolHead | undefined, b: SpoolHead | undefined): SpoolHead | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.epoch > b.epoch || (a.epoch === b.epoch && a.seq > b.seq) ? a : b;
}
