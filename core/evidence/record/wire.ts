import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { decodeText } from '../text.ts';

/** Messages within messages; a record has four. */
const MAX_DEPTH = 16;
const MAX_VARINT_BYTES = 10;
const MAX_TAG_BYTES = 5;
/** What the fifth byte may have. */
const REST_OF_32_BITS = 0x0f;
const LAST_OF_64_BITS = 1;
const MORE = 0x80;
/** Of proto2: some readers take them, some do not. */
const GROUP: readonly WireType[] = [WireType.StartGroup, WireType.EndGroup];

/** What is read of a message; the rest of it is only looked at from outside. */
export interface WireOptions {
  /** Numbers of the fields that are read. */
  readonly read: ReadonlySet<number>;
  /** Numbers of further fields whose messages are looked into, though nothing of them is read. */
  readonly checked?: ReadonlySet<number>;
}

/** How a field comes on the wire. */
interface Shape {
  readonly wireType: WireType;
  readonly isRepeated: boolean;
  readonly isText: boolean;
  /** The fields of a message, or of an entry of a map. */
  readonly inner: (() => Shapes) | undefined;
}
type Shapes = ReadonlyMap<number, Shape>;

const KNOWN = new WeakMap<DescMessage, Shapes>();

/**
 * The fields that are read, of bytes that are a message as every reader of protobuf takes it: each field that the schema
 * knows has the wire type that the schema gives it, texts are UTF-8, numbers have no more than 64 bits, and nothing is cut
 * off; messages within fields that are read or checked are so as well. Undefined for other bytes. The library reads a field
 * of another wire type as if it were of the right one, and two readers would then see two records.
 */
export function readFields(
  desc: DescMessage,
  bytes: Uint8Array,
  { read, checked }: WireOptions,
): Uint8Array | undefined {
  const kept: Uint8Array[] = [];
  try {
    const isWhole = isMessage(shapesOf(desc), bytes, 0, (number, begin, end) => {
      if (!read.has(number)) return checked?.has(number) ?? false;
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
  fields: Shapes,
  bytes: Uint8Array,
  depth: number,
  onField: (number: number, begin: number, end: number) => boolean = () => true,
): boolean {
  if (depth > MAX_DEPTH) return false;
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const begin = reader.pos;
    const [number, wireType] = reader.tag();
    if (!isTag(bytes.subarray(begin, reader.pos)) || GROUP.includes(wireType)) return false;
    const value = reader.pos;
    reader.skip(wireType, number);
    if (wireType === WireType.Varint && !isVarint(bytes.subarray(value, reader.pos))) return false;
    const field = fields.get(number);
    const isLookedInto = onField(number, begin, reader.pos);
    if (field === undefined) continue;
    if (!fits(field, wireType)) return false;
    if (!field.isText && (field.inner === undefined || !isLookedInto)) continue;
    const inside = new BinaryReader(bytes.subarray(value, reader.pos)).bytes();
    // Throws for what is no text.
    if (field.isText) decodeText(inside);
    else if (field.inner !== undefined && !isMessage(field.inner(), inside, depth + 1)) return false;
  }
  return reader.pos === reader.len;
}

/** Whether a field may come so on the wire; repeated numbers also come packed, one behind the other. */
function fits({ wireType: own, isRepeated }: Shape, wireType: WireType): boolean {
  return wireType === own || (isRepeated && wireType === WireType.LengthDelimited);
}

function shapesOf(desc: DescMessage): Shapes {
  const known = KNOWN.get(desc);
  if (known !== undefined) return known;
  const shapes = new Map(desc.fields.map((field) => [field.number, shapeOf(field)]));
  KNOWN.set(desc, shapes);
  return shapes;
}

function shapeOf(field: DescField): Shape {
  const isRepeated = field.fieldKind === 'list';
  if (field.fieldKind === 'map') {
    const value = field.mapKind === 'message' ? messageShape(field.message) : scalarShape(field.scalar);
    // An entry is a message of its own: 1 is the key, 2 the value.
    const entry = new Map([
      [1, scalarShape(field.mapKey)],
      [2, value],
    ]);
    return { wireType: WireType.LengthDelimited, isRepeated, isText: false, inner: () => entry };
  }
  const shape = field.message === undefined ? scalarShape(field.scalar) : messageShape(field.message);
  return { ...shape, isRepeated };
}

function messageShape(desc: DescMessage): Shape {
  const inner = () => shapesOf(desc);
  return { wireType: WireType.LengthDelimited, isRepeated: false, isText: false, inner };
}

/** @param scalar undefined for an enum, which comes as a number */
function scalarShape(scalar: ScalarType = ScalarType.INT32): Shape {
  const isText = scalar === ScalarType.STRING;
  return { wireType: wireTypeOf(scalar), isRepeated: false, isText, inner: undefined };
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

/** At most 32 bits: what is beyond them one reader drops, and another takes for a field of a larger number. */
function isTag(bytes: Uint8Array): boolean {
  const isShort = bytes.length < MAX_TAG_BYTES;
  return (
    isVarint(bytes) && (isShort || (bytes.length === MAX_TAG_BYTES && (bytes.at(-1) ?? 0) <= REST_OF_32_BITS))
  );
}

/** At most 64 bits: the tenth byte has one. */
function isVarint(bytes: Uint8Array): boolean {
  const last = bytes.at(-1);
  if (last === undefined || (last & MORE) !== 0) return false;
  return bytes.length < MAX_VARINT_BYTES || (bytes.length === MAX_VARINT_BYTES && last <= LAST_OF_64_BITS);
}
