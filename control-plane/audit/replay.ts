import { setTimeout as sleep } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import {
  type ReplaySessionResponse,
  ReplaySessionResponseSchema,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { type ExchangeDocument, findExchange, listExchanges } from '../storage/record/exchanges.ts';
import { openContents } from './content.ts';
import { peopleOn } from './people.ts';
import { recordsOf, showExchange } from './show.ts';
import { stopIfAborted } from './stop.ts';

/** What to replay, to whom. */
export interface ReplayRequest {
  /** `sessions/{id}` or `exchanges/{id}`. */
  readonly name: string;
  /** 1 is the original pace, 2 twice as fast; 0 does not wait. */
  readonly speed: number;
  readonly reader: Caller;
}

const PAGE = 50;
/** Nobody watches the night between two questions: a longer pause between exchanges is cut to this. */
const MAX_PAUSE_MS = 5_000;
/** Node fires timers that are set for longer at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The exchanges of a session one after the other, oldest first: each begins with its prompt, then its frames come at
 * their original intervals, then its end. Exchanges that overlapped do not overlap here, because a frame does not say
 * which exchange it is of. That an exchange is read is recorded just before it begins.
 *
 * @throws ConnectError NOT_FOUND, INVALID_ARGUMENT (speed)
 */
export async function* replay(
  context: Context,
  request: ReplayRequest,
  signal: AbortSignal,
): AsyncGenerator<ReplaySessionResponse> {
  const { name, speed, reader } = request;
  if (!Number.isFinite(speed) || speed < 0) {
    throw fail(Reason.INVALID_ARGUMENT, 'speed must be 0 or more', { speed: 'must be 0 or more' });
  }
  const wait = pacer(speed, signal);
  let endTime: Date | undefined;
  for await (const document of exchangesOf(context, name)) {
    if (endTime !== undefined) {
      await wait(Math.min(document.startTime.getTime() - endTime.getTime(), MAX_PAUSE_MS));
    }
    stopIfAborted(signal);
    const load = await openContents(context, reader, [document]);
    const { exchange: recorded, shown } = showExchange(document, await recordsOf(context.database, document));
    const { prompt, delivery, ...erased } = await load(shown);
    const exchange = { ...recorded, ...erased, ...(await peopleOn(context, recorded)) };
    yield respond({ case: 'begin', value: prompt === undefined ? exchange : { ...exchange, prompt } });
    let offsetUs = 0n;
    for (const frame of delivery?.frames ?? []) {
      await wait(Number(frame.offsetUs - offsetUs) / 1_000);
      stopIfAborted(signal);
      offsetUs = frame.offsetUs;
      yield respond({ case: 'frame', value: frame });
    }
    yield respond({ case: 'end', value: exchange });
    endTime = document.endTime ?? document.startTime;
  }
  if (endTime === undefined) throw fail(Reason.NOT_FOUND, `${name} does not exist`, { name });
}

async function* exchangesOf(context: Context, name: string): AsyncGenerator<ExchangeDocument> {
  const { database } = context;
  if (name.startsWith('exchanges/')) {
    const document = await findExchange(database, name);
    if (document !== undefined) yield document;
    return;
  }
  let last: ExchangeDocument | undefined;
  do {
    const after = last && { timeMs: last.startTime.getTime(), id: last._id };
    const page = await listExchanges(database, { session: name }, 1, after, PAGE);
    yield* page;
    last = page.length === PAGE ? page.at(-1) : undefined;
  } while (last !== undefined);
}

/** Waits out an original interval at the given speed; returns early when aborted. */
function pacer(speed: number, signal: AbortSignal): (originalMs: number) => Promise<void> {
  return async (originalMs) => {
    if (speed === 0 || originalMs <= 0) return;
    await sleep(Math.min(originalMs / speed, MAX_TIMER_MS), undefined, { signal }).catch(() => undefined);
  };
}

function respond(
  event:
    | { case: 'begin' | 'end'; value: Exchange }
    | Extract<ReplaySessionResponse['event'], { case: 'frame' }>,
): ReplaySessionResponse {
  return create(ReplaySessionResponseSchema, { event });
}
