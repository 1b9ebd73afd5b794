import { BSON, type Document } from 'mongodb';

/**
 * Documents that say to us what they say to MongoDB. Who writes to it can store a field twice: queries go by the first, and the
 * driver, so also a MAC, by the last.
 */
const EXACT = new WeakSet<object>();

/** Reads a document of a query with `raw`, and notes whether it is exact. @param options with which it is read */
export function readExactly<T extends object>(raw: Uint8Array, options: Document): T {
  const document = BSON.deserialize(raw, options) as T;
  if (isWhole(raw)) EXACT.add(document);
  return document;
}

/** Whether this document was read, and found exact. */
export function isExact(document: object): boolean {
  return EXACT.has(document);
}

/** Takes a document that was written in the place of an exact one for exact. */
export function keepExact(before: object, after: object): void {
  if (EXACT.has(before)) EXACT.add(after);
}

/** Whether nothing of a document is lost when it is read: a field that is there twice, or of a type that is not ours. */
function isWhole(raw: Uint8Array): boolean {
  const document = BSON.deserialize(raw, { promoteValues: false, promoteLongs: false });
  return BSON.calculateObjectSize(document, { ignoreUndefined: false }) === raw.length;
}
