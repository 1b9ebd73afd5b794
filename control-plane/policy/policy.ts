import { create } from '@bufbuild/protobuf';
import { type FieldMask, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type Policy, PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { checkEtag } from '../api/etag.ts';
import { fail } from '../api/fail.ts';
import { applyMask } from '../api/update-mask.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import {
  deletePolicy,
  findPolicy,
  insertPolicy,
  listAllPolicies,
  replacePolicy,
} from '../storage/policies.ts';
import { checkPolicies } from './check.ts';
import { checkUpstreams } from './upstreams.ts';

/**
 * Adds a policy `policies/{id}`.
 * @throws ConnectError ALREADY_EXISTS, POLICY_INVALID
 */
export function createPolicy(context: Context, caller: Caller, id: string, wanted: Policy): Promise<Policy> {
  const name = `policies/${id}`;
  const { database } = context;
  return applyChange(context, { caller, action: 'policy.create', resource: name }, async (session) => {
    const others = await listAllPolicies(database, session);
    if (others.some((other) => other.name === name)) {
      throw fail(Reason.ALREADY_EXISTS, `${name} exists`, { name });
    }
    const policy = stamp(context, name, wanted, undefined);
    checkPolicies([policy], others, context.settings.minimumRetention);
    await checkUpstreams(context, [policy], session);
    await insertPolicy(database, policy, session);
    return policy;
  });
}

/**
 * Changes a policy.
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH, INVALID_UPDATE_MASK, POLICY_INVALID
 */
export function updatePolicy(
  context: Context,
  caller: Caller,
  update: Policy,
  mask: FieldMask | undefined,
): Promise<Policy> {
  const { database } = context;
  const { name } = update;
  return applyChange(context, { caller, action: 'policy.update', resource: name }, async (session) => {
    const all = await listAllPolicies(database, session);
    const current = all.find((policy) => policy.name === name);
    if (current === undefined) throw notFound(name);
    checkEtag(update.etag, current);
    const policy = stamp(context, name, applyMask(PolicySchema, current, update, mask), current);
    checkPolicies(
      [policy],
      all.filter((other) => other !== current),
      context.settings.minimumRetention,
    );
    await checkUpstreams(context, [policy], session);
    await replacePolicy(database, policy, session);
    return policy;
  });
}

/**
 * Removes a policy. What only it allowed is denied from then on.
 * @param etag where not empty, must be current
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH
 */
export function removePolicy(context: Context, caller: Caller, name: string, etag: string): Promise<void> {
  const { database } = context;
  return applyChange(context, { caller, action: 'policy.delete', resource: name }, async (session) => {
    const current = await findPolicy(database, name, session);
    if (current === undefined) throw notFound(name);
    checkEtag(etag, current);
    await deletePolicy(database, name, session);
  });
}

/** The policy as it is stored: what its author wrote, with a new etag and its times. */
export function stamp(context: Context, name: string, wanted: Policy, current: Policy | undefined): Policy {
  const now = timestampFromDate(context.now());
  return create(PolicySchema, {
    name,
    spec: wanted.spec,
    etag: uuidv7(),
    createTime: current?.createTime ?? now,
    updateTime: now,
  });
}

/** @returns the error of a policy that does not exist */
export function notFound(name: string) {
  return fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
}
