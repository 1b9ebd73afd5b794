import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryBytes, readEntry, writeEntry } from '../../../data-plane/spool/entry.ts';

const entries = fc.record({
  record: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  payload: fc.uint8Array({ maxLength: 300 }),
});

test('an entry reads as it was written', () => {
  fc.assert(
    fc.property(entries, fc.nat(20), (entry, offset) => {
      const buffer = Buffer.alloc(offset + entryBytes(entry) + 5);
      expect(writeEntry(buffer, offset, entry)).toBe(offset + entryBytes(entry));
      const read = readEntry(buffer, offset);
      expect(Buffer.from(read?.record ?? [])).toEqual(Buffer.from(entry.record));
      expect(Buffer.from(read?.payload ?? [])).toEqual(Buffer.from(entry.payload));
    }),
  );
});

test('a torn entry and one with any bit changed are not read', () => {
  fc.assert(
    fc.property(entries, fc.nat(), (entry, at) => {
      const buffer = Buffer.alloc(entryBytes(entry));
      writeEntry(buffer, 0, entry);
      expect(readEntry(buffer.subarray(0, at % buffer.byteLength), 0)).toBeUndefined();
      const bit = at % (buffer.byteLength * 8);
      buffer[bit >> 3] = (buffer[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(readEntry(buffer, 0)).toBeUndefined();
    }),
  );
});

test('zeros, as a file system may leave them behind a crash, are no entry', () => {
  expect(readEntry(Buffer.alloc(64), 0)).toBeUndefined();
});
