import { create, equals } from '@bufbuild/protobuf';
import { type FieldMask, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Policy, PolicySchema, PolicySpecSchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { PolicyChange } from '#proto/sworn/policy/v1/revision_pb.ts';
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
} from '../storage/configuration/policies.ts';
import { findRevision } from '../storage/configuration/policy-revisions.ts';
import type { ClientSession } from '../storage/database.ts';
import { ifAltered } from '../storage/sealing/altered.ts';
import { checkPolicies } from './check.ts';
import { type Authorship, revise } from './revise.ts';
import { checkUpstreams } from './upstreams.ts';

/**
 * Adds a policy `policies/{id}`.
 * @throws ConnectError ALREADY_EXISTS, POLICY_INVALID
 */
export function createPolicy(
  context: Context,
  author: Authorship,
  id: string,
  wanted: Policy,
): Promise<Policy> {
  const name = `policies/${id}`;
  return changePolicy(context, author, name, (all, current) => {
    if (current !== undefined) throw fail(Reason.ALREADY_EXISTS, `${name} exists`, { name });
    return checked(context, stamp(context, name, wanted, undefined), all);
  });
}

/**
 * Changes a policy.
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH, INVALID_UPDATE_MASK, POLICY_INVALID
 */
export function updatePolicy(
  context: Context,
  author: Authorship,
  update: Policy,
  mask: FieldMask | undefined,
): Promise<Policy> {
  const { name } = update;
  return changePolicy(context, author, name, async (all, current, session) => {
    if (current === undefined) {
      // Where it is there, and altered, this says so.
      await findPolicy(context.database, name, session);
      throw notFound(name);
    }
    checkEtag(update.etag, current);
    const merged = applyMask(PolicySchema, current, update, mask);
    return checked(context, stamp(context, name, merged, current), all);
  });
}

/**
 * Makes a policy say again what it said in an earlier revision, as a new one; one that was removed is made again. Nothing is changed
 * where it says so already.
 * @param etag where not empty, must be current
 * @returns the policy; with the etag of before where nothing was changed
 * @throws ConnectError NOT_FOUND (no such revision, or the policy was removed in it), ETAG_MISMATCH, POLICY_INVALID
 */
export async function rollbackPolicy(
  context: Context,
  author: Authorship,
  name: string,
  revision: bigint,
  etag: string,
): Promise<Policy> {
  const wanted = async (current: Policy | undefined, session?: ClientSession) => {
    checkEtag(etag, current ?? create(PolicySchema, { name }));
    const found = await findRevision(context.database, session, name, revision);
    if (found?.spec !== undefined) return create(PolicySchema, { spec: found.spec });
    const what = found === undefined ? 'has no such revision' : 'was removed in that revision';
    throw fail(Reason.NOT_FOUND, `${name} ${what}`, { name: `${name}/revisions/${revision}` });
  };
  // One that was altered is made anew.
  const before = await ifAltered(findPolicy(context.database, name), () => undefined);
  if (before !== undefined && hasSameSpec(await wanted(before), before)) return before;
  return changePolicy(context, author, name, async (all, current, session) =>
    checked(context, stamp(context, name, await wanted(current, session), current), all),
  );
}

/**
 * Removes a policy. What only it allowed is denied from then on. Its revisions stay.
 * @param etag where not empty, must be current
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH
 */
export async function removePolicy(
  context: Context,
  author: Authorship,
  name: string,
  etag: string,
): Promise<void> {
  const { database } = context;
  const { caller } = author;
  await applyChange(
    context,
    (policyChange: PolicyChange) => ({ caller, action: 'policy.delete', resource: name, policyChange }),
    async (session) => {
      const current = await ifAltered(findPolicy(database, name, session), () =>
        create(PolicySchema, { name, etag }),
      );
      if (current === undefined) throw notFound(name);
      checkEtag(etag, current);
      await deletePolicy(database, name, session);
      return revise(context, session, author, name, undefined);
    },
  );
}

/** What a policy becomes, or a refusal. */
type Decide = (
  all: readonly Policy[],
  current: Policy | undefined,
  session: ClientSession,
) => Policy | Promise<Policy>;

interface Changed {
  readonly policy: Policy;
  readonly isNew: boolean;
  readonly change: PolicyChange;
}

async function changePolicy(
  context: Context,
  author: Authorship,
  name: string,
  decide: Decide,
): Promise<Policy> {
  const { database } = context;
  const { caller } = author;
  const { policy } = await applyChange(
    context,
    ({ isNew, change }: Changed) => ({
      caller,
      action: isNew ? 'policy.create' : 'policy.update',
      resource: name,
      policyChange: change,
    }),
    async (session) => {
      const all = await listAllPolicies(database, session);
      const current = all.find((other) => other.name === name);
      const decided = await decide(all, current, session);
      await checkUpstreams(context, [decided], session);
      const change = await revise(context, session, author, name, decided.spec);
      const next = { ...decided, revision: change.revision };
      const isNew = current === undefined;
      await (isNew ? insertPolicy : replacePolicy)(database, next, session);
      return { policy: next, isNew, change };
    },
  );
  return policy;
}

/** The policy, if planes can run it beside all others. */
function checked({ settings }: Context, policy: Policy, all: readonly Policy[]): Policy {
  checkPolicies(
    [policy],
    all.filter(({ name }) => name !== policy.name),
    settings.minimumRetention,
  );
  return policy;
}

/** The policy as it is stored: what its author wrote, with a new etag and its times; its revision comes with the change. */
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

/** Whether two policies say the same. */
export function hasSameSpec(
  { spec: left }: Pick<Policy, 'spec'>,
  { spec: right }: Pick<Policy, 'spec'>,
): boolean {
  return left !== undefined && right !== undefined && equals(PolicySpecSchema, left, right);
}

/** @returns the error of a policy that does not exist */
export function notFound(name: string) {
  return fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
}
