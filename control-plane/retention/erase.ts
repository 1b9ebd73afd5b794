import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { ErasureResult } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { recordActions } from '../audit/actions.ts';
import type { Context } from '../context.ts';
import { eraseQuestions, hasQuestions } from '../storage/approval/approvals.ts';
import { eraseReasons } from '../storage/approval/reviews.ts';
import type { ClientSession, Database } from '../storage/database.ts';
import { type ExchangeDocument, markErased, postpone, readExchanges } from '../storage/record/exchanges.ts';
import { findKeeping, type HoldDocument, listHoldsInForce, takeHoldTurn } from '../storage/record/holds.ts';
import { deletePayloads, hasPayloads } from '../storage/record/payloads.ts';
import { describeAltered } from '../storage/sealing/altered.ts';
import { forgetSessions } from './forget.ts';
import { type Recorded, readErased, readRecorded } from './recorded.ts';

/** Exchanges that are erased in one transaction at most. */
export const ERASE_BATCH = 20;
/** Holds that are named for an exchange. */
const MAX_HOLDS = 10;

/** The scope of what was kept for as long as it had to be. */
const EXPIRED = 'expired';

/** What to erase, by whose authority and why. */
export interface ErasureOrder {
  /** Who does it; undefined for the control plane itself. */
  readonly caller: Caller | undefined;
  readonly authority: string;
  /** `sessions/{id}`, `exchanges/{id}` or `expired`. */
  readonly scope: string;
  readonly reason: string;
}

/** What became of an exchange's content, or would. */
export interface Erased {
  readonly exchange: ExchangeDocument;
  readonly result: ErasureResult;
  /** Set where it is HELD. */
  readonly holds: readonly string[];
}

/**
 * Destroys the payloads of exchanges with their wrapped keys, the questions of their approvals, and what reviewers wrote of
 * them, in one transaction with a record `exchange.erase` for each. What a hold keeps stays; what was erased before, or is not meant any more, is not
 * recorded again. A hold that is placed at the same time was either seen here, or was placed after the erasure.
 *
 * @param names at most ERASE_BATCH
 * @throws AlteredError where a hold was altered, or taken out of the database: nothing is erased until an admin has released it
 */
export async function eraseBatch(
  context: Context,
  order: ErasureOrder,
  names: readonly string[],
): Promise<Erased[]> {
  const { database } = context;
  const results = await database.transaction((session) => erase(context, session, order, names));
  const erased = results.filter(({ result }) => result === ErasureResult.ERASED);
  // A batch that came at the same time may have written one that its own transaction does not know of.
  await destroyRest(
    context,
    erased.map(({ exchange }) => exchange._id),
  );
  return results;
}

/**
 * Destroys what may have come beside an erasure: payloads are written before the transaction of their records. What a hold
 * keeps that was placed since stays.
 * @returns how much there was
 */
export async function destroyRest(context: Context, names: readonly string[]): Promise<number> {
  const { database, now } = context;
  if (names.length === 0) return 0;
  if (!(await hasPayloads(database, names)) && !(await hasQuestions(database, names))) return 0;
  return await database.transaction(async (session) => {
    await takeHoldTurn(database, session);
    const holds = await listHoldsInForce(database, session);
    const rest = (await readErased(context, session, names))
      .filter(
        ({ exchange, views }) => exchange.expireTime === undefined && findKeeping(holds, views).length === 0,
      )
      .map(({ exchange }) => exchange._id);
    const payloads = await deletePayloads(database, session, rest);
    return payloads + (await eraseQuestions(database, session, rest, now()));
  });
}

/** What would become of these exchanges now. @throws AlteredError as eraseBatch */
export async function foresee(database: Database, exchanges: readonly ExchangeDocument[]): Promise<Erased[]> {
  const holds = await database.transaction((session) => listHoldsInForce(database, session));
  return exchanges.map((exchange) => judge(exchange, holds));
}

