import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { decodeText } from '../text.ts';

/** Messages within messages; a record has four. */
const MAX_DEPTH = 16;
const MAX_VARINT_BYTES = 10;
const LAST_OF_64_BITS = 1;
const MORE = 0x80;

/** What is read of a message; the rest of it is only looked at from outside. */
export interface WireOptions {
  /** Numbers of the fields that are read. */
  readonly read: ReadonlySet<number>;
}

/**
 * The fields that are read, of bytes that are a message as every reader of protobuf takes it: each field that the schema
 * knows has the wire type that the schema gives it, texts are UTF-8, numbers have no more than 64 bits, and nothing is cut
 * off; messages within fields that are read are so as well. Undefined for other bytes. The library reads a field of another
 * wire type as if it were of the right one, and two readers would then see two records.
 */
export function readFields(
  desc: DescMessage,
  bytes: Uint8Array,
  { read }: WireOptions,
): Uint8Array | undefined {
  const kept: Uint8Array[] = [];
  try {
    const isWhole = isMessage(desc, bytes, 0, (number, begin, end) => {
      if (!read.has(number)) return false;
      kept.push(bytes.subarray(begin, end));
      return true;
    });
    return isWhole ? Buffer.concat(kept) : undefined;
  } catch {
    return undefined;
  }
}

/** @param onField whether a message in this field, from one place to the other, is looked into */
function isMessage(
  desc: DescMessage,
  bytes: Uint8Array,
  depth: number,
  onField: (number: number, begin: number, end: number) => boolean = () => true,
): boolean {
  if (depth > MAX_DEPTH) return false;
  const fields = new Map(desc.fields.map((field) => [field.number, field]));
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const begin = reader.pos;
    const [number, wireType] = reader.tag();
    if (!isVarint(bytes.subarray(begin, reader.pos))) return false;
    const value = reader.pos;
    reader.skip(wireType, number);
    if (wireType === WireType.Varint && !isVarint(bytes.subarray(value, reader.pos))) return false;
    const field = fields.get(number);
    const isRead = onField(number, begin, reader.pos);
    if (field === undefined) continue;
    if (!fits(field, wireType)) return false;
    if (wireType !== WireType.LengthDelimited) continue;
    if (!isValue(field, new BinaryReader(bytes.subarray(value, reader.pos)).bytes(), depth, isRead))
      return false;
  }
  return reader.pos === reader.len;
}

function isValue(field: DescField, value: Uint8Array, depth: number, isRead: boolean): boolean {
  if (field.fieldKind === 'map') return true;
  if (field.message !== undefined) return !isRead || isMessage(field.message, value, depth + 1);
  // Throws for what is no text.
  if (scalarOf(field) === ScalarType.STRING) decodeText(value);
  return true;
}

/** Whether a field may come so on the wire; repeated numbers also come packed, one behind the other. */
function fits(field: DescField, wireType: WireType): boolean {
  const scalar = scalarOf(field);
  const own = scalar === undefined ? WireType.LengthDelimited : wireTypeOf(scalar);
  return wireType === own || (field.fieldKind === 'list' && wireType === WireType.LengthDelimited);
}

function scalarOf(field: DescField): ScalarType | undefined {
  if (field.enum !== undefined && field.fieldKind !== 'map') return ScalarType.INT32;
  return field.fieldKind === 'map' ? undefined : field.scalar;
}

function wireTypeOf(scalar: ScalarType): WireType {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32;
    default:
      return WireType.Varint;
  }
}

/** At most 64 bits: the tenth byte has one. */
function isVarint(bytes: Uint8Array): boolean {
  const last = bytes.at(-1);
  if (last === undefined || (last & MORE) !== 0) return false;
  return bytes.length < MAX_VARINT_BYTES || (bytes.length === MAX_VARINT_BYTES && last <= LAST_OF_64_BITS);
}
