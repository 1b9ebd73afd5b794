import { createHash, timingSafeEqual } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { type Record, RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { RecordEntry } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { fail } from '../api/fail.ts';

/** The longest record; content is in payloads. */
export const MAX_RECORD_BYTES = 65_536;
/** The longest payload: a prompt or an answer with its frames. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;
/** The largest epoch and seq that the store can hold. */
const MAX_INT64 = 2n ** 63n - 1n;
/** 9999-12-31T23:59:59Z, the last second of a protobuf Timestamp. */
const MAX_TIME_SECONDS = 253_402_300_799n;
const MAX_SESSION_LENGTH = 300;
const EXCHANGE_NAME = /^exchanges\/[a-z0-9-]{1,64}$/;
const PLANE_KINDS: ReadonlySet<RecordKind> = new Set([
  RecordKind.INTENT,
  RecordKind.OUTCOME,
  RecordKind.REFUSAL,
  RecordKind.APPROVAL,
]);

/** A record as it came, read and checked by itself. */
export interface BatchEntry {
  readonly record: Record;
  readonly time: Date;
  /** As written. */
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`. */
  readonly digest: Uint8Array;
  /** Empty when the record has none. */
  readonly payload: Uint8Array;
}

/** Records of one epoch whose seqs follow one another and whose chain holds. */
export interface Batch {
  readonly epoch: bigint;
  readonly first: bigint;
  readonly last: bigint;
  readonly entries: readonly BatchEntry[];
}

/**
 * Reads a batch of records of `plane` and checks what can be seen without the store: every record is the plane's own
 * and well formed, all are of one epoch, each follows the one before by seq and by digest, and payloads have the
 * digest that their record states. Whether the first one follows what is stored, its receiver checks.
 *
 * @throws ConnectError INVALID_ARGUMENT, RECORD_GAP (seqs do not follow), RECORD_CONFLICT (prev_hash does not)
 */
export function readBatch(plane: string, entries: readonly RecordEntry[]): Batch {
  const read = entries.map((entry, index) => readEntry(plane, entry, index));
  const first = read[0];
  const last = read.at(-1);
  if (first === undefined || last === undefined) throw invalid(0, 'a batch has at least one record');
  const { epoch } = first.record;
  read.forEach((entry, index) => {
    const before = read[index - 1];
    if (before === undefined) return;
    if (entry.record.epoch !== epoch) throw invalid(index, 'all records of a batch are of one epoch');
    if (entry.record.seq !== before.record.seq + 1n) throw gap(epoch, before.record.seq + 1n);
    checkChain(entry, before.digest);
  });
  return { epoch, first: first.record.seq, last: last.record.seq, entries: read };
}

/** @throws ConnectError RECORD_CONFLICT when the record does not follow the one with digest `before` */
export function checkChain(entry: BatchEntry, before: Uint8Array): void {
  const { prevHash } = entry.record;
  if (prevHash.length === before.length && timingSafeEqual(prevHash, before)) return;
  throw conflict(entry.record, 'prev_hash is not the digest of the record before');
}

/** The error for records that do not continue what is there. */
export function gap(epoch: bigint, seq: bigint): Error {
  return fail(Reason.RECORD_GAP, `records must continue at seq ${seq} of epoch ${epoch}`, {
    epoch: `${epoch}`,
    seq: `${seq}`,
  });
}

/** The error for a record that contradicts what is there. */
export function conflict(record: Record, why: string): Error {
  return fail(Reason.RECORD_CONFLICT, `record ${record.seq} of epoch ${record.epoch}: ${why}`, {
    epoch: `${record.epoch}`,
    seq: `${record.seq}`,
  });
}

function readEntry(plane: string, entry: RecordEntry, index: number): BatchEntry {
  if (entry.record.length > MAX_RECORD_BYTES) throw invalid(index, 'longer than 64 KiB');
  if (entry.payload.length > MAX_PAYLOAD_BYTES) throw invalid(index, 'its payload is longer than 64 MiB');
  const record = readRecord(entry.record, index);
  if (record.plane !== plane) throw invalid(index, 'written by another plane');
  checkFields(record, index);
  checkPayload(record, entry.payload, index);
  const time = record.time === undefined ? undefined : timestampDate(record.time);
  if (time === undefined) throw invalid(index, 'has no time');
  return { record, time, bytes: entry.record, digest: sha256(entry.record), payload: entry.payload };
}

function readRecord(bytes: Uint8Array, index: number): Record {
  try {
    return fromBinary(RecordSchema, bytes);
  } catch {
    throw invalid(index, 'not a serialised sworn.audit.v1.Record');
  }
}

function checkFields(record: Record, index: number): void {
  if (record.epoch < 1n || record.epoch > MAX_INT64) throw invalid(index, 'epoch must be from 1 to 2^63-1');
  if (record.seq < 1n || record.seq > MAX_INT64) throw invalid(index, 'seq must be from 1 to 2^63-1');
  if (!PLANE_KINDS.has(record.kind)) throw invalid(index, 'a plane does not write records of this kind');
  if (!EXCHANGE_NAME.test(record.exchange)) throw invalid(index, 'exchange must be exchanges/{id}');
  const isSession = record.session.startsWith('sessions/') && record.session.length <= MAX_SESSION_LENGTH;
  if (record.session !== '' && !isSession) throw invalid(index, 'session must be sessions/{id} or empty');
  const seconds = record.time?.seconds ?? -1n;
  if (seconds < 0n || seconds > MAX_TIME_SECONDS) throw invalid(index, 'time must be set, from 1970 to 9999');
}

function checkPayload(record: Record, payload: Uint8Array, index: number): void {
  const stated = record.payloadSha256;
  if (payload.length === 0 && stated.length === 0) return;
  const isAsStated = stated.length === 32 && payload.length > 0 && timingSafeEqual(sha256(payload), stated);
  if (!isAsStated) throw invalid(index, 'payload_sha256 is not the digest of the payload');
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

function invalid(index: number, why: string): Error {
  return fail(Reason.INVALID_ARGUMENT, `entries[${index}]: ${why}`, { [`entries[${index}]`]: why });
}
