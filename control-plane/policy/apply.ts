import { create } from '@bufbuild/protobuf';
import { type Policy, PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { type AppliedPolicy, AppliedPolicySchema, Change } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { checkEtag } from '../api/etag.ts';
import { type Action, recordActions } from '../audit/actions.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import { insertPolicy, listAllPolicies, replacePolicy } from '../storage/configuration/policies.ts';
import type { ClientSession } from '../storage/database.ts';
import { checkPolicies } from './check.ts';
import { hasSameSpec, stamp } from './policy.ts';
import { type Authorship, revise } from './revise.ts';
import { checkUpstreams } from './upstreams.ts';

/**
 * Creates or replaces all given policies, or none. Those that are so already keep their etag, and when all are,
 * there is no new revision.
 * @param validateOnly check and say what would change, and change nothing
 * @returns one result a policy, in the order given
 * @throws ConnectError ETAG_MISMATCH, POLICY_INVALID
 */
export async function applyPolicies(
  context: Context,
  author: Authorship,
  wanted: readonly Policy[],
  validateOnly: boolean,
): Promise<AppliedPolicy[]> {
  const preview = compare(context, wanted, await listAllPolicies(context.database));
  await checkUpstreams(context, wanted);
  if (validateOnly || preview.every(({ change }) => change === Change.UNCHANGED)) return preview;
  const change = { caller: author.caller, action: 'policy.apply' as const, resource: 'policies' };
  return await applyChange(context, change, async (session) => {
    // Compared again: only what the transaction reads is what it writes over.
    const results = compare(context, wanted, await listAllPolicies(context.database, session));
    await checkUpstreams(context, wanted, session);
    return await write(context, author, results, session);
  });
}

function compare(context: Context, wanted: readonly Policy[], stored: readonly Policy[]): AppliedPolicy[] {
  const byName = new Map(stored.map((policy) => [policy.name, policy]));
  const names = new Set(wanted.map(({ name }) => name));
  for (const policy of wanted) {
    checkEtag(policy.etag, byName.get(policy.name) ?? create(PolicySchema, { name: policy.name }));
  }
  checkPolicies(
    wanted,
    stored.filter(({ name }) => !names.has(name)),
    context.settings.minimumRetention,
  );
  return wanted.map((policy) => {
    const current = byName.get(policy.name);
    if (current !== undefined && hasSameSpec(current, policy)) {
      return create(AppliedPolicySchema, { policy: current, change: Change.UNCHANGED });
    }
    return create(AppliedPolicySchema, {
      policy: stamp(context, policy.name, policy, current),
      change: current === undefined ? Change.CREATED : Change.UPDATED,
    });
  });
}

/** Writes those that change; returns all, with their revisions. */
async function write(
  context: Context,
  author: Authorship,
  results: readonly AppliedPolicy[],
  session: ClientSession,
): Promise<AppliedPolicy[]> {
  const { caller } = author;
  const actions: Action[] = [];
  const written: AppliedPolicy[] = [];
  for (const result of results) {
    const { policy, change } = result;
    if (policy === undefined || change === Change.UNCHANGED) {
      written.push(result);
      continue;
    }
    const isNew = change === Change.CREATED;
    // One after the other: a session takes one operation at a time.
    const policyChange = await revise(context, session, author, policy.name, policy.spec);
    const next = { ...policy, revision: policyChange.revision };
    await (isNew ? insertPolicy : replacePolicy)(context.database, next, session);
    const action = isNew ? 'policy.create' : 'policy.update';
    actions.push({ caller, action, resource: policy.name, policyChange });
    written.push({ ...result, policy: next });
  }
  await recordActions(context, session, actions);
  return written;
}
