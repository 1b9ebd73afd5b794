import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
/** Of a chunk, beside what it holds: its length, its type, a checksum. */
const CHUNK_BYTES = 12;
const [START_OF_IMAGE, START_OF_SCAN, END_OF_IMAGE] = [0xffd8, 0xffda, 0xffd9];
const RIFF_HEAD_BYTES = 8;

/** Whether bytes are one picture or sound from the first to the last, as far as their format tells: PNG, JPEG, WebP, WAV. */
export function isWholeMedia(bytes: Uint8Array): boolean {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.subarray(0, PNG.length).equals(PNG)) return isPng(data);
  if (data.length > 4 && data.readUInt16BE(0) === START_OF_IMAGE) return isJpeg(data);
  const head = data.toString('latin1', 0, RIFF_HEAD_BYTES + 4);
  if (!/^RIFF.{4}(?:WEBP|WAVE)$/s.test(head)) return false;
  const size = data.readUInt32LE(4) + RIFF_HEAD_BYTES;
  // What is odd is filled up to even.
  return data.length === size || data.length === size + (size % 2);
}

/** Each chunk has a checksum (https://www.w3.org/TR/png-3/#5Chunk-layout): nobody writes words in the place of one. */
function isPng(data: Buffer): boolean {
  for (let at = PNG.length; at + CHUNK_BYTES <= data.length; ) {
    const end = at + CHUNK_BYTES + data.readUInt32BE(at);
    if (end > data.length || crc32(data.subarray(at + 4, end - 4)) !== data.readUInt32BE(end - 4))
      return false;
    if (data.toString('latin1', at + 4, at + 8) === 'IEND') return end === data.length;
    at = end;
  }
  return false;
}

/** Segments with their lengths, one behind the other up to the first scan; and the mark of the end (ITU-T T.81, annex B). */
function isJpeg(data: Buffer): boolean {
  for (let at = 2; at + 4 <= data.length; ) {
    if (data[at] !== 0xff) return false;
    if (data.readUInt16BE(at) === START_OF_SCAN) return data.readUInt16BE(data.length - 2) === END_OF_IMAGE;
    at += 2 + data.readUInt16BE(at + 2);
  }
  return false;
}
