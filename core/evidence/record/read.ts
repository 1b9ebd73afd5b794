import { fromBinary } from '@bufbuild/protobuf';
import {
  type Payload,
  PayloadSchema,
  type Record,
  RecordKind,
  RecordSchema,
  type SealedPayload,
  SealedPayloadSchema,
} from '#proto/sworn/audit/v1/record_pb.ts';
import { HASH_BYTES } from '../merkle/hash.ts';
import { readFields } from './wire.ts';

/** From record.proto: no writer writes more. */
export const MAX_RECORD_BYTES = 65_535;

/** What of a record verification goes by. */
export type VerifiedRecord = Pick<Record, (typeof VERIFIED)[number]>;

/** The fields that docs/evidence.md lists; others say nothing about whether the record holds. */
const VERIFIED = [
  'plane',
  'epoch',
  'seq',
  'prevHash',
  'time',
  'kind',
  'exchange',
  'ciphertextSha256',
  'action',
  'resource',
  'promptCommitment',
  'responseCommitment',
  'sentCommitment',
  'previous',
  'erasure',
  'planeKey',
  'keysSha256',
] as const satisfies readonly (keyof Record)[];
/** Fields that the page lists, too: other tools read them, and all have to read the same. */
const LISTED = [
  'caller',
  'decision',
  'findings',
  'outcome',
  'conflict',
] as const satisfies readonly (keyof Record)[];
const numbersOf = (names: readonly (keyof typeof RecordSchema.field)[]) =>
  new Set(names.map((name) => RecordSchema.field[name].number));
const RECORD = { read: numbersOf(VERIFIED), checked: numbersOf(LISTED) };
const SEALED = { read: new Set(SealedPayloadSchema.fields.map(({ number }) => number)) };
const CONTENT = { read: new Set(PayloadSchema.fields.map(({ number }) => number)) };

/** A record; undefined when the bytes are none, are too many, or say not where it belongs. */
export function readRecord(bytes: Uint8Array): VerifiedRecord | undefined {
  if (bytes.length > MAX_RECORD_BYTES) return undefined;
  const fields = readFields(RecordSchema, bytes, RECORD);
  if (fields === undefined) return undefined;
  const record = fromBinary(RecordSchema, fields);
  const { plane, epoch, seq, prevHash, time, kind } = record;
  const hasPlace = plane !== '' && epoch >= 1n && seq >= 1n && prevHash.length === HASH_BYTES;
  return hasPlace && time !== undefined && kind !== RecordKind.UNSPECIFIED ? record : undefined;
}

/** A payload; undefined when the bytes are none. */
export function readSealed(bytes: Uint8Array): SealedPayload | undefined {
  const fields = readFields(SealedPayloadSchema, bytes, SEALED);
  return fields && fromBinary(SealedPayloadSchema, fields);
}

/** The content of a payload; undefined when the bytes are none. */
export function readContent(bytes: Uint8Array): Payload | undefined {
  const fields = readFields(PayloadSchema, bytes, CONTENT);
  return fields && fromBinary(PayloadSchema, fields);
}
