import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, ConnectError } from '@connectrpc/connect';
import type { Logger } from 'pino';
import { fromMessage, toMessage } from '#core/limit/counter.ts';
import type { UsageAmount } from '#proto/sworn/usage/v1/usage_pb.ts';
import type { Amount, Ledger } from '../limit/ledger.ts';
import type { PlaneClient } from './client.ts';
import { followStream } from './follow.ts';
import { describeFailure } from './reason.ts';

export interface ShareUsageOptions {
  readonly client: PlaneClient;
  readonly ledger: Ledger;
  /** A stream without a message for so long is reopened. */
  readonly silenceMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface UsageSharing {
  /** Resolves after `signal` aborts. */
  readonly running: Promise<unknown>;
  /** Reports what is left, once. */
  flush(deadlineMs: number): Promise<void>;
}

/** Between two reports, where there is something to report. */
const REPORT_MS = 1_000;
/** Counters that are looked at with each, for what can be forgotten: few, so that nobody waits for it. */
const SWEEP_COUNT = 2_000;
const CALL_TIMEOUT_MS = 10_000;
/** From plane_service.proto. */
const MAX_SLOTS = 1_000;

/**
 * Tells the control plane what is counted here, and learns what all planes have counted. A report that may have arrived is sent
 * again as it was, so that it is added once. One that is refused is sent in halves, so that what cannot be stored of it is told
 * apart: it counts here alone. Without a control plane, what is known counts, and what is counted here.
 */
export function shareUsage({ client, ledger, silenceMs, logger, signal }: ShareUsageOptions): UsageSharing {
  // New at each start: what was counted before it is in the totals, or lost.
  const epoch = randomUUID();
  let seq = 1n;
  /** What the ledger gave, in the parts in which it is reported; and what all planes have where it was stored. */
  let parts: (readonly Amount[])[] = [];
  let stored: Amount[] = [];
  /** Some of it, of which the log says so once. */
  let isRefused = false;

  /** True when something was stored, and more may be left. */
  const report = async (callSignal: AbortSignal | undefined): Promise<boolean> => {
    if (parts.length === 0) {
      const taken = ledger.take(MAX_SLOTS, Date.now());
      if (taken.length === 0) return false;
      parts = [taken];
    }
    const [part = [], ...others] = parts;
    const added = part.map(({ counter, slot, amount }) => ({
      counter: toMessage(counter),
      slot: BigInt(slot),
      amount: BigInt(amount),
    }));
    const options = { timeoutMs: CALL_TIMEOUT_MS, ...(callSignal && { signal: callSignal }) };
    try {
      const { totals } = await client.rpc.reportUsage({ epoch, seq, added }, options);
      stored.push(...totals.flatMap(toAmount));
      parts = others;
    } catch (error) {
      if (ConnectError.from(error).code !== Code.InvalidArgument) throw error;
      // Sent again as it was it would be refused again, and so would be what it has beside that which cannot be stored.
      if (part.length === 1 && !isRefused) {
        isRefused = true;
        logger.error(describeFailure(error), 'usage was refused by the control plane; it counts here alone');
      }
      parts = [...halvesOf(part), ...others];
    }
    seq += 1n;
    if (parts.length > 0) return true;
    ledger.sent(stored, Date.now());
    stored = [];
    isRefused = false;
    return true;
  };

  const reportRegularly = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        while (await report(signal));
      } catch (error) {
        if (!signal.aborted) logger.debug(describeFailure(error), 'usage cannot be reported');
      }
      ledger.sweep(Date.now(), SWEEP_COUNT);
      await sleep(REPORT_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const following = followStream({
    stream: 'usage',
    open: (attempt) => client.rpc.watchUsage({}, { signal: attempt }),
    onMessage: ({ totals }) => ledger.learn(totals.flatMap(toAmount), Date.now()),
    onEnd: () => undefined,
    silenceMs,
    logger,
    signal,
  });
  const running = Promise.all([following, reportRegularly()]);

  return {
    running,
    async flush(deadlineMs) {
      await running;
      try {
        const callSignal = AbortSignal.timeout(deadlineMs);
        while (await report(callSignal));
      } catch (error) {
        logger.debug(describeFailure(error), 'the last usage cannot be reported');
      }
    },
  };
}

function halvesOf(part: readonly Amount[]): (readonly Amount[])[] {
  const middle = Math.ceil(part.length / 2);
  return part.length > 1 ? [part.slice(0, middle), part.slice(middle)] : [];
}

function toAmount({ counter, slot, amount }: UsageAmount): Amount[] {
  return counter === undefined
    ? []
    : [{ counter: fromMessage(counter), slot: Number(slot), amount: Number(amount) }];
}
