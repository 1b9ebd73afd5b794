import { create } from '@bufbuild/protobuf';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { PolicySpec } from '#proto/sworn/policy/v1/policy_pb.ts';
import { type PolicyChange, PolicyChangeSchema } from '#proto/sworn/policy/v1/revision_pb.ts';
import { digestPolicy } from '../approval/binding.ts';
import type { Context } from '../context.ts';
import { insertRevision, newestRevision } from '../storage/configuration/policy-revisions.ts';
import type { ClientSession } from '../storage/database.ts';

/** Who changes policies, and why. */
export interface Authorship {
  readonly caller: Caller;
  readonly reason: string;
}

/**
 * Keeps what a policy says from now on as its next revision, in the transaction of the change; undefined for one that is
 * removed. The head of the store serialises changes, so that numbers have no gaps.
 * @returns what the record says of it
 */
export async function revise(
  { database, now, proposal }: Context,
  session: ClientSession,
  { caller, reason }: Authorship,
  policy: string,
  spec: PolicySpec | undefined,
): Promise<PolicyChange> {
  const number = (await newestRevision(database, session, policy)) + 1n;
  await insertRevision(database, session, {
    policy,
    number,
    spec,
    author: caller,
    reason,
    createTime: now(),
    ...(proposal && { approvedBy: proposal.approvedBy, proposal: proposal.step.name }),
  });
  return create(PolicyChangeSchema, {
    revision: number,
    ...(spec && { specSha256: Uint8Array.from(digestPolicy(spec)) }),
    reason,
  });
}
