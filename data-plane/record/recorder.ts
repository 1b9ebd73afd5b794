import { hash } from 'node:crypto';
import { join } from 'node:path';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Logger } from 'pino';
import {
  OutcomeStatus,
  PayloadSchema,
  type Record,
  RecordKind,
  RecordSchema,
} from '#proto/sworn/audit/v1/record_pb.ts';
import { type EntryMarks, openSpool, type Spool } from '../spool/spool.ts';
import { takeEpoch } from './epoch.ts';

/** What a writer says; its place, time and digests are the recorder's. */
export type RecordFields = Omit<
  Exclude<MessageInitShape<typeof RecordSchema>, Record>,
  '$typeName' | '$unknown' | 'plane' | 'epoch' | 'seq' | 'prevHash' | 'time' | 'payloadSha256'
>;

/** Writes the records of this plane, chained, into its spool. */
export interface Recorder {
  /**
   * Durable when it resolves. Records come to stand in the order of the calls; the fields must not be changed
   * until it has resolved. Rejects with a SpoolError when the disk did not take the record, and with a
   * RecordError when the record or its payload is larger than one may be.
   */
  write(fields: RecordFields, payload?: MessageInitShape<typeof PayloadSchema>): Promise<void>;
  /** Records that the control plane has not stored yet. */
  readonly depth: number;
  /** Bytes that they and their segments take on disk. */
  readonly bytes: number;
  /** Why records cannot be written; undefined while they can. */
  readonly failure: Error | undefined;
}

/** A record or payload that is too large: the control plane would never take it. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

/** From record.proto: records stay under 64 KiB. */
const RECORD_MAX_BYTES = 64 * 1024 - 1;
/** What the control plane takes at most. */
const PAYLOAD_MAX_BYTES = 64 * 1024 * 1024;
const NO_PAYLOAD = new Uint8Array();

export interface RecorderOptions {
  /** `planes/{id}` */
  readonly plane: string;
  readonly stateDirectory: string;
  readonly logger: Logger;
  /** Of the spool; its default when absent. */
  readonly segmentBytes?: number;
}

/**
 * Opens the spool under the state directory and begins a new epoch. Exchanges that an earlier run left open
 * get their outcome, INTERRUPTED, before this resolves. Rejects with the system's or the spool's error.
 */
export async function openRecorder(options: RecorderOptions): Promise<{ recorder: Recorder; spool: Spool }> {
  const { plane, stateDirectory, logger } = options;
  const interrupted = new Map<string, Record>();
  const spool = await openSpool({
    directory: join(stateDirectory, 'spool'),
    nextEpoch: (atLeast) => takeEpoch(stateDirectory, atLeast),
    onRecovered: ({ record: bytes }) => {
      const record = fromBinary(RecordSchema, bytes);
      if (record.kind === RecordKind.INTENT) interrupted.set(record.exchange, record);
      if (record.kind === RecordKind.OUTCOME) interrupted.delete(record.exchange);
      return marksOf(record.kind, record.exchange);
    },
    logger,
    ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }),
  });

  const recorder: Recorder = {
    write(fields, payload) {
      const time = timestampFromMs(Date.now());
      const payloadBytes =
        payload === undefined ? NO_PAYLOAD : toBinary(PayloadSchema, create(PayloadSchema, payload));
      if (payloadBytes.byteLength > PAYLOAD_MAX_BYTES)
        return Promise.reject(tooLarge('payload', payloadBytes));
      const payloadSha256 =
        payloadBytes.byteLength === 0 ? NO_PAYLOAD : hash('sha256', payloadBytes, 'buffer');
      return spool.append(
        ({ epoch, seq, prevHash }) => {
          const record = toBinary(
            RecordSchema,
            create(RecordSchema, {
              ...fields,
              plane,
              epoch: BigInt(epoch),
              seq: BigInt(seq),
              prevHash,
              time,
              payloadSha256,
            }),
          );
          if (record.byteLength > RECORD_MAX_BYTES) throw tooLarge('record', record);
          return { record, payload: payloadBytes };
        },
        marksOf(fields.kind, fields.exchange),
      );
    },
    get depth() {
      return spool.depth;
    },
    get bytes() {
      return spool.bytes;
    },
    get failure() {
      return spool.failure;
    },
  };

  if (interrupted.size > 0) {
    logger.warn({ exchanges: interrupted.size }, 'exchanges of an earlier run were interrupted');
    await Promise.all([...interrupted.values()].map((intent) => recorder.write(interruptedOutcome(intent))));
  }
  return { recorder, spool };
}

function tooLarge(what: 'record' | 'payload', bytes: Uint8Array): RecordError {
  const limit = what === 'record' ? RECORD_MAX_BYTES : PAYLOAD_MAX_BYTES;
  return new RecordError(`a ${what} has ${bytes.byteLength} bytes; at most ${limit} are allowed`);
}

function marksOf(kind: RecordKind | undefined, exchange: string | undefined): EntryMarks {
  if (kind === RecordKind.INTENT) return { opens: exchange };
  if (kind === RecordKind.OUTCOME) return { closes: exchange };
  return {};
}

/** The outcome of an exchange whose plane stopped in the middle: nobody knows how much was delivered. */
function interruptedOutcome(intent: Record): RecordFields {
  const { session, sessionSource, exchange, route, model, stream, policyRevision, approval } = intent;
  return {
    kind: RecordKind.OUTCOME,
    session,
    sessionSource,
    exchange,
    route,
    model,
    stream,
    policyRevision,
    approval,
    ...(intent.caller === undefined ? {} : { caller: intent.caller }),
    ...(intent.decision === undefined ? {} : { decision: intent.decision }),
    outcome: { status: OutcomeStatus.INTERRUPTED },
  };
}
