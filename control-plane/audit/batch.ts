import { createHash } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { MAX_RECORD_BYTES } from '#core/evidence/record/read.ts';
import { contentKind } from '#core/evidence/verify/payload.ts';
import { type Record, RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { RecordEntry } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { isEqual } from '../../program/equal.ts';
import { fail } from '../api/fail.ts';
import { findOddTime } from '../api/times.ts';
import type { Head } from '../storage/record/writers.ts';
import { ConflictError } from './conflict.ts';
import { checkEpochRecord, isEpochRecord } from './epoch-record.ts';
import { checkSealed } from './sealed.ts';

/** The longest payload, sealed: a prompt or an answer with its frames. */
export const MAX_PAYLOAD_BYTES = 64 * 1024 * 1024;
/** The largest epoch and seq that the store can hold. */
export const MAX_INT64 = 2n ** 63n - 1n;
/** 9999-12-31T23:59:59Z, the last second of a protobuf Timestamp. */
const MAX_TIME_SECONDS = 253_402_300_799n;
const MAX_SESSION_LENGTH = 300;
const TIE_BYTES = 16;
/** Traces, and answers that they have spans of, in a batch of several records. */
const MAX_TRACED = 2_000;
const DIGEST_BYTES = 32;
const EXCHANGE_NAME = /^exchanges\/[a-z0-9-]{1,64}$/;
const PLANE_KINDS: ReadonlySet<RecordKind> = new Set([
  RecordKind.INTENT,
  RecordKind.OUTCOME,
  RecordKind.REFUSAL,
  RecordKind.APPROVAL,
  RecordKind.EPOCH_BEGIN,
  RecordKind.EPOCH_END,
]);

/** A record as it came, read and checked by itself. */
export interface BatchEntry {
  readonly record: Record;
  readonly time: Date;
  /** As written. */
  readonly bytes: Uint8Array;
  /** SHA-256 of `bytes`. */
  readonly digest: Uint8Array;
  /** A serialised SealedPayload, as it came; empty when the record has none. */
  readonly payload: Uint8Array;
}

/** Records of one epoch whose seqs follow one another and whose chain holds. */
export interface Batch {
  readonly plane: string;
  readonly epoch: bigint;
  readonly first: bigint;
  /** The last of them. */
  readonly last: Head;
  readonly entries: readonly BatchEntry[];
}

/**
 * Reads a batch of records of `plane` and checks what can be seen without the store: every record is the plane's own
 * and well formed, all are of one epoch, each follows the one before by seq and by digest, the epoch's first and last
 * records are where they belong, and payloads are sealed and have the digest that their record states. Whether the first
 * one follows what is stored, its receiver checks.
 *
 * @throws ConnectError INVALID_ARGUMENT, RECORD_GAP (seqs do not follow)
 * @throws ConflictError prev_hash does not follow, or there is a record after the epoch's last
 */
export function readBatch(plane: string, entries: readonly RecordEntry[]): Batch {
  const read = entries.map((entry, index) => readEntry(plane, entry, index));
  const first = read[0];
  const last = read.at(-1);
  if (first === undefined || last === undefined) throw invalid(0, 'a batch has at least one record');
  const { epoch } = first.record;
  checkTraces(read);
  read.forEach((entry, index) => {
    const before = read[index - 1];
    if (before === undefined) return;
    if (entry.record.epoch !== epoch) throw invalid(index, 'all records of a batch are of one epoch');
    if (entry.record.seq !== before.record.seq + 1n) throw gap(epoch, before.record.seq + 1n);
    checkFollows(entry, headOf(before), before.record.kind);
  });
  return { plane, epoch, first: first.record.seq, last: headOf(last), entries: read };
}

/**
 * An application may export as many traces as it likes, and one transaction has to hold what they lead to.
 * @throws ConnectError RESOURCE_EXHAUSTED the plane hands them in in smaller batches then
 */
function checkTraces(entries: readonly BatchEntry[]): void {
  if (entries.length === 1) return;
  const traces = entries.flatMap(({ record }) => record.traces);
  const count = traces.reduce((sum, { responseKeys }) => sum + 1 + responseKeys.length, 0);
  if (count > MAX_TRACED) throw new ConnectError('too many traces in one batch', Code.ResourceExhausted);
}

/** A record's place and digest. */
export function headOf(entry: BatchEntry): Head {
  return { seq: entry.record.seq, digest: entry.digest };
}

/**
 * Checks that a record may follow the one before it.
 * @param kind of the one before; undefined when the record is the first. That one has 32 zero bytes as its prev_hash.
 * @throws ConflictError
 */
export function checkFollows(entry: BatchEntry, before: Head, kind: number | undefined): void {
  const { plane, epoch, prevHash, seq } = entry.record;
  const place = { plane, epoch, stored: before, refused: seq };
  if (!isEqual(prevHash, before.digest)) {
    const offered = { seq: before.seq, digest: prevHash };
    const why = 'prev_hash is not the digest of the record before';
    throw new ConflictError({ ...place, offered, why });
  }
  if (kind === RecordKind.EPOCH_END) {
    throw new ConflictError({ ...place, offered: headOf(entry), why: 'its epoch had ended before it' });
  }
}

/** The error for records that do not continue what is there. */
export function gap(epoch: bigint, seq: bigint): Error {
  return fail(Reason.RECORD_GAP, `records must continue at seq ${seq} of epoch ${epoch}`, {
    epoch: `${epoch}`,
    seq: `${seq}`,
  });
}

function readEntry(plane: string, entry: RecordEntry, index: number): BatchEntry {
  if (entry.record.length > MAX_RECORD_BYTES) throw invalid(index, `longer than ${MAX_RECORD_BYTES} bytes`);
  if (entry.payload.length > MAX_PAYLOAD_BYTES) throw invalid(index, 'its payload is longer than 64 MiB');
  const record = readRecord(entry.record, index);
  if (record.plane !== plane) throw invalid(index, 'written by another plane');
  const fault = checkFields(record) ?? checkPayload(record, entry.payload);
  if (fault !== undefined) throw invalid(index, fault);
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

/** What is wrong with a record; undefined when nothing is. */
function checkFields(record: Record): string | undefined {
  const { epoch, seq, kind, session, exchange } = record;
  if (epoch < 1n || epoch > MAX_INT64) return 'epoch must be from 1 to 2^63-1';
  if (seq < 1n || seq > MAX_INT64) return 'seq must be from 1 to 2^63-1';
  if (record.prevHash.length !== DIGEST_BYTES) return 'prev_hash must be a SHA-256';
  if (!PLANE_KINDS.has(kind)) return 'a plane does not write records of this kind';
  const seconds = record.time?.seconds ?? -1n;
  if (seconds < 0n || seconds > MAX_TIME_SECONDS) return 'time must be set, from 1970 to 9999';
  const odd = findOddTime(RecordSchema, record);
  if (odd !== undefined) return `${odd} is no time`;
  if (seq === 1n && record.prevHash.some((byte) => byte !== 0)) return 'the first record has no prev_hash';
  const fault = checkEpochRecord(record);
  if (fault !== undefined || isEpochRecord(kind)) return fault;
  if (!EXCHANGE_NAME.test(exchange)) return 'exchange must be exchanges/{id}';
  const isSession = session.startsWith('sessions/') && session.length <= MAX_SESSION_LENGTH;
  if (session !== '' && !isSession) return 'session must be sessions/{id} or empty';
  return checkTies(record);
}

/** Digests are looked up by: they have to be digests. */
function checkTies({ sessionKeys, traces }: Record): string | undefined {
  const digests = [
    ...sessionKeys.map(({ digest }) => digest),
    ...traces.flatMap(({ traceKey, responseKeys }) => [traceKey, ...responseKeys]),
    ...traces.map(({ groupKey }) => groupKey).filter(({ length }) => length > 0),
  ];
  return digests.every(({ length }) => length === TIE_BYTES)
    ? undefined
    : 'session_keys and traces must have digests of 16 bytes';
}

function checkPayload(record: Record, payload: Uint8Array): string | undefined {
  const stated = record.ciphertextSha256;
  if (payload.length === 0) {
    return stated.length === 0 ? undefined : 'ciphertext_sha256 is set, and there is no payload';
  }
  if (contentKind(record.kind) === undefined) return 'a record of this kind has no payload';
  return checkSealed(payload, record);
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

function invalid(index: number, why: string): Error {
  return fail(Reason.INVALID_ARGUMENT, `entries[${index}]: ${why}`, { [`entries[${index}]`]: why });
}
