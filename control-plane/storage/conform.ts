import type { CollectionSchema } from './schema/collection.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a schema says of a field. */
export interface Shape {
  readonly bsonType?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly minimum?: number;
}

const MAX_INT = 2 ** 31 - 1;
/** What is calculated with a number up to here is an int64 as well, and none that we write comes near it. */
const MAX_LONG = 2n ** 62n;
/** As google.protobuf.Timestamp has it. */
const [MIN_TIME_MS, MAX_TIME_MS] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59Z')];

/**
 * Reads documents of a collection, with PLAIN_TYPES, as its schema has them: a field of another type, or out of bounds, is read as an
 * empty one, or as none where it need not be there. Who writes to the database can put anything past what MongoDB checks; it is then not
 * what was recorded, which an empty field shows as another value does, and ends no list of the others. A document that is read as it is
 * stays the same object.
 *
 * @param fields those of a projection; absent: all
 * @param more what the schema does not say
 */
export function conform<T extends object>(
  { validator }: CollectionSchema,
  fields?: readonly (keyof T & string)[],
  more: Readonly<Record<string, Shape>> = {},
): (document: object) => T {
  const { required = [], properties = {} }: Shape = validator['$jsonSchema'];
  const isRead = (name: string) => fields === undefined || fields.includes(name as keyof T & string);
  const all = Object.entries({ ...properties, ...more }).filter(([name]) => isRead(name));
  const shape = {
    bsonType: 'object',
    required: required.filter(isRead),
    properties: Object.fromEntries(all),
  };
  return (document) => readObject(document as Json, shape) as T;
}

function readObject(document: Json, { required = [], properties = {} }: Shape): Json {
  const changed: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(properties)) {
    const value = document[name];
    const read = value === undefined ? undefined : readValue(value, shape);
    const kept = read === undefined && required.includes(name) ? emptyOf(shape) : read;
    if (kept !== value) changed[name] = kept;
  }
  if (Object.keys(changed).length === 0) return document;
  return Object.fromEntries(
    Object.entries({ ...document, ...changed }).filter(([, value]) => value !== undefined),
  );
}

/** The value; undefined where it is none of this shape. */
function readValue(value: unknown, shape: Shape): unknown {
  switch (shape.bsonType) {
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'binData':
      return value instanceof Uint8Array ? value : undefined;
    case 'bool':
      return typeof value === 'boolean' ? value : undefined;
    case 'date':
      return isTime(value) ? value : undefined;
    case 'int':
      return Number.isInteger(value) && isWithin(Number(value), shape, MAX_INT) ? value : undefined;
    case 'long':
      return readLong(value, shape);
    case 'array':
      return Array.isArray(value) ? readItems(value, shape.items ?? {}) : undefined;
    case 'object':
      return isPlain(value) ? readObject(value, shape) : undefined;
    default:
      return value;
  }
}

/** A number that is stored as another type of number is that number. */
function readLong(value: unknown, shape: Shape): bigint | undefined {
  const long = Number.isSafeInteger(value) ? BigInt(value as number) : value;
  return typeof long === 'bigint' && isWithin(long, shape, MAX_LONG) ? long : undefined;
}

function readItems(items: readonly unknown[], shape: Shape): readonly unknown[] {
  const read = items.map((item) => readValue(item, shape));
  return read.every((item, index) => item === items[index])
    ? items
    : read.filter((item) => item !== undefined);
}

function emptyOf(shape: Shape): unknown {
  switch (shape.bsonType) {
    case 'string':
      return '';
    case 'binData':
      return Buffer.alloc(0);
    case 'bool':
      return false;
    case 'date':
      return new Date(0);
    case 'int':
      return 0;
    case 'long':
      return 0n;
    case 'array':
      return [];
    case 'object':
      return readObject({}, shape);
    default:
      return undefined;
  }
}

function isWithin<T extends number | bigint>(value: T, { minimum = 0 }: Shape, max: T): boolean {
  return value >= minimum && value <= max;
}

function isTime(value: unknown): boolean {
  return value instanceof Date && value.getTime() >= MIN_TIME_MS && value.getTime() <= MAX_TIME_MS;
}

/** True for what BSON calls an object; its other types have classes. */
function isPlain(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
