import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { ActionName } from '../audit/action-names.ts';
import { type Action, recordAction } from '../audit/actions.ts';
import { commitToReason, type Why } from '../audit/reason.ts';
import type { Context } from '../context.ts';
import { type Happening, notify } from '../notification/notify.ts';
import {
  type ApprovalDocument,
  type ApprovalState,
  moveApproval,
  type TransitionFields,
} from '../storage/approval/approvals.ts';
import type { ClientSession } from '../storage/database.ts';

/** A step of an approval. */
export interface Transition {
  readonly to: Exclude<ApprovalState, 'PENDING'>;
  /** Who does it; undefined for the control plane itself. */
  readonly caller: Caller | undefined;
  readonly fields?: TransitionFields;
  /** Where given, the approval must be bound to it. */
  readonly requestDigest?: Uint8Array;
  /** Why, as who does it says. */
  readonly why?: Why;
  /** The exchange that the step is about; the one that asked when not given. */
  readonly exchange?: string;
}

/** From where a state can be reached. Only PENDING and APPROVED can change at all. */
export const SOURCES: { readonly [to in Transition['to']]: readonly ApprovalState[] } = {
  APPROVED: ['PENDING'],
  DENIED: ['PENDING'],
  WITHDRAWN: ['PENDING', 'APPROVED'],
  CONSUMED: ['APPROVED'],
  EXPIRED: ['PENDING', 'APPROVED'],
};

const ACTIONS: { readonly [to in Transition['to']]: ActionName } = {
  APPROVED: 'approval.approve',
  DENIED: 'approval.deny',
  WITHDRAWN: 'approval.withdraw',
  CONSUMED: 'approval.consume',
  EXPIRED: 'approval.expire',
};

/** Steps that notifiers tell of. */
const EVENTS: { readonly [to in Transition['to']]?: string } = {
  APPROVED: 'approval.decided',
  DENIED: 'approval.decided',
  EXPIRED: 'approval.expired',
};

/**
 * Does a step and records it, in one transaction. EXPIRED is reached only after the approval's time, every other state
 * only before it, compared in the update itself. Returns the approval as it is now; undefined when the step cannot be
 * done from where the approval stands.
 */
export async function doTransition(
  context: Context,
  session: ClientSession,
  document: ApprovalDocument,
  transition: Transition,
): Promise<ApprovalDocument | undefined> {
  const { to, caller, fields, requestDigest } = transition;
  if (!SOURCES[to].includes(document.state)) return undefined;
  const moved = await moveApproval(
    context.database,
    session,
    document,
    to,
    context.now(),
    { isExpired: to === 'EXPIRED', ...(requestDigest === undefined ? {} : { requestDigest }) },
    fields,
  );
  if (moved === undefined) return undefined;
  const action = actionOf(moved, ACTIONS[to], caller, transition.exchange);
  await recordAction(context, session, { ...action, ...(transition.why && commitToReason(transition.why)) });
  const event = EVENTS[to];
  if (event !== undefined && document.state === 'PENDING') {
    await notify(context, session, happeningOf(moved, event));
  }
  return moved;
}

/** What is told of a step of an approval. */
export function happeningOf(document: ApprovalDocument, event: string): Happening {
  const { _id: resource, policy, rule, reviewers, findings, expireTime: dueTime, state } = document;
  const outcome = state === 'APPROVED' || state === 'DENIED' ? state.toLowerCase() : undefined;
  const facts = { policy, rule, reviewers, findings, dueTime, ...(outcome && { outcome }) };
  return { event, resource, facts };
}

/** The record of a step of an approval. */
export function actionOf(
  document: ApprovalDocument,
  action: ActionName,
  caller: Caller | undefined,
  exchange = document.exchange,
): Action {
  const { _id: name, session, policyRevision } = document;
  return { caller, action, resource: name, approval: { name, exchange, session, policyRevision } };
}
