import { readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { entryBytes, findIntactEntry, readEntry, type SpoolEntry } from './entry.ts';

/** One file of the spool: entries of one epoch, seq after seq. Its name says which: `{epoch}-{firstSeq}.spool`. */
export interface Segment {
  readonly path: string;
  readonly epoch: number;
  readonly firstSeq: number;
  /** Durable entries. */
  count: number;
  /** Where the durable entries end. */
  bytes: number;
  /** Exchanges whose intent is in it and whose outcome is not durable yet: they keep the file. */
  open: number;
  /** Its file is not where it was; it may come back, as a file system that is mounted again does. */
  missing: boolean;
}

const NAME = /^(\d{10})-(\d{16})\.spool$/;

export function segmentPath(directory: string, epoch: number, firstSeq: number): string {
  return join(directory, `${String(epoch).padStart(10, '0')}-${String(firstSeq).padStart(16, '0')}.spool`);
}

/** Seq of the last durable entry; one less than the first when it has none. */
export function lastSeq(segment: Segment): number {
  return segment.firstSeq + segment.count - 1;
}

/** Whether the segment's file is gone; one that cannot be looked at is not. */
export async function isMissing({ path }: Segment): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR';
  }
}

export type VisitEntry = (segment: Segment, seq: number, entry: SpoolEntry) => void;

/** What is done with entries that an earlier run left. */
export interface RecoverVisitor {
  /** Of each intact entry, in order. */
  readonly entry: VisitEntry;
  /** Of each intact entry behind damage: it is in no chain any more, but what it says happened. */
  readonly stray: (segment: Segment, entry: SpoolEntry) => void;
}

/**
 * Reads all segments that an earlier run left, in the order of epoch and seq, and hands every intact entry
 * to `visitor`. What a crash tore off the end of an epoch is cut; files without an intact entry are removed.
 * What is damaged in the middle stays as it is, for whoever looks into it.
 */
export async function recoverSegments(
  directory: string,
  visitor: RecoverVisitor,
  logger: Logger,
): Promise<Segment[]> {
  const names = (await readdir(directory)).filter((name) => NAME.test(name)).sort();
  const segments: Segment[] = [];
  for (const [index, name] of names.entries()) {
    const [, epoch, firstSeq] = NAME.exec(name) ?? [];
    const path = join(directory, name);
    const segment: Segment = {
      path,
      epoch: Number(epoch),
      firstSeq: Number(firstSeq),
      count: 0,
      bytes: 0,
      open: 0,
      missing: false,
    };
    const content = await readFile(path);
    for (let entry = readEntry(content, 0); entry !== undefined; entry = readEntry(content, segment.bytes)) {
      visitor.entry(segment, segment.firstSeq + segment.count, entry);
      segment.count += 1;
      segment.bytes += entryBytes(entry);
    }
    const rest = content.byteLength - segment.bytes;
    const strays = visitStrays(segment, content, visitor);
    const lastOfEpoch = !names[index + 1]?.startsWith(`${epoch}-`);
    if (rest > 0 && (strays > 0 || !lastOfEpoch)) {
      // Only the end of an epoch can be torn by a crash.
      logger.error(
        { segment: name, seq: lastSeq(segment) + 1, bytes: rest, strays },
        'spool segment is damaged: its rest stays here and is not handed in',
      );
      segment.open += 1;
      segments.push(segment);
      continue;
    }
    if (rest > 0) logger.warn({ segment: name, bytes: rest }, 'cut a torn entry off the spool');
    if (segment.count === 0) {
      await rm(path);
    } else {
      if (rest > 0) await truncate(path, segment.bytes);
      segments.push(segment);
    }
  }
  return segments;
}

/** How many intact entries stand behind the first one that is not. */
function visitStrays(segment: Segment, content: Buffer, visitor: RecoverVisitor): number {
  let strays = 0;
  let at = segment.bytes;
  for (;;) {
    const found = findIntactEntry(content, at);
    const entry = found === undefined ? undefined : readEntry(content, found);
    if (found === undefined || entry === undefined) return strays;
    visitor.stray(segment, entry);
    strays += 1;
    at = found + entryBytes(entry);
  }
}
