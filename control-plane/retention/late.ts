import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { fail } from '../api/fail.ts';
import { recordActions } from '../audit/actions.ts';
import type { BatchEntry } from '../audit/batch.ts';
import type { Context } from '../context.ts';
import type { ClientSession, Database } from '../storage/database.ts';
import { type ExchangeDocument, findErased } from '../storage/record/exchanges.ts';
import { findKeeping, listHoldsInForce, takeHoldTurn } from '../storage/record/holds.ts';
import { deletePayloads, type OwnedPayload } from '../storage/record/payloads.ts';
import { ifAltered } from '../storage/sealing/altered.ts';
import { type ErasedExchange, readErased } from './recorded.ts';
import type { LateContent } from './retain.ts';

const NOTHING: LateContent = { dropped: new Set(), kept: new Set() };
const REASON = 'content that came after its exchange was erased';

/** The exchanges of these payloads that were erased and that no hold keeps: their payloads need not be stored at all. */
export async function findUnwanted(
  context: Context,
  payloads: readonly OwnedPayload[],
): Promise<Set<string>> {
  const names = new Set(payloads.map(({ owner }) => owner.exchange));
  // Without a transaction first: it is hardly ever so.
  if (names.size === 0 || (await findErased(context.database, undefined, [...names])).length === 0)
    return new Set();
  return await context.database.transaction(async (session) => {
    const isKept = await readKept(context.database, session);
    const erased = await readErased(context, session, [...names]);
    return new Set(erased.filter((one) => !isKept(one)).map(({ exchange }) => exchange._id));
  });
}

/**
 * Settles, in the transaction that stores a batch, what becomes of content that it brings for exchanges which were erased:
 * it is destroyed, and with new records that is recorded as one more `exchange.erase` by the authority of the erasure,
 * unless a hold keeps it. Also records that are stored already are looked at: their payloads may have been written anew.
 *
 * @param unwanted whose payloads were not written
 * @throws ConnectError STORE_UNAVAILABLE a hold was placed on such a one meanwhile: the plane hands it in again
 */
export async function settleLate(
  context: Context,
  session: ClientSession,
  entries: readonly BatchEntry[],
  fresh: readonly BatchEntry[],
  unwanted: ReadonlySet<string>,
): Promise<LateContent> {
  const { database } = context;
  const names = namesOf(entries);
  const erased = names.size === 0 ? [] : await readErased(context, session, [...names]);
  if (erased.length === 0) return NOTHING;
  await takeHoldTurn(database, session);
  const dropped: ExchangeDocument[] = [];
  const kept = new Set<string>();
  const isKept = await readKept(database, session);
  for (const one of erased) {
    const { exchange } = one;
    if (!isKept(one)) dropped.push(exchange);
    else if (unwanted.has(exchange._id)) throw fail(Reason.STORE_UNAVAILABLE, 'a hold was placed; try again');
    else kept.add(exchange._id);
  }
  await deletePayloads(
    database,
    session,
    dropped.map(({ _id }) => _id),
  );
  const isNew = namesOf(fresh);
  await recordActions(context, session, dropped.filter(({ _id }) => isNew.has(_id)).map(actionOf));
  return { dropped: new Set(dropped.map(({ _id }) => _id)), kept: intersection(kept, isNew) };
}

/** Which exchanges are kept by a hold: where one was altered, or taken out, all of them, until an admin has released it. */
async function readKept(
  database: Database,
  session: ClientSession,
): Promise<(erased: ErasedExchange) => boolean> {
  const holds = await ifAltered(listHoldsInForce(database, session), () => undefined);
  return ({ views }) => holds === undefined || findKeeping(holds, views).length > 0;
}

function namesOf(entries: readonly BatchEntry[]): Set<string> {
  return new Set(entries.filter(({ payload }) => payload.length > 0).map(({ record }) => record.exchange));
}

function intersection(one: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> {
  return new Set([...one].filter((name) => other.has(name)));
}

function actionOf({ _id: exchange, session, erasure }: ExchangeDocument) {
  const { authority = '', scope = exchange } = erasure ?? {};
  const late = { authority, scope, reason: REASON, exchange, session };
  return { caller: undefined, action: 'exchange.erase' as const, resource: exchange, erasure: late };
}
