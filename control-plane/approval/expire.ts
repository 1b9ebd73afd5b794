import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../program/log.ts';
import type { Context } from '../context.ts';
import { expireProposals } from '../proposal/expire.ts';
import { endAltered, findApproval, listOverdue } from '../storage/approval/approvals.ts';
import { ifAltered } from '../storage/sealing/altered.ts';
import { createOutdatedLook } from './outdated.ts';
import { remindReviewers } from './remind.ts';
import { doTransition } from './transition.ts';

/** How late an expiry may be seen by those who watch. Nothing can be done with an overdue approval meanwhile. */
const INTERVAL_MS = 1_000;
const BATCH = 100;

/**
 * Marks overdue approvals as expired. Several replicas may do so at the same time: each approval is marked, and
 * recorded, once.
 * @returns how many this call marked
 */
export async function expireApprovals(context: Context): Promise<number> {
  const { database } = context;
  let count = 0;
  for (const name of await listOverdue(database, context.now(), BATCH)) {
    const isMarked = await database.transaction(async (session) => {
      const document = await ifAltered(findApproval(database, name, session), () =>
        endAltered(database, session, name),
      );
      if (document === undefined) return false;
      return (
        (await doTransition(context, session, document, { to: 'EXPIRED', caller: undefined })) !== undefined
      );
    });
    if (isMarked) count++;
  }
  return count;
}

/** Ends approvals and proposals that are overdue or outdated, and reminds reviewers, every second until the control plane drains. */
export async function runExpiry(context: Context): Promise<void> {
  const { shutdown, logger } = context;
  const endOutdated = createOutdatedLook(context);
  while (!shutdown.aborted) {
    try {
      await expireApprovals(context);
      await endOutdated();
      await remindReviewers(context);
      await expireProposals(context);
    } catch (error) {
      logger.warn(describeError(error), 'what is overdue could not be marked; trying again');
    }
    await sleep(INTERVAL_MS, undefined, { signal: shutdown }).catch(() => undefined);
  }
}
