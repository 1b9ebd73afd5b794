import { hash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Backlog, EntryMarks } from './backlog.ts';
import { entryBytes, type SpoolEntry, writeEntry } from './entry.ts';
import { SpoolError } from './error.ts';
import { PRIVATE_FOLDER_MODE } from './replace-file.ts';
import { type Segment, segmentPath } from './segment.ts';
import { createSegmentFile, type SegmentFile } from './segment-file.ts';

/** Where an entry comes to stand. */
export interface EntryPlace {
  readonly epoch: number;
  /** From 1, without gaps in an epoch. */
  readonly seq: number;
  /** SHA-256 of the record before it in the epoch; 32 zero bytes for the first. */
  readonly prevHash: Uint8Array;
}

/** Makes the entry once its place is known. What it throws rejects this append only. */
export type EncodeEntry = (place: EntryPlace) => SpoolEntry;

export interface WriterOptions {
  readonly directory: string;
  /** A segment that has this many bytes gets a successor. */
  readonly segmentBytes: number;
  /** Takes the next epoch from a durable counter. */
  readonly nextEpoch: () => Promise<number>;
  readonly logger: Logger;
  /** Called after each group of entries has become durable. */
  readonly onDurable: () => void;
}

interface Append {
  readonly encode: EncodeEntry;
  readonly marks: EntryMarks;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const FIRST_PREV_HASH = new Uint8Array(32);
const GROUP_MAX_BYTES = 8 * 1024 * 1024;
const GROUP_BUFFER_BYTES = 1024 * 1024;
const PROBE_INTERVAL_MS = 1_000;

/**
 * Appends with group commit: all that wait share one synced write, and the next group collects meanwhile.
 * An entry takes its place in the chain only when it is written, so that a failed append leaves no hole.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #backlog: Backlog;
  readonly #buffer = Buffer.allocUnsafe(GROUP_BUFFER_BYTES);
  #waiting: Append[] = [];
  #active: { readonly segment: Segment; readonly file: SegmentFile } | undefined;
  #epoch = 0;
  #nextSeq = 1;
  #prevHash: Uint8Array = FIRST_PREV_HASH;
  #wantsEpoch = true;
  #failure: Error | undefined;
  #busy = false;
  #idle: Promise<void> = Promise.resolve();
  #probe: NodeJS.Timeout | undefined;
  #closed = false;
  #groups = 0;

  constructor(options: WriterOptions, backlog: Backlog) {
    this.#options = options;
    this.#backlog = backlog;
  }

  /** Why the last append failed; undefined while the spool works. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Groups written so far, which is how often the disk was synced for appends. */
  get groups(): number {
    return this.#groups;
  }

  /** Creates the first segment of a new epoch; rejects with what the system says when that fails. */
  open(): Promise<void> {
    return this.#prepare();
  }

