import { randomFillSync } from 'node:crypto';
import { type FileHandle, mkdir, open, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { PRIVATE_FILE_MODE, PRIVATE_FOLDER_MODE, syncFolder } from '../../program/replace-file.ts';
import type { EntryMarks } from './entry.ts';

/** Free space below which no exchange begins. */
export const LOW_WATER_BYTES = 512 * 1024 * 1024;
/** Kept from everybody, for the records of what is refused and of what still runs on a full disk. */
export const RESERVE_BYTES = 8 * 1024 * 1024;

const FILE = 'reserve';
const CHECK_INTERVAL_MS = 1_000;
/** Of the low-water mark: after the spool has grown by so much it looks again, however short the time. */
const GROWTH_DIVISOR = 8;
const BLOCK_BYTES = 1024 * 1024;
/** Of the low-water mark: so much more than it has to be free again, so that the plane does not open and close by turns. */
const HYSTERESIS_DIVISOR = 16;

export interface SpaceOptions {
  readonly directory: string;
  readonly lowWaterBytes: number;
  readonly reserveBytes: number;
  readonly logger: Logger;
}

/**
 * Knows whether there is room on the spool's file system. It is looked at on a timer and after growth, never for a
 * single append. A file of random bytes holds space that only the last records may have (preallocated blocks can
 * be shared or compressed away, random ones cannot).
 */
export class Space {
  readonly #options: SpaceOptions;
  #low = false;
  #held = false;
  /** Bytes that entries other than outcomes have taken since the disk was full. */
  #refused = 0;
  #grown = 0;
  #checking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SpaceOptions) {
    this.#options = options;
  }

  /** Whether exchanges are refused for want of space. */
  get low(): boolean {
    return this.#low;
  }

  /** Takes the reserve and begins to look. */
  async open(): Promise<void> {
    await this.check();
    this.#timer = setInterval(() => void this.check(), CHECK_INTERVAL_MS).unref();
  }

  close(): Promise<void> | undefined {
    clearInterval(this.#timer);
    return this.#checking;
  }

  /**
   * Whether an entry with these marks may be appended now. On a full disk outcomes have half of the reserve for
   * themselves: whoever is refused all the time must not keep those from the record who were let through.
   */
  admits(marks: EntryMarks): boolean {
    if (!this.#low) return true;
    if (marks.opens !== undefined) return false;
    return this.#held || marks.closes !== undefined || this.#refused < this.#options.reserveBytes / 2;
  }

  /** The spool has grown by `bytes`, `refused` of them for entries that close no exchange. */
  grown(bytes: number, refused: number): void {
    if (!this.#held) this.#refused += refused;
    this.#grown += bytes;
    if (this.#grown >= this.#options.lowWaterBytes / GROWTH_DIVISOR) void this.check();
  }

  /** The disk is full: gives the reserve back to it. False when there was none left to give. */
  async release(): Promise<boolean> {
    await this.#checking;
    if (!this.#low) this.#options.logger.error('the disk of the spool is full: no exchange begins');
    this.#low = true;
    if (!this.#held) return false;
    this.#held = false;
    this.#refused = 0;
    try {
      await rm(this.#path);
      await syncFolder(this.#options.directory);
      return true;
    } catch {
      return false;
    }
  }

  /** Looks at the disk now. One look at a time. */
  check(): Promise<void> {
    this.#grown = 0;
    this.#checking ??= this.#look()
      // Whatever is wrong with the directory, the next append meets it as well, and says so.
      .catch(() => undefined)
      .finally(() => {
        this.#checking = undefined;
      });
    return this.#checking;
  }

  async #look(): Promise<void> {
    const { lowWaterBytes, reserveBytes } = this.#options;
    this.#held = (await this.#measureReserve()) >= reserveBytes;
    let free = await this.#free();
    if (!this.#held && free >= lowWaterBytes + reserveBytes) {
      await this.#take();
      this.#held = true;
      free = await this.#free();
    }
    const enough = this.#low ? lowWaterBytes + lowWaterBytes / HYSTERESIS_DIVISOR : lowWaterBytes;
    this.#turn(!this.#held || free < enough, free);
  }

  #turn(low: boolean, freeBytes: number): void {
    if (low === this.#low) return;
    this.#low = low;
    const { logger, lowWaterBytes } = this.#options;
    if (low) {
      logger.error(
        { freeBytes, lowWaterBytes },
        'too little space is left for the spool: no exchange begins',
      );
    } else {
      logger.info({ freeBytes, lowWaterBytes }, 'there is space for the spool again');
    }
  }

  async #free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#options.directory);
    return bavail * bsize;
  }

  /** Bytes that an earlier run's reserve has, whole or not; 0 without one. */
  async #measureReserve(): Promise<number> {
    return stat(this.#path).then(
      ({ size }) => size,
      () => 0,
    );
  }

  async #take(): Promise<void> {
    const { directory, reserveBytes } = this.#options;
    await mkdir(directory, { recursive: true, mode: PRIVATE_FOLDER_MODE });
    let file: FileHandle | undefined;
    try {
      file = await open(this.#path, 'w', PRIVATE_FILE_MODE);
      const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, reserveBytes));
      for (let at = 0; at < reserveBytes; at += block.byteLength) {
        randomFillSync(block);
        await file.write(block, 0, Math.min(block.byteLength, reserveBytes - at), at);
      }
      await file.sync();
    } catch (error) {
      await rm(this.#path, { force: true });
      throw error;
    } finally {
      await file?.close();
    }
  }

  get #path(): string {
    return join(this.#options.directory, FILE);
  }
}
