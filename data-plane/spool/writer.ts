import { hash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import { PRIVATE_FOLDER_MODE } from '../../program/replace-file.ts';
import type { Backlog } from './backlog.ts';
import { type EntryMarks, entryBytes, type SpoolEntry, writeEntry } from './entry.ts';
import { SpoolError } from './error.ts';
import type { EncodeBegin, EncodeEntry, SpoolHead } from './place.ts';
import { type Segment, segmentPath } from './segment.ts';
import { createSegmentFile, type SegmentFile } from './segment-file.ts';
import type { Space } from './space.ts';

export interface WriterOptions {
  readonly directory: string;
  /** A segment that has this many bytes gets a successor. */
  readonly segmentBytes: number;
  /** Takes the next epoch from a durable counter. */
  readonly nextEpoch: () => Promise<number>;
  readonly beginEpoch: EncodeBegin | undefined;
  /** The newest entry that an earlier run left. */
  readonly recovered: SpoolHead | undefined;
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
  readonly #space: Space;
  readonly #buffer = Buffer.allocUnsafe(GROUP_BUFFER_BYTES);
  #waiting: Append[] = [];
  #active: { readonly segment: Segment; readonly file: SegmentFile } | undefined;
  #epoch = 0;
  #head: SpoolHead | undefined;
  #wantsEpoch = true;
  #wantsSegment = false;
  #failure: Error | undefined;
  #hasSaidSo = false;
  #busy = false;
  #idle: Promise<void> = Promise.resolve();
  #probe: NodeJS.Timeout | undefined;
  #closed = false;
  #groups = 0;

  constructor(options: WriterOptions, backlog: Backlog, space: Space) {
    this.#options = options;
    this.#backlog = backlog;
    this.#space = space;
    this.#head = options.recovered;
  }

  /** Why the last append failed; undefined while the spool works. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Groups written so far, which is how often the disk was synced for appends. */
  get groups(): number {
    return this.#groups;
  }

  /** The newest durable entry; undefined before the first. */
  get head(): SpoolHead | undefined {
    return this.#head;
  }

  /** Creates the first segment of a new epoch; rejects with what the system says when that fails. */
  open(): Promise<void> {
    return this.#prepare();
  }

  append(encode: EncodeEntry, marks: EntryMarks): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new SpoolError('closed', 'the spool is closed'));
      if (!this.#space.admits(marks)) return reject(lowSpace());
      this.#waiting.push({ encode, marks, resolve, reject });
      this.#wake();
    });
  }

  /** Later entries belong to a new epoch when `epoch` is the running one. */
  leaveEpoch(epoch: number): void {
    if (epoch === this.#epoch) this.#wantsEpoch = true;
  }

  /** Begins another segment when all of this one is handed in, so that it can go: content stays no longer than needed. */
  rotate(): void {
    if (this.#active === undefined || !this.#backlog.isDone(this.#active.segment)) return;
    this.#wantsSegment = true;
    this.#wake();
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
        if (!(await this.#makeRoom(error, group))) this.#fail(error, group);
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
        await this.#backlog.lookForMissing();
        this.#wantsEpoch = true; // the chain is broken: what follows must not look as if it continued it
      }
    }
    const full = (this.#active?.segment.bytes ?? 0) >= this.#options.segmentBytes;
    if (this.#active === undefined || full || this.#wantsSegment || this.#wantsEpoch)
      await this.#startSegment();
    if (this.#hasSaidSo) this.#options.logger.info({ epoch: this.#epoch }, 'spool works again');
    this.#hasSaidSo = false;
    this.#failure = undefined;
  }

  async #startSegment(): Promise<void> {
    const { directory, nextEpoch } = this.#options;
    await mkdir(directory, { recursive: true, mode: PRIVATE_FOLDER_MODE });
    const isNewEpoch = this.#wantsEpoch;
    const epoch = isNewEpoch ? await nextEpoch() : this.#epoch;
    const firstSeq = isNewEpoch ? 1 : this.#last.seq + 1;
    const path = segmentPath(directory, epoch, firstSeq);
    const segment: Segment = { path, epoch, firstSeq, count: 0, bytes: 0, open: 0, missing: false };
    const file = await createSegmentFile(segment);
    const begin = isNewEpoch ? await this.#begin(segment, file) : undefined;
    const before = this.#active;
    // The epoch that goes on may have been left meanwhile.
    if (isNewEpoch) this.#wantsEpoch = false;
    this.#wantsSegment = false;
    this.#epoch = epoch;
    this.#active = { segment, file };
    this.#backlog.add([segment], segment);
    if (begin !== undefined) {
      this.#backlog.grow(1, entryBytes(begin));
      this.#head = { epoch, seq: firstSeq, digest: hash('sha256', begin.record, 'buffer') };
      this.#options.onDurable();
    }
    await before?.file.close();
  }

  /** What the next entry of the epoch follows. */
  get #last(): Pick<SpoolHead, 'seq' | 'digest'> {
    return this.#head?.epoch === this.#epoch ? this.#head : { seq: 0, digest: FIRST_PREV_HASH };
  }

  /** Makes the first entry of an epoch durable, or leaves no file of it. */
  async #begin({ path, epoch, firstSeq }: Segment, file: SegmentFile): Promise<SpoolEntry | undefined> {
    try {
      const place = { epoch, seq: firstSeq, prevHash: FIRST_PREV_HASH };
      const entry = this.#options.beginEpoch?.(place, this.#head);
      if (entry === undefined) return undefined;
      const buffer = Buffer.allocUnsafe(entryBytes(entry));
      writeEntry(buffer, 0, entry);
      await file.write(buffer);
      return entry;
    } catch (error) {
      await file.close();
      await rm(path, { force: true }).catch(() => undefined); // the next attempt takes another epoch
      throw error;
    }
  }

  /** Moves appends from the waiting ones into `group`, writes them, and resolves them. */
  async #commit(group: Append[]): Promise<void> {
    if (this.#active === undefined || this.#waiting.length === 0) return;
    const { segment, file } = this.#active;
    const entries: SpoolEntry[] = [];
    let { seq, digest } = this.#last;
    let bytes = 0;
    let refusedBytes = 0;
    let taken = 0;
    for (const append of this.#waiting) {
      if (bytes >= GROUP_MAX_BYTES) break;
      taken += 1;
      try {
        const entry = append.encode({ epoch: this.#epoch, seq: seq + 1, prevHash: digest });
        digest = hash('sha256', entry.record, 'buffer');
        seq += 1;
        bytes += entryBytes(entry);
        if (append.marks.closes === undefined) refusedBytes += entryBytes(entry);
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
    this.#head = { epoch: this.#epoch, seq, digest };
    this.#backlog.grow(entries.length, bytes);
    this.#space.grown(bytes, refusedBytes);
    for (const append of group) {
      this.#backlog.mark(segment, append.marks);
      append.resolve();
    }
    this.#options.onDurable();
  }

  /** On a full disk: takes the reserve for what ends exchanges and refuses those that would begin. False without it. */
  async #makeRoom(error: unknown, group: readonly Append[]): Promise<boolean> {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') return false;
    if (!(await this.#space.release())) return false;
    this.#failure = error as Error; // so that the next round takes back what was written of the group
    const waiting = [...group, ...this.#waiting];
    this.#waiting = waiting.filter(({ marks }) => this.#space.admits(marks));
    for (const append of waiting) if (!this.#space.admits(append.marks)) append.reject(lowSpace());
    return true;
  }

  /** Refuses everything that waits, and looks again every second whether the cause is gone. */
  #fail(error: unknown, group: readonly Append[]): void {
    const cause = error instanceof Error ? error : new Error(String(error));
    if (!this.#hasSaidSo) this.#options.logger.error({ err: cause }, 'spool cannot be written');
    this.#hasSaidSo = true;
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

function lowSpace(): SpoolError {
  return new SpoolError('low_space', 'too little space is left on the disk of the spool');
}
