import { timingSafeEqual } from 'node:crypto';

/** Whether two secrets, MACs or digests are the same, in a time that does not tell where they differ. Of texts the UTF-8 counts. */
export function isEqual<T extends string | Uint8Array>(one: T, other: T): boolean {
  const [a, b] = [bytesOf(one), bytesOf(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
}
