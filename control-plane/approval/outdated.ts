import type { Context } from '../context.ts';
import { type AskedBy, listAskedBy } from '../storage/approval/approval-policies.ts';
import { type ApprovalDocument, findApproval } from '../storage/approval/approvals.ts';
import { readSnapshotHead } from '../storage/configuration/heads.ts';
import { findPolicy } from '../storage/configuration/policies.ts';
import type { ClientSession } from '../storage/database.ts';
import { ifAltered } from '../storage/sealing/altered.ts';
import { digestPolicy } from './binding.ts';
import { doTransition } from './transition.ts';

/** Withdrawn at a time, so that expiry does not wait long for it. */
const BATCH = 100;

/**
 * Withdraws what waits and whose policy says something else by now, so that its caller does not wait for an approval that nobody
 * can give. A revision is looked at when it was there before: planes have it by then, and refuse by what it says.
 * @returns does so, to be called again and again, and says how many it withdrew
 */
export function createOutdatedLook(context: Context): () => Promise<number> {
  const { database } = context;
  let newest: bigint | undefined;
  let looked: bigint | undefined;
  return async () => {
    const revision = newest;
    newest = (await readSnapshotHead(database))?.revision;
    if (revision === looked) return 0;
    const outdated = await listOutdated(context);
    let count = 0;
    for (const { _id: name } of outdated.slice(0, BATCH)) {
      const ended = await database.transaction((session) =>
        // Where it was altered, it ends at its time.
        ifAltered(endByName(context, session, name), () => undefined),
      );
      if (ended !== undefined) count++;
    }
    if (outdated.length <= BATCH) looked = revision;
    return count;
  };
}

/**
 * Withdraws an approval, as it was read in this transaction, whose policy says something else by now: it can be used no more, so
 * that nobody is to approve it, and who waits is told. Returns it as it is now; undefined where the policy is unchanged.
 */
export async function endOutdated(
  context: Context,
  session: ClientSession,
  document: ApprovalDocument,
): Promise<ApprovalDocument | undefined> {
  if (await isCurrent(context, document, session)) return undefined;
  const fields = { policyChanged: true, waiting: [] };
  return await doTransition(context, session, document, { to: 'WITHDRAWN', caller: undefined, fields });
}

async function endByName(
  context: Context,
  session: ClientSession,
  name: string,
): Promise<ApprovalDocument | undefined> {
  const document = await findApproval(context.database, name, session);
  if (document?.state !== 'PENDING') return undefined;
  return await endOutdated(context, session, document);
}

async function listOutdated(context: Context): Promise<AskedBy[]> {
  const isOutdated = new Map<string, boolean>();
  const outdated: AskedBy[] = [];
  for (const asked of await listAskedBy(context.database)) {
    const key = `${asked.policy} ${Buffer.from(asked.policyDigest).toString('hex')}`;
    // A policy that was altered says nothing; who decides is told of it.
    if (!isOutdated.has(key)) isOutdated.set(key, !(await ifAltered(isCurrent(context, asked), () => true)));
    if (isOutdated.get(key)) outdated.push(asked);
  }
  return outdated;
}

/** Whether a policy says what it said when it asked. @throws AlteredError */
async function isCurrent(
  { database }: Context,
  { policy: name, policyDigest }: Pick<AskedBy, 'policy' | 'policyDigest'>,
  session?: ClientSession,
): Promise<boolean> {
  const policy = await findPolicy(database, name, session);
  return policy?.spec !== undefined && digestPolicy(policy.spec).equals(policyDigest);
}
