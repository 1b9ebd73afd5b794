import fs, { type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PRIVATE_FILE_MODE, syncFolder } from '../../program/replace-file.ts';
import type { Segment } from './segment.ts';

/** Written and taken back to see whether a failed disk takes data again. */
const PROBE_BYTES = 64 * 1024;

/** On Linux one call writes and syncs, which saves a thread hop; elsewhere fdatasync follows (macOS needs its own). */
const SYNCED_WRITES = process.platform === 'linux';
const OPEN_FLAGS = fs.constants.O_RDWR | (SYNCED_WRITES ? fs.constants.O_DSYNC : 0);

/** The file that is being appended to. */
export interface SegmentFile {
  /** Writes the bytes behind the segment's durable end; they are on disk when it resolves. */
  write(bytes: Buffer): Promise<void>;
  /**
   * After a failed write: takes its bytes back and proves that the disk works again. `lost` when the file is
   * no longer where it was or has lost entries; rejects while the disk still fails.
   */
  settle(): Promise<'settled' | 'lost'>;
  close(): Promise<void>;
}

/** Creates the segment's file, name and all durable. One that is there already is from an attempt that failed. */
export async function createSegmentFile(segment: Segment): Promise<SegmentFile> {
  const { path } = segment;
  const first = await open(path, OPEN_FLAGS | fs.constants.O_CREAT | fs.constants.O_TRUNC, PRIVATE_FILE_MODE);
  const { dev, ino } = await settleName(first, path);

  /**
   * A file that was deleted or moved still takes writes: only its name tells. Synchronous, because the answer is in
   * memory: 2 us, where a trip to the thread pool costs 50.
   */
  const isInPlace = (): boolean => {
    const found = fs.statSync(path, { throwIfNoEntry: false });
    return found?.ino === ino && found.dev === dev;
  };

  /** Undefined while the disk fails: an open file would keep a broken file system from being mounted again. */
  let file: FileHandle | undefined = first;
  const close = async (): Promise<void> => {
    const open = file;
    file = undefined;
    await open?.close();
  };

  return {
    async write(bytes) {
      if (file === undefined) throw new Error(`spool segment ${path} is closed`);
      // In a file that was cut under us, this write would leave a hole where records were.
      if (fs.fstatSync(file.fd).size < segment.bytes) throw new Error(`spool segment ${path} was cut`);
      await writeDurably(file.fd, bytes, segment.bytes);
      if (!isInPlace()) throw new Error(`spool segment ${path} was removed`);
    },
    async settle() {
      await close().catch(() => undefined);
      if (!isInPlace()) return 'lost';
      file = await open(path, OPEN_FLAGS);
      try {
        if ((await file.stat()).size < segment.bytes) return 'lost';
        await file.truncate(segment.bytes);
        await writeDurably(file.fd, Buffer.alloc(PROBE_BYTES), segment.bytes);
        await file.truncate(segment.bytes);
        await file.sync();
        return 'settled';
      } catch (error) {
        await close();
        throw error;
      }
    },
    close,
  };
}

/** Makes the file's name durable and says which file has it; where that fails, the file does not stay open. */
async function settleName(file: FileHandle, path: string): Promise<Pick<Stats, 'dev' | 'ino'>> {
  try {
    await syncFolder(dirname(path));
    return await file.stat();
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Callbacks of node:fs rather than a FileHandle's promises: this is the hot path. */
function writeDurably(descriptor: number, bytes: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const writeFrom = (offset: number): void => {
      fs.write(descriptor, bytes, offset, bytes.byteLength - offset, position + offset, (error, written) => {
        if (error !== null) return reject(error);
        if (offset + written < bytes.byteLength) return writeFrom(offset + written);
        if (SYNCED_WRITES) return resolve();
        fs.fdatasync(descriptor, (syncError) => (syncError === null ? resolve() : reject(syncError)));
      });
    };
    writeFrom(0);
  });
}
