import { Binary, Long } from 'mongodb';

/** One value of one text for one meaning: T(ype), length of what follows, and that. Lengths keep parts from running together. */
function part(type: string, ...pieces: readonly Uint8Array[]): Buffer {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return Buffer.concat([Buffer.from(`${type}${length}:`, 'latin1'), ...pieces]);
}

const text = (value: string): Buffer => Buffer.from(value, 'utf8');

/**
 * The canonical bytes of a value as the driver reads or writes it: keys in order, whatever options it was read with (a 64-bit
 * integer as number, bigint or Long, binary data as Buffer or Binary). A field that is undefined is not stored, and not here.
 * @throws TypeError for what no document of ours has, such as an ObjectId
 */
export function canonicalBytes(value: unknown): Uint8Array {
  if (value === null || value === undefined) return part('0');
  switch (typeof value) {
    case 'string':
      return part('s', text(value));
    case 'boolean':
      return part('b', text(String(value)));
    case 'number':
    case 'bigint':
      return part('n', text(String(value)));
    case 'object':
      return ofObject(value);
    default:
      throw new TypeError(`a document has no ${typeof value}`);
  }
}

function ofObject(value: object): Uint8Array {
  if (Array.isArray(value)) return part('a', ...value.map(canonicalBytes));
  if (value instanceof Date) return part('d', text(String(value.getTime())));
  if (value instanceof Uint8Array) return part('x', value);
  if (value instanceof Binary) return part('x', value.value());
  if (Long.isLong(value)) return part('n', text(value.toString()));
  if (Object.getPrototypeOf(value) !== Object.prototype) throw new TypeError('a document has no such value');
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return part('o', ...fields.flatMap(([key, field]) => [part('k', text(key)), canonicalBytes(field)]));
}
