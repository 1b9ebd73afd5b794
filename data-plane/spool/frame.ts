import { crc32c } from './crc32c.ts';

/** A piece of what was delivered of an exchange, as the frame log has it. */
export interface Frame {
  /** `exchanges/{id}`. */
  readonly exchange: string;
  /** Counts the frames of the exchange from 0, so that one that is missing is missed. */
  readonly index: number;
  /** Empty in the mark that says that the exchange needs its frames no more. */
  readonly part: Uint8Array;
}

/**
 * A frame on disk: CRC-32C of everything after it (uint32), index (uint32), length of the exchange's name (uint16),
 * length of the part (uint32), all big-endian; name (UTF-8), part. A name is never empty, so zeros are never a frame.
 */
const HEADER_BYTES = 14;
const CRC_BYTES = 4;
const NAME_LENGTH_AT = 8;
const PART_LENGTH_AT = 10;
const NAME_MAX_BYTES = 256;

/** Writes the frame into `target`, which has room for it, and returns its length. */
export function writeFrame(target: Buffer, { exchange, index, part }: Frame): number {
  const nameBytes = target.write(exchange, HEADER_BYTES);
  const end = HEADER_BYTES + nameBytes + part.byteLength;
  target.writeUInt32BE(index, CRC_BYTES);
  target.writeUInt16BE(nameBytes, NAME_LENGTH_AT);
  target.writeUInt32BE(part.byteLength, PART_LENGTH_AT);
  target.set(part, HEADER_BYTES + nameBytes);
  target.writeUInt32BE(crc32c(target.subarray(CRC_BYTES, end)), 0);
  return end;
}

/** Room for a frame of this exchange and part. Throws RangeError when the name is empty or too long. */
export function frameBytes(exchange: string, part: Uint8Array): number {
  const nameBytes = Buffer.byteLength(exchange);
  if (nameBytes === 0 || nameBytes > NAME_MAX_BYTES)
    throw new RangeError('an exchange is named by 1 to 256 bytes');
  return HEADER_BYTES + nameBytes + part.byteLength;
}

/** The intact frame at `offset`, its part a view into `source`, and where it ends; undefined when there is none. */
function readFrame(source: Buffer, offset: number): { frame: Frame; end: number } | undefined {
  if (source.byteLength - offset < HEADER_BYTES) return undefined;
  const nameBytes = source.readUInt16BE(offset + NAME_LENGTH_AT);
  const partStart = offset + HEADER_BYTES + nameBytes;
  const end = partStart + source.readUInt32BE(offset + PART_LENGTH_AT);
  if (nameBytes === 0 || nameBytes > NAME_MAX_BYTES || end > source.byteLength) return undefined;
  if (source.readUInt32BE(offset) !== crc32c(source.subarray(offset + CRC_BYTES, end))) return undefined;
  const exchange = source.toString('utf8', offset + HEADER_BYTES, partStart);
  const index = source.readUInt32BE(offset + CRC_BYTES);
  return { frame: { exchange, index, part: source.subarray(partStart, end) }, end };
}

/** The next intact frame from `offset` on, and where it begins; undefined when there is none. */
export function findFrame(source: Buffer, offset: number) {
  for (let start = offset; start + HEADER_BYTES < source.byteLength; start += 1) {
    const found = readFrame(source, start);
    if (found !== undefined) return { ...found, start };
  }
  return undefined;
}
