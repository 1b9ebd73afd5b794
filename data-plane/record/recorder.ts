import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Logger } from 'pino';
import { type Record, RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { SpoolError } from '../spool/error.ts';
import { type FrameLog, openFrameLog } from '../spool/frames.ts';
import { type EntryMarks, type EntryPlace, openSpool, type Spool } from '../spool/spool.ts';
import { takeEpoch } from './epoch.ts';
import { RecordError } from './error.ts';
import { ExchangeSeal, type SealedContent, type Soon } from './exchange-seal.ts';
import type { RecordFields } from './fields.ts';
import { interruptedDelivery, interruptedOutcome } from './interrupted.ts';
import type { IntervalKeys } from './interval-key.ts';

/** Writes the records of this plane, chained, into its spool. What they say of content, they have sealed. */
export interface Recorder {
  /**
   * What seals the content of this exchange; a promise only where no key could be made ahead. Undefined while there
   * is no evidence key to seal to.
   */
  seal(exchange: string): Soon<ExchangeSeal | undefined>;
  /**
   * Durable when it resolves. Records come to stand in the order of the calls; the fields must not be changed
   * until it has resolved. Rejects with a SpoolError when the disk did not take the record or the epoch has ended, and
   * with a RecordError when the record or its content is larger than one may be.
   */
  write(fields: RecordFields, content?: SealedContent): Promise<void>;
  /**
   * Ends the epoch with a record that says so, behind all that was written; nothing can be written after the call.
   * Rejects as `write` does.
   */
  end(): Promise<void>;
  /** Where pieces of an answer are written before they are handed on, until its outcome is durable. */
  readonly frames: Pick<FrameLog, 'append' | 'forget'>;
  /** Makes what waits durable and closes. An epoch that has not ended goes on to look as after a crash. */
  close(): Promise<void>;
  /** Records that the control plane has not stored yet. */
  readonly depth: number;
  /** Bytes that they and their segments take on disk. */
  readonly bytes: number;
  /** Too little space is left on the disk: no exchange begins. */
  readonly lowSpace: boolean;
  /** Why records cannot be written; undefined while they can. */
  readonly failure: Error | undefined;
  /** Why records could not be read to be handed in; undefined when they could. */
  readonly readFailure: Error | undefined;
  /** Epochs whose records are kept but not handed in. */
  readonly suspended: number;
}

/** From record.proto: records stay under 64 KiB. */
const RECORD_MAX_BYTES = 64 * 1024 - 1;
/** What the control plane takes at most, sealed. */
const PAYLOAD_MAX_BYTES = 64 * 1024 * 1024;
const NO_PAYLOAD = new Uint8Array();

export interface RecorderOptions {
  /** `planes/{id}` */
  readonly plane: string;
  readonly stateDirectory: string;
  readonly intervalKeys: IntervalKeys;
  readonly logger: Logger;
  /** Of the spool; its default when absent. */
  readonly segmentBytes?: number;
  /** Of the spool; its default when absent. */
  readonly lowWaterBytes?: number;
}

/**
 * Opens the spool and the frame log under the state directory and begins a new epoch. Exchanges that an earlier run left open
 * get their outcome, INTERRUPTED, with what was delivered, before this resolves. Rejects with the system's or the spool's error.
 */
export async function openRecorder(options: RecorderOptions): Promise<{ recorder: Recorder; spool: Spool }> {
  const { plane, stateDirectory, intervalKeys, logger } = options;
  const interrupted = new Map<string, Record>();
  let ended = false;

  const encode = (
    fields: RecordFields,
    { epoch, seq, prevHash }: EntryPlace,
    time = timestampFromMs(Date.now()),
    content?: SealedContent,
  ) => {
    const place = { plane, epoch: BigInt(epoch), seq: BigInt(seq), prevHash, time };
    const record = toBinary(RecordSchema, create(RecordSchema, { ...fields, ...place, ...content?.fields }));
    if (record.byteLength > RECORD_MAX_BYTES)
      throw new RecordError('record', record.byteLength, RECORD_MAX_BYTES);
    return { record, payload: content?.payload ?? NO_PAYLOAD };
  };
  const append = (fields: RecordFields, content?: SealedContent): Promise<void> => {
    const time = timestampFromMs(Date.now());
    return spool.append(
      (place) => encode(fields, place, time, content),
      marksOf(fields.kind, fields.exchange),
    );
  };

  const directory = join(stateDirectory, 'spool');
  const spool = await openSpool({
    directory,
    nextEpoch: (atLeast) => takeEpoch(stateDirectory, atLeast),
    beginEpoch: (place, head) => {
      const previous = head && {
        plane,
        epoch: BigInt(head.epoch),
        seq: BigInt(head.seq),
        digest: head.digest,
      };
      return encode({ kind: RecordKind.EPOCH_BEGIN, ...(previous && { previous }) }, place);
    },
    onRecovered: ({ record: bytes }) => {
      const record = fromBinary(RecordSchema, bytes);
      if (record.kind === RecordKind.INTENT) interrupted.set(record.exchange, record);
      if (record.kind === RecordKind.OUTCOME) interrupted.delete(record.exchange);
      return marksOf(record.kind, record.exchange);
    },
    logger,
    ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }),
    ...(options.lowWaterBytes === undefined ? {} : { lowWaterBytes: options.lowWaterBytes }),
  });

  const { log: frames, recovered } = await openFrameLog({ directory, logger });

  const recorder: Recorder = {
    seal(exchange) {
      const key = intervalKeys.take();
      if (key instanceof Promise) return key.then((one) => one && new ExchangeSeal(plane, exchange, one));
      return key && new ExchangeSeal(plane, exchange, key);
    },
    write(fields, content) {
      if (ended) return Promise.reject(new SpoolError('closed', 'the epoch has ended'));
      const bytes = content?.payload.byteLength ?? 0;
      if (bytes > PAYLOAD_MAX_BYTES)
        return Promise.reject(new RecordError('payload', bytes, PAYLOAD_MAX_BYTES));
      return append(fields, content);
    },
    end() {
      if (ended) return Promise.resolve();
      ended = true;
      return append({ kind: RecordKind.EPOCH_END });
    },
    frames,
    async close() {
      await frames.close();
      await spool.close();
    },
    get depth() {
      return spool.depth;
    },
    get bytes() {
      return spool.bytes;
    },
    get lowSpace() {
      return spool.lowSpace;
    },
    get failure() {
      return spool.failure;
    },
    get readFailure() {
      return spool.readFailure;
    },
    get suspended() {
      return spool.suspended;
    },
  };

  // The outcome of some may have been handed in and gone before the file with their intent: the spool knows.
  const open = [...interrupted.values()].filter(({ exchange }) => spool.isOpen(exchange));
  if (open.length > 0)
    logger.warn({ exchanges: open.length }, 'exchanges of an earlier run were interrupted');
  const closing = open.map((intent) =>
    recorder.write(interruptedOutcome(intent), interruptedDelivery(recovered.get(intent.exchange) ?? [])),
  );
  await Promise.all(closing);
  for (const exchange of recovered.keys()) frames.forget(exchange);
  return { recorder, spool };
}

function marksOf(kind: RecordKind | undefined, exchange: string | undefined): EntryMarks {
  if (kind === RecordKind.INTENT) return { opens: exchange };
  if (kind === RecordKind.OUTCOME) return { closes: exchange };
  return {};
}
