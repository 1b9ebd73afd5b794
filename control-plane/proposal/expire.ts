import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { reasonOf } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { listOverdueProposals } from '../storage/approval/proposals.ts';
import { expireAltered, expireProposal } from './decide.ts';

const BATCH = 100;

/**
 * Ends overdue proposals, each once, whichever replica sees it first; with an alarm one that somebody changed in the store.
 * @returns how many this call ended
 */
export async function expireProposals(context: Context): Promise<number> {
  let count = 0;
  for (const name of await listOverdueProposals(context.database, context.now(), BATCH)) {
    try {
      if (await expireProposal(context, name)) count++;
    } catch (error) {
      if (reasonOf(error) !== Reason.CONTENT_ALTERED) throw error;
      if (await expireAltered(context, name)) count++;
    }
  }
  return count;
}
