import { rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Acknowledgements } from './acknowledgements.ts';
import type { Closings } from './closings.ts';
import type { EntryMarks, SpoolEntry } from './entry.ts';
import { SpoolError } from './error.ts';
import { type BatchLimits, type EntryPosition, findEntry, readSegment, type SpoolBatch } from './read.ts';
import { isMissing, lastSeq, type Segment } from './segment.ts';

const ONE_ENTRY: BatchLimits = { maxEntries: 1, maxBytes: 64 * 1024 };

/** The segments on disk: what of them is not yet acknowledged, and which of them can go. */
export class Backlog {
  readonly #segments: Segment[] = [];
  readonly #acknowledged: Acknowledgements;
  readonly #closings: Closings;
  readonly #keepHead: () => Promise<void>;
  readonly #logger: Logger;
  readonly #onSuspend: (epoch: number) => void;
  readonly #openExchanges = new Map<string, Segment>();
  /** Suspended epochs, and whether they are held back: those that are tried again are not. */
  readonly #suspended = new Map<number, boolean>();
  /** Of which the files are not removed yet. */
  readonly #leaving = new Set<Segment>();
  #removal: Promise<void> = Promise.resolve();
  #active: Segment | undefined;
  #position: { readonly segment: Segment; readonly next: EntryPosition } | undefined;
  #readFailure: SpoolError | undefined;
  #depth = 0;
  #bytes = 0;

  constructor(
    acknowledged: Acknowledgements,
    closings: Closings,
    keepHead: () => Promise<void>,
    logger: Logger,
    onSuspend: (epoch: number) => void,
  ) {
    this.#acknowledged = acknowledged;
    this.#closings = closings;
    this.#keepHead = keepHead;
    this.#logger = logger;
    this.#onSuspend = onSuspend;
  }

  /** Entries not yet acknowledged. */
  get depth(): number {
    return this.#depth;
  }

  /** Bytes of all segments. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Why entries could not be read last; undefined when they could. */
  get readFailure(): SpoolError | undefined {
    return this.#readFailure;
  }

  /** How many epochs are suspended, tried again or not. */
  get suspended(): number {
    return this.#suspended.size;
  }

  /** Whether files of segments are gone that may come back. */
  get hasMissing(): boolean {
    return this.#segments.some(({ missing }) => missing);
  }

  /** Takes in segments in the order of epoch and seq; the last one may be the one to append to. */
  add(segments: readonly Segment[], active?: Segment): void {
    this.#segments.push(...segments);
    this.#active = active;
    this.#tidy();
  }

