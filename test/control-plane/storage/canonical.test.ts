import fc from 'fast-check';
import { Binary, Long, ObjectId } from 'mongodb';
import { expect, test } from 'vitest';
import { canonicalBytes } from '../../../control-plane/storage/sealing/canonical.ts';

const hex = (value: unknown): string => Buffer.from(canonicalBytes(value)).toString('hex');

test('a document has the same bytes however it was read, and in whatever order its keys are', () => {
  const written = { b: Uint8Array.of(1, 2), a: 5, c: 7n, d: undefined };
  const read = { c: Long.fromNumber(7), a: 5n, b: new Binary(Buffer.from([1, 2])) };
  expect(hex(read)).toBe(hex(written));
  expect(hex({ a: 5, b: Buffer.from([1, 2]), c: 7 })).toBe(hex(written));
});

test.each([
  [{ a: '5' }, { a: 5 }],
  [{ a: null }, {}],
  [
    { a: 1, b: 2 },
    { a: 2, b: 1 },
  ],
  [{ a: { b: 1 } }, { a: [{ b: 1 }] }],
  [
    ['ab', 'c'],
    ['a', 'bc'],
  ],
  [[[], []], [[[]]]],
  [{ a: 'x', b: 'y' }, { a: 'xk1:bs1:y' }],
  [{ a: new Date(0) }, { a: 0 }],
  [{ a: Buffer.from('x') }, { a: 'x' }],
  [{ a: true }, { a: 'true' }],
])('%j and %j are told apart', (one, other) => {
  expect(hex(one)).not.toBe(hex(other));
});

test('values that are not equal have other bytes', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), tie('list'), tie('map')),
    list: fc.array(tie('any'), { maxLength: 3 }),
    map: fc.dictionary(fc.string({ maxLength: 3 }), tie('any'), { maxKeys: 3, noNullPrototype: true }),
  })).any;
  const text = (one: unknown): string =>
    JSON.stringify(one, (_key, field) =>
      typeof field === 'object' && field !== null && !Array.isArray(field)
        ? Object.entries(field).sort(([left], [right]) => (left < right ? -1 : 1))
        : field,
    );
  fc.assert(
    fc.property(value, value, (one, other) => {
      // Entries stand for maps in the text: an array of pairs is another value all the same.
      if (JSON.stringify(one) === JSON.stringify(other)) expect(hex(one)).toBe(hex(other));
      else if (text(one) !== text(other)) expect(hex(one)).not.toBe(hex(other));
    }),
  );
});

test('what no document of ours has is refused', () => {
  for (const value of [new ObjectId(), /x/, () => 1, Symbol('x'), new Map()]) {
    expect(() => canonicalBytes({ a: value })).toThrow(TypeError);
  }
});