/** @param recorded what its records say, which a hold may be on as well */
function judge(
  exchange: ExchangeDocument,
  inForce: readonly HoldDocument[],
  recorded?: Pick<Recorded, 'exchange'>,
): Erased {
  if (exchange.erasure !== undefined && exchange.expireTime === undefined) {
    return { exchange, result: ErasureResult.ERASED_BEFORE, holds: [] };
  }
  const views = recorded === undefined ? [exchange] : [exchange, recorded.exchange];
  const holds = findKeeping(inForce, views).map(({ _id }) => _id);
  const result = holds.length > 0 ? ErasureResult.HELD : ErasureResult.ERASED;
  return { exchange, result, holds: holds.slice(0, MAX_HOLDS) };
}

/** Where no record is found by its name, nobody can say that it is not what a hold keeps: any hold keeps it then. */
function judgeRecorded(
  { database }: Context,
  exchange: ExchangeDocument,
  inForce: readonly HoldDocument[],
  recorded: Recorded | undefined,
): Erased {
  const result = judge(exchange, inForce, recorded);
  const [hold] = inForce;
  if (recorded !== undefined || hold === undefined || result.result !== ErasureResult.ERASED) return result;
  const resource = exchange._id;
  const detail = describeAltered(
    [resource],
    `no record of it is found, and ${hold._id} may be on it; verify the record`,
  );
  database.alterations.report({ resource, detail }, 'unrecorded');
  const holds = inForce.slice(0, MAX_HOLDS).map(({ _id }) => _id);
  return { exchange, result: ErasureResult.HELD, holds };
}

async function erase(
  context: Context,
  session: ClientSession,
  order: ErasureOrder,
  names: readonly string[],
): Promise<Erased[]> {
  const { database } = context;
  const { authority, scope, reason } = order;
  const time = context.now();
  await takeHoldTurn(database, session);
  const found = [...(await readExchanges(database, session, names)).values()];
  const holds = await listHoldsInForce(database, session);
  const recorded = await readRecorded(context, session, names);
  const due: ExchangeDocument[] = [];
  for (const one of found.filter((each) => isMeant(each, scope, time))) {
    if (scope !== EXPIRED || (await isDue(context, session, one, recorded.get(one._id)))) due.push(one);
  }
  const results = due.map((one) => judgeRecorded(context, one, holds, recorded.get(one._id)));
  const erased = results.filter(({ result }) => result === ErasureResult.ERASED);
  const erasedNames = erased.map(({ exchange }) => exchange._id);
  if (erasedNames.length === 0) return results;
  await deletePayloads(database, session, erasedNames);
  await eraseQuestions(database, session, erasedNames, time);
  await eraseReasons(
    database,
    session,
    erased.map(({ exchange }) => exchange),
  );
  await markErased(database, session, erasedNames, { authority, scope, reason, time });
  const actions = erased.map(({ exchange: { _id: exchange, session: ofSession } }) => ({
    caller: order.caller,
    action: 'exchange.erase' as const,
    resource: exchange,
    erasure: { authority, scope, reason, exchange, session: ofSession },
  }));
  await recordActions(context, session, actions);
  // What is only over is days old: planes that were not in touch with its session for half an hour have forgotten it.
  if (scope !== EXPIRED) {
    await forgetSessions(
      context,
      session,
      erased.map(({ exchange }) => exchange),
    );
  }
  return results;
}

/**
 * Whether retention is over by what the records say, too, and the minimum of today. Where it is not, it stays and gets its time
 * again: somebody has set another one, or the minimum was raised since.
 */
async function isDue(
  { database, now }: Context,
  session: ClientSession,
  { _id: resource }: ExchangeDocument,
  recorded: Recorded | undefined,
): Promise<boolean> {
  if (recorded !== undefined && (recorded.isErased || recorded.keptUntil <= now())) return true;
  if (recorded === undefined || recorded.saidUntil > now()) {
    const detail = describeAltered([resource], 'its content is kept for as long as its records say');
    database.alterations.report({ resource, detail }, 'too soon');
  }
  if (recorded !== undefined) await postpone(database, session, resource, recorded.keptUntil);
  return false;
}

/** Further records may have moved it to another session, or made its retention longer, since it was found. */
function isMeant({ _id, sessions, expireTime }: ExchangeDocument, scope: string, time: Date): boolean {
  if (scope === EXPIRED) return expireTime !== undefined && expireTime <= time;
  return scope === _id || sessions.includes(scope);
}
