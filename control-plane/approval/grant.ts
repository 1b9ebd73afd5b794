import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { type Grant, GrantSchema } from '#proto/sworn/approval/v1/grant_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { fail } from '../api/fail.ts';
import type { Person } from '../api/identity.ts';
import { recordActions } from '../audit/actions.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import type { ApprovalDocument } from '../storage/approval/approvals.ts';
import { deleteGrant, findGrant, type GrantDocument, insertGrant } from '../storage/configuration/grants.ts';
import type { ClientSession } from '../storage/database.ts';
import { ifAltered } from '../storage/sealing/altered.ts';

/** Gives the rule of an approval to its caller for a while, in the transaction that approves. Recorded as `grant.create`. */
export async function createGrant(
  context: Context,
  session: ClientSession,
  approval: ApprovalDocument,
  reviewer: Caller,
  windowMs: number,
): Promise<void> {
  const { policy, rule, policyDigest, reviewers, caller } = approval;
  const now = context.now();
  const document: GrantDocument = {
    _id: `grants/${uuidv7()}`,
    caller,
    policy,
    rule,
    policyDigest,
    reviewers,
    approval: approval._id,
    createdBy: toBinary(CallerSchema, reviewer),
    createTime: now,
    expireTime: new Date(now.getTime() + windowMs),
  };
  await insertGrant(context.database, session, document);
  const action = { caller: reviewer, action: 'grant.create' as const, resource: document._id };
  await recordActions(context, session, [{ ...action, grantCreated: viewGrant(document) }]);
}

/**
 * Ends a grant on every plane, and records it as `grant.revoke`.
 * @throws ConnectError NOT_FOUND, also for who is neither an admin nor a reviewer of its rule
 */
export async function revokeGrant(context: Context, { caller, roles }: Person, name: string): Promise<void> {
  await applyChange(context, { caller, action: 'grant.revoke', resource: name }, async (session) => {
    // Whose one is that was altered nobody can say: admins end it.
    const document = await ifAltered(findGrant(context.database, session, name), () => ({ reviewers: [] }));
    const isTheirs =
      roles.has(Role.ADMIN) ||
      document?.reviewers.some((group: string) => caller.groups.includes(group)) === true;
    if (document === undefined || !isTheirs) {
      throw fail(Reason.NOT_FOUND, `there is no ${name}, or not for you`, { name });
    }
    await deleteGrant(context.database, session, name);
  });
}

/** A stored grant as the API, snapshots and records show it. */
export function viewGrant(document: GrantDocument): Grant {
  const { _id: name, policy, rule, approval, createTime, expireTime } = document;
  return create(GrantSchema, {
    name,
    caller: fromBinary(CallerSchema, document.caller),
    policy,
    rule,
    approval,
    createdBy: fromBinary(CallerSchema, document.createdBy),
    createTime: timestampFromDate(createTime),
    expireTime: timestampFromDate(expireTime),
  });
}