  /** The active segment has grown by entries that are durable now. */
  grow(entries: number, bytes: number): void {
    if (this.#active === undefined) return;
    this.#active.count += entries;
    this.#active.bytes += bytes;
    this.#depth += entries;
    this.#bytes += bytes;
  }

  /** Whether the segment has entries, and all are acknowledged and of exchanges that have ended. */
  isDone(segment: Segment): boolean {
    return segment.count > 0 && segment.open === 0 && this.#acknowledgedIn(segment) === lastSeq(segment);
  }

  /** Nothing is appended to the active segment any more. */
  seal(): void {
    this.#active = undefined;
    this.#tidy();
  }

  /** Takes in what an entry of the segment says, in the order of the entries. */
  mark(segment: Segment, { opens, closes }: EntryMarks): void {
    if (opens !== undefined && !this.#openExchanges.has(opens) && !this.#closings.claim(opens, segment)) {
      this.#openExchanges.set(opens, segment);
      segment.open += 1;
    }
    if (closes === undefined) return;
    const holder = this.#openExchanges.get(closes);
    this.#openExchanges.delete(closes);
    if (holder === undefined) return;
    holder.open -= 1;
    if (holder !== segment) this.#closings.note(closes, holder, segment);
    if (holder.open === 0 && holder !== this.#active) this.#tidy();
  }

  /** Whether the exchange has begun and has not ended. */
  isOpen(exchange: string): boolean {
    return this.#openExchanges.has(exchange);
  }

  /**
   * The oldest entries that are not acknowledged; undefined when all are, or are of suspended epochs. An epoch that the
   * disk does not give now waits, and holds up no other. Rejects with the SpoolError `read_failed` when no other has any.
   */
  async read(limits: BatchLimits): Promise<SpoolBatch | undefined> {
    const unreadable = new Set<number>();
    let failure: SpoolError | undefined;
    for (;;) {
      const segment = this.#segments.find(
        (one) =>
          !one.missing &&
          this.#suspended.get(one.epoch) !== true &&
          !unreadable.has(one.epoch) &&
          lastSeq(one) > this.#acknowledged.get(one.epoch),
      );
      if (segment === undefined) {
        this.#noteRead(failure);
        if (failure !== undefined) throw failure;
        return undefined;
      }
      const seq = Math.max(segment.firstSeq, this.#acknowledged.get(segment.epoch) + 1);
      try {
        const known = this.#position;
        const from =
          known?.segment === segment && known.next.seq === seq ? known.next : await findEntry(segment, seq);
        const { entries, next } = await readSegment(segment, from, limits);
        this.#position = { segment, next };
        this.#noteRead(failure);
        return { epoch: segment.epoch, firstSeq: seq, entries };
      } catch (error) {
        if (!this.#segments.includes(segment)) continue; // acknowledged and removed meanwhile
        await this.lookForMissing();
        if (segment.missing || (error instanceof SpoolError && error.code === 'damaged')) {
          this.#logger.error({ err: error, epoch: segment.epoch, seq }, 'spool cannot be read');
          this.suspend(segment.epoch);
        } else {
          unreadable.add(segment.epoch);
          failure = new SpoolError('read_failed', `spool segment ${segment.path} cannot be read`, error);
        }
      }
    }
  }

  /** The entry, while it is here and can be read; undefined otherwise. */
  async find(epoch: number, seq: number): Promise<SpoolEntry | undefined> {
    const isAt = (one: Segment) => one.epoch === epoch && one.firstSeq <= seq && seq <= lastSeq(one);
    const segment = this.#segments.find(isAt);
    if (segment === undefined) return undefined;
    try {
      const { entries } = await readSegment(segment, await findEntry(segment, seq), ONE_ENTRY);
      return entries[0];
    } catch {
      return undefined; // whoever hands it in learns why, and says so
    }
  }

  /** The control plane has stored all entries of the epoch up to `seq`. */
  acknowledge(epoch: number, seq: number): void {
    if (seq <= this.#acknowledged.get(epoch)) return;
    const last = this.#segments.findLast((one) => one.epoch === epoch);
    if (last === undefined) return;
    this.#acknowledged.set(epoch, Math.min(seq, lastSeq(last)));
    this.#suspended.delete(epoch);
    this.#tidy();
  }

  /** Hands out the epoch's entries from `seq` on again. False when they are no longer all here. */
  rewind(epoch: number, seq: number): boolean {
    const ofEpoch = this.#segments.filter((one) => one.epoch === epoch && !one.missing);
    let expected = seq;
    for (const segment of ofEpoch) {
      if (segment.firstSeq > expected) return false;
      expected = Math.max(expected, lastSeq(segment) + 1);
    }
    if (expected === seq) return false;
    this.#acknowledged.set(epoch, seq - 1);
    this.#tidy();
    return true;
  }

  /** Keeps the epoch's entries but hands them out no more, until they are to be tried again. */
  suspend(epoch: number): void {
    this.#suspended.set(epoch, true);
    this.#onSuspend(epoch);
  }

  /** Hands out suspended epochs again; each is suspended until one of its entries is acknowledged. */
  retrySuspended(): void {
    for (const epoch of this.#suspended.keys()) this.#suspended.set(epoch, false);
  }

  /**
   * Sets segments aside whose files are gone, and says so; takes those up again whose files are back. A file that
   * cannot be looked at is not gone. Resolves with whether one is back.
   */
  async lookForMissing(): Promise<boolean> {
    let isBack = false;
    for (const segment of [...this.#segments]) {
      const missing = await isMissing(segment);
      if (missing === segment.missing) continue;
      segment.missing = missing;
      const records = lastSeq(segment) - this.#acknowledgedIn(segment);
      if (missing) {
        this.#logger.error({ segment: segment.path, records }, 'spool segment was removed');
        if (this.#active === segment) this.#active = undefined;
        if (this.#position?.segment === segment) this.#position = undefined;
        if (segment.count === 0) this.#forget(segment);
      } else {
        this.#logger.warn({ segment: segment.path, records }, 'spool segment is back');
        this.#suspended.delete(segment.epoch);
        isBack = true;
      }
    }
    this.#tidy();
    return isBack;
  }

  /** Waits for the removal of files. */
  settled(): Promise<void> {
    return this.#removal;
  }

  #noteRead(failure: SpoolError | undefined): void {
    if (failure !== undefined && this.#readFailure === undefined) {
      this.#logger.error({ err: failure }, 'spool cannot be read now, trying again');
    }
    if (failure === undefined && this.#readFailure) this.#logger.info('spool can be read again');
    this.#readFailure = failure;
  }

  #forget(segment: Segment): void {
    this.#segments.splice(this.#segments.indexOf(segment), 1);
    if (this.#active === segment) this.#active = undefined;
    if (this.#position?.segment === segment) this.#position = undefined;
  }

  /**
   * Removes the files that nothing needs, and counts what is left. Before the newest entry goes, its head is kept: the
   * next epoch has to say what was before it.
   */
  #tidy(): void {
    const newest = this.#segments.findLast(({ count }) => count > 0);
    for (const segment of [...this.#segments]) {
      const done = lastSeq(segment) <= this.#acknowledged.get(segment.epoch) || segment.count === 0;
      if (!done || segment.open > 0 || segment.missing || segment === this.#active) continue;
      this.#forget(segment);
      this.#leaving.add(segment);
      this.#removal = this.#removal.then(() => this.#remove(segment, segment === newest));
      if (!this.#segments.some((one) => one.epoch === segment.epoch))
        this.#acknowledged.delete(segment.epoch);
    }
    this.#depth = 0;
    this.#bytes = 0;
    for (const segment of this.#segments) {
      if (segment.missing) continue;
      this.#depth += lastSeq(segment) - this.#acknowledgedIn(segment);
      this.#bytes += segment.bytes;
    }
  }

  /** One after the other: while the file is there that an exchange begins in, that with its end is not gone without a word. */
  async #remove(segment: Segment, isNewest: boolean): Promise<void> {
    try {
      await this.#closings.keep(segment, [...this.#segments, ...this.#leaving]);
      if (isNewest) await this.#keepHead();
      await rm(segment.path, { force: true });
    } catch (error) {
      this.#logger.warn({ err: error, segment: segment.path }, 'spool segment cannot be removed yet');
      // It goes with the next ones.
      const next = this.#segments.findIndex(({ path }) => path > segment.path);
      this.#segments.splice(next === -1 ? this.#segments.length : next, 0, segment);
    }
    this.#leaving.delete(segment);
  }

  /** The last seq of the segment that is acknowledged; one less than its first when none is. */
  #acknowledgedIn(segment: Segment): number {
    const acknowledged = Math.max(segment.firstSeq - 1, this.#acknowledged.get(segment.epoch));
    return Math.min(acknowledged, lastSeq(segment));
  }
}
