import { create, toBinary } from '@bufbuild/protobuf';
import { timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type Hold, HoldSchema, type HoldScope, HoldScopeSchema } from '#proto/sworn/retention/v1/hold_pb.ts';
import { fail } from '../api/fail.ts';
import { recordActions } from '../audit/actions.ts';
import type { Context } from '../context.ts';
import {
  findHold,
  type HoldDocument,
  insertHold,
  releaseHold,
  removeHold,
  takeHoldTurn,
} from '../storage/record/holds.ts';
import { ifAltered } from '../storage/sealing/altered.ts';
import { viewHold } from './view-hold.ts';

/**
 * Places a hold, and records it as `hold.create`. When this returns, nothing in its scope is erased any more; an erasure at
 * the same time has either seen it or was done before.
 * @throws ConnectError INVALID_ARGUMENT (no scope, or an empty time range)
 */
export async function placeHold(
  context: Context,
  caller: Caller,
  scope: HoldScope | undefined,
  reason: string,
): Promise<Hold> {
  const { database } = context;
  const document: HoldDocument = {
    _id: `holds/${uuidv7()}`,
    ...readScope(scope ?? create(HoldScopeSchema)),
    reason,
    createdBy: toBinary(CallerSchema, caller),
    createTime: context.now(),
  };
  const hold = viewHold(document);
  await database.transaction(async (session) => {
    await takeHoldTurn(database, session);
    await insertHold(database, session, document);
    await recordActions(context, session, [{ caller, action: 'hold.create', resource: hold.name, hold }]);
  });
  return hold;
}

/**
 * Ends a hold, and records it as `hold.release`; one that has ended stays as it is. Of one that was altered, or taken out of the
 * database, nothing is left but what records say.
 * @throws ConnectError NOT_FOUND
 */
export async function endHold(context: Context, caller: Caller, name: string, reason: string): Promise<Hold> {
  const { database } = context;
  return await database.transaction(async (session) => {
    await takeHoldTurn(database, session);
    const document = await ifAltered(findHold(database, session, name), () => 'altered' as const);
    if (document === 'altered') {
      await removeHold(database, session, name);
      const hold = create(HoldSchema, {
        name,
        releasedBy: caller,
        releaseTime: timestampFromDate(context.now()),
        releaseReason: reason,
      });
      await recordActions(context, session, [{ caller, action: 'hold.release', resource: name, hold }]);
      return hold;
    }
    if (document === undefined) throw fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
    if (document.releaseTime !== undefined) return viewHold(document);
    const release = {
      releasedBy: toBinary(CallerSchema, caller),
      releaseTime: context.now(),
      releaseReason: reason,
    };
    const released = { ...document, ...release };
    const hold = viewHold(released);
    await releaseHold(database, session, released);
    await recordActions(context, session, [{ caller, action: 'hold.release', resource: name, hold }]);
    return hold;
  });
}

function readScope({ session, exchange, caller, since, until }: HoldScope) {
  const isEmpty = session === '' && exchange === '' && caller === '';
  if (isEmpty && since === undefined && until === undefined) {
    throw invalid('name a session, an exchange, a caller or a time: a hold on everything is none');
  }
  const times = {
    ...(since === undefined ? {} : { since: timestampDate(since) }),
    ...(until === undefined ? {} : { until: timestampDate(until) }),
  };
  if (times.since !== undefined && times.until !== undefined && times.since >= times.until) {
    throw invalid('since must be before until');
  }
  return { session, exchange, caller, callerKey: caller.toLowerCase(), ...times };
}

function invalid(why: string): Error {
  return fail(Reason.INVALID_ARGUMENT, `scope: ${why}`, { scope: why });
}
