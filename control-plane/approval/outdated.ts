import type { Context } from '../context.ts';
import type { ApprovalDocument } from '../storage/approvals.ts';
import type { ClientSession } from '../storage/database.ts';
import { findPolicy } from '../storage/policies.ts';
import { digestPolicy } from './binding.ts';
import { doTransition } from './transition.ts';

/**
 * Withdraws an approval, as it was read in this transaction, whose policy says something else by now: it can be used no more, so
 * that nobody is to approve it, and who waits is told. Returns it as it is now; undefined where the policy is unchanged.
 */
export async function endOutdated(
  context: Context,
  session: ClientSession,
  document: ApprovalDocument,
): Promise<ApprovalDocument | undefined> {
  const policy = await findPolicy(context.database, document.policy, session);
  const isSame = policy?.spec !== undefined && digestPolicy(policy.spec).equals(document.policyDigest);
  if (isSame) return undefined;
  const fields = { policyChanged: true, waiting: [] };
  return await doTransition(context, session, document, { to: 'WITHDRAWN', caller: undefined, fields });
}
