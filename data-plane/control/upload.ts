import { hash, type KeyObject } from 'node:crypto';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Logger } from 'pino';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { entryBytes } from '../spool/entry.ts';
import type { Spool, SpoolBatch, SpoolEntry } from '../spool/spool.ts';
import { Backoff, pause } from './backoff.ts';
import type { PlaneClient } from './client.ts';
import { type Heads, ReceiptError } from './heads.ts';
import { describeFailure, readDetail } from './reason.ts';

/** From plane_service.proto. */
const BATCH_MAX_ENTRIES = 1_000;
const BATCH_MAX_BYTES = 8 * 1024 * 1024;
/** By this part batches grow again, after one that was too large, or took too long. */
const GROWTH = 1 / 8;
/** A call and its transaction cost the same for one record as for many: fewer than this wait a little for more. */
const WORTH_A_CALL = 200;
const LINGER_MS = 100;
const CALL_TIMEOUT_MS = 30_000;
/** 1 Mbit/s: on a line that is as slow as this the largest record still goes, within what the control plane lets a call take. */
const SLOW_LINE_BYTES_PER_MS = 125;

/** Hands the spool's records in to the control plane, in the background. */
export interface Uploader {
  /** Why the last receipt was not accepted, and with it nothing removed; undefined when it was. */
  readonly fault: ReceiptError | undefined;
  /** There may be a receipt key now, or a control plane that takes records: what waits for that waits no longer. */
  wake(): void;
  /** Resolves when everything that can be handed in is, or when `deadlineMs` milliseconds are over. */
  flush(deadlineMs: number): Promise<void>;
  /** Stops; a running call is aborted, and its records go again at the next start. */
  close(): Promise<void>;
}

export interface UploaderOptions {
  readonly client: PlaneClient;
  readonly spool: Spool;
  readonly heads: Heads;
  /** The control plane's key for receipts; nothing is handed in while there is none to check them with. */
  readonly receiptKey: () => KeyObject | undefined;
  readonly logger: Logger;
}

export function startUploader({ client, spool, heads, receiptKey, logger }: UploaderOptions): Uploader {
  const stop = new AbortController();
  const backoff = new Backoff();
  let maxEntries = BATCH_MAX_ENTRIES;
  let fault: ReceiptError | undefined;
  let flushing = false;
  let wake: () => void = () => undefined;
  let hurry: () => void = () => undefined;
  let idle: () => void = () => undefined;
  spool.listen(() => wake());

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const appended = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const batch = await read();
      if (batch === undefined) {
        idle();
        await appended;
      } else {
        await attempt(batch);
      }
      if (!flushing && spool.depth < WORTH_A_CALL) await pause(LINGER_MS, stop.signal);
    }
  };

  /** Until the next attempt is due. */
  const wait = async (): Promise<void> => {
    const over = new AbortController();
    hurry = () => over.abort();
    await backoff.wait(AbortSignal.any([stop.signal, over.signal]));
  };

  /** What can be handed in; while the spool cannot be read, which it says itself, this waits. */
  const read = async (): Promise<SpoolBatch | undefined> => {
    while (receiptKey() !== undefined && !stop.signal.aborted) {
      try {
        return await spool.read({ maxEntries, maxBytes: BATCH_MAX_BYTES });
      } catch {
        await wait();
      }
    }
    return undefined;
  };

  const attempt = async (batch: SpoolBatch): Promise<void> => {
    try {
      await send(batch);
      backoff.reset();
      maxEntries = Math.min(BATCH_MAX_ENTRIES, maxEntries + Math.ceil(maxEntries * GROWTH));
    } catch (error) {
      if (stop.signal.aborted) return;
      if (!handle(error, batch)) await wait();
    }
  };

  const send = async ({ epoch, firstSeq, entries }: SpoolBatch): Promise<void> => {
    const [last] = entries.slice(-1);
    if (last === undefined) return;
    const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
    const timeoutMs = CALL_TIMEOUT_MS + Math.ceil(bytes / SLOW_LINE_BYTES_PER_MS);
    const options = { signal: stop.signal, timeoutMs };
    const head = heads.sign({ epoch, seq: firstSeq + entries.length - 1, digest: digestOf(last) });
    const answer = await client.rpc.appendRecords({ entries: [...entries], head }, options);
    const acknowledged = Number(answer.acknowledgedSeq);
    if (Number(answer.epoch) !== epoch || acknowledged < firstSeq) {
      throw new ConnectError('the control plane acknowledged other records than were sent', Code.Internal);
    }
    // It may have more than was sent now: an acknowledgement of theirs was lost.
    const own = entries[acknowledged - firstSeq] ?? (await spool.find(epoch, acknowledged));
    const key = receiptKey();
    if (key === undefined) return;
    const digest = own && digestOf(own);
    heads.checkReceipt(answer.receipt, { epoch, seq: acknowledged, digest }, key);
    fault = undefined;
    spool.acknowledge(epoch, acknowledged);
  };

  /** True when the next attempt need not wait. */
  const handle = (error: unknown, batch: SpoolBatch): boolean => {
    const { epoch, firstSeq, entries } = batch;
    const place = { epoch, seq: firstSeq, entries: entries.length, ...describeFailure(error) };
    if (error instanceof ReceiptError) {
      fault = error;
      logger.error({ ...place, fault: error.code }, 'the receipt for records is wrong: they stay here');
      return false;
    }
    const detail = readDetail(error);
    if (detail?.reason === Reason.RECORD_GAP) {
      const expected = Number(detail.metadata['seq']);
      if (expected < firstSeq && spool.rewind(epoch, expected)) {
        logger.warn({ ...place, expected }, 'the control plane misses records: handing them in again');
        return false;
      }
      logger.error({ ...place, expected }, 'the control plane misses records that are not here any more');
      spool.suspend(epoch);
      return true;
    }
    if (detail?.reason === Reason.RECORD_CONFLICT) {
      logger.error(place, 'the control plane has other records under the same numbers: these stay here');
      spool.suspend(epoch);
      return true;
    }
    const { code } = ConnectError.from(error);
    if (code === Code.ResourceExhausted && entries.length > 1) {
      maxEntries = Math.floor(entries.length / 2);
      return true;
    }
    // The same batch would not come through next time either, and no other before it: the line or the store is too slow for it,
    // or the store does not take so much at once.
    const isTooMuch = code === Code.DeadlineExceeded || code === Code.Internal;
    if (isTooMuch) maxEntries = Math.ceil(entries.length / 2);
    // By its reason: a broken connection can have the same code.
    if (detail?.reason === Reason.INVALID_ARGUMENT) {
      logger.error(place, 'the control plane cannot take these records: they stay here');
      spool.suspend(epoch);
      return true;
    }
    logger.warn({ ...place, depth: spool.depth }, 'records cannot be handed in, trying again');
    return false;
  };

  const running = run().catch((error: unknown) =>
    logger.error({ err: error }, 'the upload of records ended'),
  );

  const goOn = (): void => {
    backoff.reset();
    hurry();
    wake();
  };

  return {
    get fault() {
      return fault;
    },
    wake: goOn,
    async flush(deadlineMs) {
      flushing = true;
      const done = new Promise<void>((resolve) => {
        idle = resolve;
      });
      goOn();
      const deadline = new AbortController();
      await Promise.race([done, pause(deadlineMs, deadline.signal)]);
      deadline.abort();
    },
    async close() {
      stop.abort();
      wake();
      await running;
    },
  };
}

function digestOf({ record }: SpoolEntry): Uint8Array {
  return hash('sha256', record, 'buffer');
}
