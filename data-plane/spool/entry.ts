import { crc32c } from './crc32c.ts';

/** A record and the payload that belongs to it, both as serialised by their writer. */
export interface SpoolEntry {
  readonly record: Uint8Array;
  /** Empty when the record has none. */
  readonly payload: Uint8Array;
}

/** What an entry says about the exchange it belongs to. An open exchange keeps the file with its intent. */
export interface EntryMarks {
  readonly opens?: string | undefined;
  readonly closes?: string | undefined;
}

/**
 * An entry on disk: CRC-32C of everything after it, length of the record, length of the payload (each a
 * big-endian uint32), record, payload. A record is never empty, so zeros are never an entry.
 */
export const ENTRY_HEADER_BYTES = 12;
const CRC_BYTES = 4;

/** Bytes that the entry takes on disk. */
export function entryBytes(entry: SpoolEntry): number {
  return ENTRY_HEADER_BYTES + entry.record.byteLength + entry.payload.byteLength;
}

/** Writes the entry into `target` at `offset` and returns the offset behind it. */
export function writeEntry(target: Buffer, offset: number, entry: SpoolEntry): number {
  const recordStart = offset + ENTRY_HEADER_BYTES;
  const payloadStart = recordStart + entry.record.byteLength;
  const end = payloadStart + entry.payload.byteLength;
  target.writeUInt32BE(entry.record.byteLength, offset + CRC_BYTES);
  target.writeUInt32BE(entry.payload.byteLength, offset + CRC_BYTES + 4);
  target.set(entry.record, recordStart);
  target.set(entry.payload, payloadStart);
  target.writeUInt32BE(crc32c(target.subarray(offset + CRC_BYTES, end)), offset);
  return end;
}

/** Bytes of the entry whose header stands at `offset`; undefined when `source` ends inside the header. */
export function peekEntryBytes(source: Buffer, offset: number): number | undefined {
  if (source.byteLength - offset < ENTRY_HEADER_BYTES) return undefined;
  const recordBytes = source.readUInt32BE(offset + CRC_BYTES);
  const payloadBytes = source.readUInt32BE(offset + CRC_BYTES + 4);
  return ENTRY_HEADER_BYTES + recordBytes + payloadBytes;
}

/** The intact entry at `offset`, as views into `source`; undefined when it is torn, damaged or not there. */
export function readEntry(source: Buffer, offset: number): SpoolEntry | undefined {
  const bytes = peekEntryBytes(source, offset);
  if (bytes === undefined || bytes > source.byteLength - offset) return undefined;
  const end = offset + bytes;
  if (source.readUInt32BE(offset) !== crc32c(source.subarray(offset + CRC_BYTES, end))) return undefined;
  const recordStart = offset + ENTRY_HEADER_BYTES;
  const payloadStart = recordStart + source.readUInt32BE(offset + CRC_BYTES);
  if (payloadStart === recordStart) return undefined;
  return {
    record: source.subarray(recordStart, payloadStart),
    payload: source.subarray(payloadStart, end),
  };
}

/** No record is longer; what claims to be is not looked at, or a search in damage would take minutes. */
const SEARCH_RECORD_BYTES = 1024 * 1024;

/** Where the next intact entry behind `offset` begins, after damage; undefined when there is none. */
export function findIntactEntry(source: Buffer, offset: number): number | undefined {
  for (let at = offset; at + ENTRY_HEADER_BYTES < source.byteLength; at += 1) {
    const recordBytes = source.readUInt32BE(at + CRC_BYTES);
    if (recordBytes === 0 || recordBytes > SEARCH_RECORD_BYTES) continue;
    if (readEntry(source, at) !== undefined) return at;
  }
  return undefined;
}
