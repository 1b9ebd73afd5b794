import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { expect, test } from 'vitest';
import { readRecord } from '#core/evidence/record/read.ts';
import { RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';

const RECORD = toBinary(
  RecordSchema,
  create(RecordSchema, {
    plane: 'planes/a',
    epoch: 1n,
    seq: 1n,
    prevHash: new Uint8Array(32),
    time: { seconds: 1n },
    kind: RecordKind.INTENT,
    caller: { subject: 'ana' },
    findings: { US_SSN: 1 },
    outcome: { httpStatus: 200 },
  }),
);
const NOT_UTF8 = Buffer.from([0xff]);
const text =
  (number: number, bytes: Uint8Array = NOT_UTF8) =>
  (writer: BinaryWriter) =>
    writer.tag(number, WireType.LengthDelimited).bytes(bytes);
const number = (field: number) => (writer: BinaryWriter) => writer.tag(field, WireType.Varint).uint32(1);

/** The record, with one more message in a field; what comes twice is joined. */
function withMessage(field: number, inner: (writer: BinaryWriter) => BinaryWriter): Uint8Array {
  const more = new BinaryWriter()
    .tag(field, WireType.LengthDelimited)
    .bytes(inner(new BinaryWriter()).finish());
  return Buffer.concat([RECORD, more.finish()]);
}

test('a record is read', () => {
  expect(readRecord(RECORD)).toMatchObject({ plane: 'planes/a', seq: 1n });
  expect(readRecord(withMessage(10, number(1000)))).toMatchObject({ plane: 'planes/a', seq: 1n });
});

test.each<[string, number[]]>([
  ['has more than 32 bits', [0x82, 0x80, 0x80, 0x80, 0x10, 0]],
  ['has more than five bytes', [0xba, 0x80, 0x80, 0x80, 0x80, 0, 0]],
])('a field whose tag %s makes it none', (_what, field) => {
  expect(readRecord(Buffer.concat([RECORD, Buffer.from(field)]))).toBeUndefined();
});

test.each<[string, number, (writer: BinaryWriter) => BinaryWriter]>([
  ['a caller whose subject is no text', 10, text(2)],
  ['a caller whose subject is a number', 10, number(2)],
  ['a caller whose kind is a text', 10, text(9)],
  ['a decision whose policy is no text', 15, text(2)],
  ['a decision with a change that is no text', 15, text(7, Buffer.from([0x0a, 1, 0xff]))],
  ['a finding whose entity is no text', 17, text(1)],
  ['a finding whose count is a text', 17, text(2)],
  ['an outcome whose code is a number', 21, number(3)],
  ['a conflict whose plane is no text', 29, text(1)],
])('%s is none that two readers read alike', (_what, field, inner) => {
  expect(readRecord(withMessage(field, inner))).toBeUndefined();
});