  append(encode: EncodeEntry, marks: EntryMarks): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new SpoolError('closed', 'the spool is closed'));
      this.#waiting.push({ encode, marks, resolve, reject });
      this.#wake();
    });
  }

  /** Later entries belong to a new epoch when `epoch` is the running one. */
  leaveEpoch(epoch: number): void {
    if (epoch === this.#epoch) this.#wantsEpoch = true;
  }

  /** Lets what waits become durable, then closes the file. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#probe);
    await this.#idle;
    await this.#active?.file.close();
    this.#active = undefined;
    this.#backlog.seal();
  }

  /** An idle writer waits for the rest of this turn of the event loop: requests that came together share a group. */
  #wake(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#idle = new Promise((resolve) => {
      setImmediate(() => void this.#run().then(resolve));
    });
  }

  async #run(): Promise<void> {
    do {
      const group: Append[] = [];
      try {
        await this.#prepare();
        await this.#commit(group);
      } catch (error) {
        this.#fail(error, group);
      }
    } while (this.#waiting.length > 0);
    this.#busy = false; // in the same turn as the look at what waits, or an append could be overlooked
  }

  /** Makes sure that there is a working segment with room. */
  async #prepare(): Promise<void> {
    if (this.#failure !== undefined && this.#active !== undefined) {
      if ((await this.#active.file.settle()) === 'lost') {
        await this.#active.file.close();
        this.#active = undefined;
        await this.#backlog.dropMissing();
        this.#wantsEpoch = true; // the chain is broken: what follows must not look as if it continued it
      }
    }
    const full = (this.#active?.segment.bytes ?? 0) >= this.#options.segmentBytes;
    if (this.#active === undefined || full || this.#wantsEpoch) await this.#startSegment();
    if (this.#failure !== undefined) this.#options.logger.info({ epoch: this.#epoch }, 'spool works again');
    this.#failure = undefined;
  }

  async #startSegment(): Promise<void> {
    const { directory } = this.#options;
    await mkdir(directory, { recursive: true, mode: PRIVATE_FOLDER_MODE });
    const epoch = this.#wantsEpoch ? await this.#options.nextEpoch() : this.#epoch;
    const firstSeq = this.#wantsEpoch ? 1 : this.#nextSeq;
    const path = segmentPath(directory, epoch, firstSeq);
    const segment: Segment = { path, epoch, firstSeq, count: 0, bytes: 0, open: 0 };
    const file = await createSegmentFile(segment);
    const before = this.#active;
    if (this.#wantsEpoch) this.#prevHash = FIRST_PREV_HASH;
    this.#wantsEpoch = false;
    this.#epoch = epoch;
    this.#nextSeq = firstSeq;
    this.#active = { segment, file };
    this.#backlog.add([segment], segment);
    await before?.file.close();
  }

  /** Moves appends from the waiting ones into `group`, writes them, and resolves them. */
  async #commit(group: Append[]): Promise<void> {
    if (this.#active === undefined || this.#waiting.length === 0) return;
    const { segment, file } = this.#active;
    const entries: SpoolEntry[] = [];
    let prevHash = this.#prevHash;
    let bytes = 0;
    let taken = 0;
    for (const append of this.#waiting) {
      if (bytes >= GROUP_MAX_BYTES) break;
      taken += 1;
      try {
        const entry = append.encode({ epoch: this.#epoch, seq: this.#nextSeq + entries.length, prevHash });
        prevHash = hash('sha256', entry.record, 'buffer');
        bytes += entryBytes(entry);
        entries.push(entry);
        group.push(append);
      } catch (error) {
        append.reject(error);
      }
    }
    this.#waiting = this.#waiting.slice(taken);
    if (entries.length === 0) return;

    const buffer = bytes <= this.#buffer.byteLength ? this.#buffer : Buffer.allocUnsafe(bytes);
    let offset = 0;
    for (const entry of entries) offset = writeEntry(buffer, offset, entry);
    await file.write(buffer.subarray(0, bytes));

    this.#groups += 1;
    this.#nextSeq += entries.length;
    this.#prevHash = prevHash;
    this.#backlog.grow(entries.length, bytes);
    for (const append of group) {
      this.#backlog.mark(segment, append.marks);
      append.resolve();
    }
    this.#options.onDurable();
  }

  /** Refuses everything that waits, and looks again every second whether the cause is gone. */
  #fail(error: unknown, group: readonly Append[]): void {
    const cause = error instanceof Error ? error : new Error(String(error));
    if (this.#failure === undefined) this.#options.logger.error({ err: cause }, 'spool cannot be written');
    this.#failure = cause;
    const refused = [...group, ...this.#waiting];
    this.#waiting = [];
    for (const append of refused) {
      append.reject(new SpoolError('append_failed', 'the record could not be made durable', cause));
    }
    clearTimeout(this.#probe);
    if (!this.#closed) this.#probe = setTimeout(() => this.#wake(), PROBE_INTERVAL_MS).unref();
  }
}
