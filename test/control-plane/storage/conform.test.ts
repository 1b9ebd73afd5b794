import fc from 'fast-check';
import { Binary, BSON, Decimal128, Long, ObjectId, Timestamp } from 'mongodb';
import { expect, test } from 'vitest';
import { conform, type Shape } from '../../../control-plane/storage/conform.ts';
import { PLAIN_TYPES } from '../../../control-plane/storage/plain-types.ts';
import { SCHEMAS } from '../../../control-plane/storage/schema/index.ts';

/** As the driver gives it. */
const read = (document: object) => BSON.deserialize(BSON.serialize(document), PLAIN_TYPES);
const shapeOf = (name: string): Shape => {
  const found = SCHEMAS.find((schema) => schema.name === name);
  return found?.validator['$jsonSchema'];
};

/** Any value that somebody could store. */
const any: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 2 },
    fc.constantFrom(null, true, false, 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 7, ''),
    fc.constantFrom(
      Long.MAX_VALUE,
      Long.MIN_VALUE,
      Long.fromNumber(7),
      Decimal128.fromString('7'),
      new Timestamp(7n),
    ),
    fc.constantFrom(
      new ObjectId(),
      new BSON.BSONRegExp('a'),
      new BSON.MinKey(),
      new BSON.Code('x'),
      new Date(8.64e15),
    ),
    fc.string(),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => new Binary(bytes)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom('seq', 'digest', 'time', 'record', 'base', 'sha256', 'chunks'),
      tie('value'),
    ),
  ),
})).value;

function isOf(value: unknown, shape: Shape): boolean {
  switch (shape.bsonType) {
    case 'string':
      return typeof value === 'string';
    case 'binData':
      return value instanceof Uint8Array;
    case 'bool':
      return typeof value === 'boolean';
    case 'date':
      return value instanceof Date && value.toISOString().length === '0001-01-01T00:00:00.000Z'.length;
    case 'int':
      return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31;
    case 'long':
      return typeof value === 'bigint' && value >= 0n && value <= 2n ** 62n;
    case 'array':
      return Array.isArray(value) && value.every((item) => isOf(item, shape.items ?? {}));
    case 'object': {
      const object = value as Record<string, unknown>;
      return Object.entries(shape.properties ?? {}).every(
        ([name, inner]) =>
          (object[name] === undefined && !shape.required?.includes(name)) || isOf(object[name], inner),
      );
    }
    default:
      return true;
  }
}

test.each(SCHEMAS.map((schema) => [schema.name, schema] as const))(
  '%s: whatever is stored there is read as what its schema says',
  (name, schema) => {
    const shape = shapeOf(name);
    const document = fc.record(
      Object.fromEntries(Object.keys(shape.properties ?? {}).map((field) => [field, any])),
      { requiredKeys: [] },
    );
    const asStored = conform(schema);
    fc.assert(
      fc.property(document, (stored) => {
        expect(isOf(asStored(read(stored)), { ...shape, bsonType: 'object' })).toBe(true);
      }),
      { numRuns: 100 },
    );
  },
);

test('what is as it has to be stays the same object, with what the schema does not speak of', () => {
  const writers = SCHEMAS.find(({ name }) => name === 'writers');
  const stored = {
    ...{ _id: 'planes/a/epochs/1', plane: 'planes/a', epoch: 1n, seq: 2n, digest: Buffer.alloc(32) },
    ...{ createTime: new Date(), updateTime: new Date(), isUnlogged: true, other: 7 },
  };
  const asStored = conform(writers as never);
  expect(asStored(stored)).toBe(stored);
  expect(asStored({ ...stored, seq: 2 })).toEqual(stored);
  expect(asStored({ ...stored, seq: '2', digest: 'x' })).toEqual({
    ...stored,
    seq: 0n,
    digest: Buffer.alloc(0),
  });
});
