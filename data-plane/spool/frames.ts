import fs from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import { PRIVATE_FILE_MODE, PRIVATE_FOLDER_MODE } from '../../program/replace-file.ts';
import { SpoolError } from './error.ts';
import { frameBytes, writeFrame } from './frame.ts';
import { type FrameFile, frameFilePath, recoverFrames } from './recover-frames.ts';

const FILE_BYTES = 8 * 1024 * 1024;
const BUFFER_BYTES = 64 * 1024;
const NOTHING = new Uint8Array();

/**
 * What runs at this moment delivers, piece by piece, so that a crash of the program loses none of it. Nothing is
 * synced: a piece has left the program when `append` returns, and the outcome is what makes it durable.
 */
export interface FrameLog {
  /**
   * Written when it returns; the parts of an exchange come back in the order of the calls. Throws SpoolError
   * `append_failed` when the disk did not take it, and `closed`; it is then nowhere in the log.
   */
  append(exchange: string, part: Uint8Array): void;
  /** Its outcome is durable: the frames are needed no more. For recovered exchanges as well. */
  forget(exchange: string): void;
  /** Leaves the frames of exchanges that are not forgotten. */
  close(): Promise<void>;
}

export interface FrameLogOptions {
  /** May be the spool's own. */
  readonly directory: string;
  readonly logger: Logger;
  /** A file that has this many bytes gets a successor; 8 MiB. */
  readonly fileBytes?: number;
}

/**
 * Opens the frame log and reads what a crash left in it: the parts of each exchange that was not forgotten, as far as
 * they are whole. A forgotten one may be among them; its outcome is durable, and so all that are recovered are to be
 * forgotten once those that are open have their outcomes. Rejects with the system's error.
 */
export async function openFrameLog(
  options: FrameLogOptions,
): Promise<{ log: FrameLog; recovered: ReadonlyMap<string, Uint8Array[]> }> {
  await mkdir(options.directory, { recursive: true, mode: PRIVATE_FOLDER_MODE });
  const { parts, files, lastNumber } = await recoverFrames(options.directory, options.logger);
  return { log: new Frames(options, files, lastNumber), recovered: parts };
}

interface Open {
  readonly file: FrameFile;
  readonly descriptor: number;
  readonly dev: number;
  readonly ino: number;
  /** Where its frames end. */
  bytes: number;
}

class Frames implements FrameLog {
  readonly #options: FrameLogOptions;
  readonly #fileBytes: number;
  /** All files, oldest first, the one that is written to last. */
  readonly #files: FrameFile[];
  #number: number;
  /** How many frames each exchange of this run has that is not forgotten. */
  readonly #counts = new Map<string, number>();
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  readonly #removals = new Set<Promise<void>>();
  #active: Open | undefined;
  #failing = false;
  #closed = false;

  constructor(options: FrameLogOptions, files: FrameFile[], lastNumber: number) {
    this.#options = options;
    this.#fileBytes = options.fileBytes ?? FILE_BYTES;
    this.#files = files;
    this.#number = lastNumber;
  }

  append(exchange: string, part: Uint8Array): void {
    if (this.#closed) throw new SpoolError('closed', 'the frame log is closed');
    if (part.byteLength === 0) throw new RangeError('a part has at least one byte');
    const index = this.#counts.get(exchange) ?? 0;
    const file = this.#write(exchange, index, part);
    this.#counts.set(exchange, index + 1);
    file.exchanges.add(exchange);
  }

  forget(exchange: string): void {
    this.#counts.delete(exchange);
    const held = this.#files.filter((file) => file.exchanges.delete(exchange));
    this.#tidy();
    // Others keep a file with frames of this one: without a mark they would come back after a crash. They do anyhow when
    // the mark is lost, which is no harm, because the outcome is durable.
    if (this.#closed || !held.some((file) => file.exchanges.size > 0)) return;
    try {
      this.#write(exchange, 0, NOTHING);
    } catch {}
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#leave();
    this.#tidy();
    await Promise.all(this.#removals);
  }

  #write(exchange: string, index: number, part: Uint8Array): FrameFile {
    const bytes = frameBytes(exchange, part);
    const buffer = bytes <= BUFFER_BYTES ? this.#buffer : Buffer.allocUnsafe(bytes);
    writeFrame(buffer, { exchange, index, part });
    try {
      const active = this.#prepare();
      writeWhole(active.descriptor, buffer, bytes, active.bytes);
      // What was deleted or moved still takes writes: only its name tells.
      const found = fs.statSync(active.file.path, { throwIfNoEntry: false });
      if (found?.ino !== active.ino || found.dev !== active.dev) throw new Error('the frame log was removed');
      active.bytes += bytes;
      this.#failing = false;
      return active.file;
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #prepare(): Open {
    if (this.#active !== undefined && this.#active.bytes >= this.#fileBytes) this.#leave();
    this.#active ??= this.#create();
    return this.#active;
  }

  #create(): Open {
    const { directory } = this.#options;
    fs.mkdirSync(directory, { recursive: true, mode: PRIVATE_FOLDER_MODE });
    this.#number += 1;
    const path = frameFilePath(directory, this.#number);
    const descriptor = fs.openSync(path, 'wx', PRIVATE_FILE_MODE);
    const { dev, ino } = fs.fstatSync(descriptor);
    const file = { path, number: this.#number, exchanges: new Set<string>() };
    this.#files.push(file);
    return { file, descriptor, dev, ino, bytes: 0 };
  }

  /** What was written of the frame is cut by the next start at the latest; what comes next goes into another file. */
  #fail(cause: unknown): SpoolError {
    if (!this.#failing) this.#options.logger.error({ err: cause }, 'frames cannot be written');
    this.#failing = true;
    const active = this.#active;
    if (active !== undefined) {
      try {
        fs.ftruncateSync(active.descriptor, active.bytes);
      } catch {}
      this.#leave();
      this.#tidy();
    }
    return new SpoolError('append_failed', 'a piece of the answer could not be written down', cause);
  }

  #leave(): void {
    if (this.#active === undefined) return;
    try {
      fs.closeSync(this.#active.descriptor);
    } catch {}
    this.#active = undefined;
  }

  /**
   * Removes the files that no open exchange has frames in, the one that is written to as well: nothing of an exchange
   * stays, and an idle log holds on to no file system.
   */
  #tidy(): void {
    for (const file of this.#files.filter(({ exchanges }) => exchanges.size === 0)) {
      if (file === this.#active?.file) this.#leave();
      this.#files.splice(this.#files.indexOf(file), 1);
      const removal = rm(file.path, { force: true })
        .catch((error: unknown) => this.#options.logger.warn({ err: error }, 'frames cannot be removed'))
        .finally(() => this.#removals.delete(removal));
      this.#removals.add(removal);
    }
  }
}

function writeWhole(descriptor: number, bytes: Buffer, length: number, position: number): void {
  let written = 0;
  while (written < length) {
    written += fs.writeSync(descriptor, bytes, written, length - written, position + written);
  }
}
