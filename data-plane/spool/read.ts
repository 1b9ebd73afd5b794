import { type FileHandle, open } from 'node:fs/promises';
import { ENTRY_HEADER_BYTES, peekEntryBytes, readEntry, type SpoolEntry } from './entry.ts';
import { SpoolError } from './error.ts';
import type { Segment } from './segment.ts';

/** Entries of one epoch, seq after seq. */
export interface SpoolBatch {
  readonly epoch: number;
  readonly firstSeq: number;
  readonly entries: readonly SpoolEntry[];
}

/** A batch has at least one entry, however large, and otherwise stays within both. */
export interface BatchLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** Where an entry begins. */
export interface EntryPosition {
  readonly seq: number;
  readonly offset: number;
}

const SCAN_BYTES = 1024 * 1024;

/**
 * Reads entries from `from` on, and says where the next one begins. Rejects with the system's error, and with the
 * SpoolError `damaged` when the file holds anything but intact entries up to its durable end.
 */
export async function readSegment(
  segment: Segment,
  from: EntryPosition,
  limits: BatchLimits,
): Promise<{ entries: SpoolEntry[]; next: EntryPosition }> {
  const file = await open(segment.path, 'r');
  try {
    const durableBytes = segment.bytes;
    const first = await readExactly(file, from.offset, Math.min(limits.maxBytes, durableBytes - from.offset));
    const firstBytes = peekEntryBytes(first, 0);
    if (firstBytes === undefined || from.offset + firstBytes > durableBytes) throw damaged(segment, from.seq);
    const content = firstBytes > first.byteLength ? await readExactly(file, from.offset, firstBytes) : first;
    const entries: SpoolEntry[] = [];
    let offset = 0;
    while (entries.length < limits.maxEntries && offset < content.byteLength) {
      const bytes = peekEntryBytes(content, offset);
      if (bytes === undefined || bytes > content.byteLength - offset) break; // the rest is for the next batch
      const entry = readEntry(content, offset);
      if (entry === undefined) throw damaged(segment, from.seq + entries.length);
      entries.push(entry);
      offset += bytes;
    }
    return { entries, next: { seq: from.seq + entries.length, offset: from.offset + offset } };
  } finally {
    await file.close();
  }
}

/** Finds where the entry begins, by the lengths of those before it. Rejects as `readSegment` does. */
export async function findEntry(segment: Segment, seq: number): Promise<EntryPosition> {
  if (seq === segment.firstSeq) return { seq, offset: 0 };
  const file = await open(segment.path, 'r');
  try {
    let offset = 0;
    let found = segment.firstSeq;
    while (found < seq) {
      const content = await readExactly(file, offset, Math.min(SCAN_BYTES, segment.bytes - offset));
      let read = 0;
      while (found < seq && content.byteLength - read >= ENTRY_HEADER_BYTES) {
        read += peekEntryBytes(content, read) ?? 0;
        found += 1;
      }
      if (read === 0) throw damaged(segment, found);
      offset += read;
    }
    return { seq, offset };
  } finally {
    await file.close();
  }
}

async function readExactly(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.max(0, bytes));
  let filled = 0;
  while (filled < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, filled, buffer.byteLength - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function damaged(segment: Segment, seq: number): Error {
  return new SpoolError('damaged', `spool segment ${segment.path} is damaged at seq ${seq}`);
}
