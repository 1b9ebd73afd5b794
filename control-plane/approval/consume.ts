import { fromBinary } from '@bufbuild/protobuf';
import type { Approval } from '#proto/sworn/approval/v1/approval_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { ConsumeApprovalRequest } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { isEqual } from '../../program/equal.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { type ApprovalDocument, findApproval } from '../storage/approval/approvals.ts';
import type { ClientSession } from '../storage/database.ts';
import { endOutdated } from './outdated.ts';
import { refusePutBack } from './put-back.ts';
import { doTransition } from './transition.ts';
import { stateAt, viewApproval } from './view.ts';

/** What ends the use of one that was approved. */
const ENDED = ['approval.consume', 'approval.withdraw'];

/**
 * Turns an approved approval into the one permission to go on, once, for exactly the request that it is bound to and
 * while the policy that asked for it is unchanged. Any enrolled plane may do it, not only the one that asked: the
 * caller may send the request again through another plane. The same exchange of the same plane may ask again, so that
 * an answer that was lost on the way does not cost the permission.
 *
 * @returns it, CONSUMED; WITHDRAWN where the policy has changed
 * @throws ConnectError NOT_FOUND, APPROVAL_NOT_USABLE (metadata: state), CONTENT_ALTERED (it was used, and is back as it was)
 */
export async function consumeApproval(
  context: Context,
  plane: string,
  request: ConsumeApprovalRequest,
): Promise<Approval> {
  const consumed = await context.database.transaction((session) => consume(context, session, plane, request));
  return viewApproval(consumed, context.now());
}

async function consume(
  context: Context,
  session: ClientSession,
  plane: string,
  request: ConsumeApprovalRequest,
): Promise<ApprovalDocument> {
  const { name, exchange, requestDigest } = request;
  const { database } = context;
  const document = await findApproval(database, name, session);
  if (document === undefined) throw fail(Reason.NOT_FOUND, `${name} does not exist`, { name });
  const state = stateAt(document, context.now());
  const isBound = isEqual(document.requestDigest, requestDigest);
  const by = document.consumedBy;
  if (isBound && state === 'CONSUMED' && by?.plane === plane && by.exchange === exchange) return document;

  if (state === 'APPROVED') {
    await refusePutBack(context, session, name, ENDED, 'used');
    const outdated = isBound ? await endOutdated(context, session, document) : undefined;
    if (outdated !== undefined) return outdated;
  }
  const moved = await doTransition(context, session, document, {
    to: 'CONSUMED',
    caller: fromBinary(CallerSchema, document.caller),
    fields: { consumedBy: { plane, exchange }, waiting: [] },
    requestDigest,
    exchange,
  });
  if (moved !== undefined) return moved;
  const why = isBound ? `it is ${state}` : 'it is bound to another request';
  throw fail(Reason.APPROVAL_NOT_USABLE, `${name} cannot be used: ${why}`, { name, state });
}
