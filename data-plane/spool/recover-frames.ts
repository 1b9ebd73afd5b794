import { readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { findFrame } from './frame.ts';

/** One file of the frame log. Its name says which: `{number}.frames`. */
export interface FrameFile {
  readonly path: string;
  readonly number: number;
  /** The exchanges that have frames in it and still need them. */
  readonly exchanges: Set<string>;
}

/** What an earlier run left in the frame log. */
export interface RecoveredFrames {
  /** Of each exchange that was not forgotten, its parts in order, as far as they are whole. */
  readonly parts: Map<string, Uint8Array[]>;
  /** The files with those parts, oldest first. */
  readonly files: FrameFile[];
  /** The highest number of a file that was there; 0 for none. */
  readonly lastNumber: number;
}

const NAME = /^(\d{10})\.frames$/;

export function frameFilePath(directory: string, number: number): string {
  return join(directory, `${String(number).padStart(10, '0')}.frames`);
}

/**
 * Reads what an earlier run left, one file at a time: in memory is what its exchanges had in memory too. What a crash
 * tore off the end of a file is cut; where frames are damaged or missing, those of their exchange end, and the log says
 * so. Files that nobody needs are removed. Rejects with the system's error.
 */
export async function recoverFrames(directory: string, logger: Logger): Promise<RecoveredFrames> {
  const names = (await readdir(directory)).filter((name) => NAME.test(name)).sort();
  const parts = new Map<string, Uint8Array[]>();
  const broken = new Set<string>();
  const files: FrameFile[] = [];
  for (const name of names) {
    const file = {
      path: join(directory, name),
      number: Number(NAME.exec(name)?.[1]),
      exchanges: new Set<string>(),
    };
    files.push(file);
    const content = await readFile(file.path);
    let end = 0;
    for (let found = findFrame(content, 0); found !== undefined; found = findFrame(content, end)) {
      if (found.start > end) {
        logger.error({ file: name, offset: end, bytes: found.start - end }, 'frames are damaged');
      }
      end = found.end;
      take(found.frame, file);
    }
    if (end < content.byteLength) {
      logger.warn({ file: name, bytes: content.byteLength - end }, 'cut a torn frame off the frame log');
      await truncate(file.path, end);
    }
  }

  function take(
    { exchange, index, part }: { exchange: string; index: number; part: Uint8Array },
    file: FrameFile,
  ) {
    if (part.byteLength === 0) {
      parts.delete(exchange);
      broken.delete(exchange);
      return;
    }
    const known = parts.get(exchange) ?? [];
    file.exchanges.add(exchange);
    parts.set(exchange, known);
    if (broken.has(exchange)) return;
    if (index !== known.length) {
      logger.error(
        { exchange, index: known.length },
        'a frame of this exchange is lost: its frames end before it',
      );
      broken.add(exchange);
      return;
    }
    known.push(new Uint8Array(part)); // a copy, so that the file's content can go
  }

  for (const file of files) {
    for (const exchange of file.exchanges) if (!parts.has(exchange)) file.exchanges.delete(exchange);
    if (file.exchanges.size === 0) await rm(file.path, { force: true });
  }
  return {
    parts,
    files: files.filter(({ exchanges }) => exchanges.size > 0),
    lastNumber: files.at(-1)?.number ?? 0,
  };
}
