import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Approval } from '#proto/sworn/approval/v1/approval_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { type ApprovalDocument, findApproval } from '../storage/approvals.ts';
import { doTransition } from './transition.ts';
import { stateAt, viewApproval } from './view.ts';

/** What a reviewer says. */
export interface Verdict {
  readonly state: 'APPROVED' | 'DENIED';
  readonly reason: string;
}

/**
 * Decides a pending approval. The reviewer must be in one of the groups that it is addressed to and must not be who
 * asked, by issuer and subject or by e-mail, whatever their roles. After its time nothing can be decided, even if
 * nobody has marked the approval as expired yet.
 *
 * @throws ConnectError NOT_FOUND, NOT_ADDRESSED, OWN_REQUEST, APPROVAL_NOT_PENDING (metadata: state),
 *   CONTENT_ERASED (nothing is approved that nobody can read)
 */
export async function decideApproval(
  context: Context,
  reviewer: Caller,
  name: string,
  verdict: Verdict,
): Promise<Approval> {
  const decided = await context.database.transaction(async (session) => {
    const document = await findApproval(context.database, name, session);
    if (document === undefined) throw fail(Reason.NOT_FOUND, `${name} does not exist`, { name });
    checkReviewer(document, reviewer);
    if (verdict.state === 'APPROVED' && document.eraseTime !== undefined) {
      const metadata = { name, exchange: document.exchange };
      throw fail(
        Reason.CONTENT_ERASED,
        `the prompt of ${name} was erased: nobody can say what it is`,
        metadata,
      );
    }
    const moved = await doTransition(context, session, document, {
      to: verdict.state,
      caller: reviewer,
      fields: {
        decidedBy: toBinary(CallerSchema, reviewer),
        decideTime: context.now(),
        reason: verdict.reason,
      },
    });
    if (moved === undefined) {
      const state = stateAt(document, context.now());
      throw fail(Reason.APPROVAL_NOT_PENDING, `${name} is not pending: it is ${state}`, { name, state });
    }
    return moved;
  });
  return viewApproval(decided, context.now());
}

function checkReviewer(document: ApprovalDocument, reviewer: Caller): void {
  const name = document._id;
  if (!document.reviewers.some((group) => reviewer.groups.includes(group))) {
    throw fail(Reason.NOT_ADDRESSED, 'you are in none of the groups that may decide this', { name });
  }
  if (isSamePerson(fromBinary(CallerSchema, document.caller), reviewer)) {
    throw fail(Reason.OWN_REQUEST, 'nobody decides on their own request', { name });
  }
}

/** Whether these are one person: the same account, or accounts of two issuers with the same e-mail address. */
export function isSamePerson(one: Caller, other: Caller): boolean {
  if (one.issuer === other.issuer && one.subject === other.subject) return true;
  const email = foldEmail(one.email);
  return email !== '' && email === foldEmail(other.email);
}

function foldEmail(email: string): string {
  return email.normalize('NFKC').trim().toLowerCase();
}
