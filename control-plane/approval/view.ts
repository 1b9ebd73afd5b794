import { create, fromBinary } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type Approval, ApprovalSchema, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { ApprovalDocument, ApprovalState } from '../storage/approval/approvals.ts';

/** The state at this time: what is overdue is expired, whether or not it has been marked so yet. */
export function stateAt(document: ApprovalDocument, now: Date): ApprovalState {
  const isOpen = document.state === 'PENDING' || document.state === 'APPROVED';
  return isOpen && document.expireTime <= now ? 'EXPIRED' : document.state;
}

/** A stored approval as the API shows it, without its prompt. */
export function viewApproval(document: ApprovalDocument, now: Date): Approval {
  const { decidedBy, decideTime, reasonKey } = document;
  const windowMs = (document.windowSeconds ?? 0) * 1_000;
  return create(ApprovalSchema, {
    name: document._id,
    state: State[stateAt(document, now)],
    caller: fromBinary(CallerSchema, document.caller),
    plane: document.plane,
    exchange: document.exchange,
    session: document.session,
    route: document.route,
    model: document.model,
    requestDigest: Uint8Array.from(document.requestDigest),
    policyRevision: document.policyRevision,
    policy: document.policy,
    rule: document.rule,
    message: document.message,
    reviewers: [...document.reviewers],
    findings: Object.fromEntries(document.findings.map(({ entity, count }) => [entity, count])),
    createTime: timestampFromDate(document.createTime),
    expireTime: timestampFromDate(document.expireTime),
    ...(decidedBy === undefined ? {} : { decidedBy: fromBinary(CallerSchema, decidedBy) }),
    ...(decideTime === undefined ? {} : { decideTime: timestampFromDate(decideTime) }),
    reason: document.reason ?? '',
    ...(reasonKey && { reasonKey: Uint8Array.from(reasonKey) }),
    quorum: document.quorum ?? 1,
    votes: (document.votes ?? []).map(({ reviewer, time, reason, reasonKey: key }) => ({
      reviewer: fromBinary(CallerSchema, reviewer),
      time: timestampFromDate(time),
      reason,
      ...(key && { reasonKey: Uint8Array.from(key) }),
    })),
    reasonRequired: document.reasonRequired ?? false,
    policyChanged: document.policyChanged ?? false,
    ...(windowMs > 0 && { window: durationFromMs(windowMs) }),
    ...(document.eraseTime === undefined ? {} : { eraseTime: timestampFromDate(document.eraseTime) }),
  });
}
