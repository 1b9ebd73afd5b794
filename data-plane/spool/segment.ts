import { readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { entryBytes, readEntry, type SpoolEntry } from './entry.ts';

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
}

const NAME = /^(\d{10})-(\d{16})\.spool$/;

export function segmentPath(directory: string, epoch: number, firstSeq: number): string {
  return join(directory, `${String(epoch).padStart(10, '0')}-${String(firstSeq).padStart(16, '0')}.spool`);
}

/** Seq of the last durable entry; one less than the first when it has none. */
export function lastSeq(segment: Segment): number {
  return segment.firstSeq + segment.count - 1;
}

export type VisitEntry = (segment: Segment, seq: number, entry: SpoolEntry) => void;

/**
 * Reads all segments that an earlier run left, in the order of epoch and seq, and hands every intact entry
 * to `visit`. What a crash tore off the end of an epoch is cut; files without an intact entry are removed.
 */
export async function recoverSegments(
  directory: string,
  visit: VisitEntry,
  logger: Logger,
): Promise<Segment[]> {
  const names = (await readdir(directory)).filter((name) => NAME.test(name)).sort();
  const segments: Segment[] = [];
  for (const [index, name] of names.entries()) {
    const [, epoch, firstSeq] = NAME.exec(name) ?? [];
    const segment: Segment = {
      path: join(directory, name),
      epoch: Number(epoch),
      firstSeq: Number(firstSeq),
      count: 0,
      bytes: 0,
      open: 0,
    };
    const content = await readFile(segment.path);
    for (let entry = readEntry(content, 0); entry !== undefined; entry = readEntry(content, segment.bytes)) {
      visit(segment, segment.firstSeq + segment.count, entry);
      segment.count += 1;
      segment.bytes += entryBytes(entry);
    }
    const rest = content.byteLength - segment.bytes;
    const lastOfEpoch = !names[index + 1]?.startsWith(`${epoch}-`);
    if (rest > 0 && !lastOfEpoch) {
      // Only the end of an epoch can be torn by a crash; this is damage, and stays for whoever looks into it.
      logger.error({ segment: name, seq: lastSeq(segment) + 1, bytes: rest }, 'spool segment is damaged');
      segment.open += 1;
      segments.push(segment);
    } else if (segment.count === 0) {
      await rm(segment.path);
    } else {
      if (rest > 0) {
        logger.warn({ segment: name, bytes: rest }, 'cut a torn entry off the spool');
        await truncate(segment.path, segment.bytes);
      }
      segments.push(segment);
    }
  }
  return segments;
}
