import { create, fromBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type Review, ReviewSchema, ReviewState, Verdict } from '#proto/sworn/review/v1/review_pb.ts';
import type { Happening } from '../notification/notify.ts';
import type { Facts } from '../storage/approval/notifications.ts';
import type { ReviewDocument } from '../storage/approval/reviews.ts';

/** A stored review as the API shows it, without its prompt. */
export function viewReview(document: ReviewDocument, now: Date): Review {
  const { _id: name, state, dueTime, verdict, completedBy, completeTime } = document;
  return create(ReviewSchema, {
    name,
    state: ReviewState[state],
    overdue: state === 'PENDING' && dueTime <= now,
    caller: fromBinary(CallerSchema, document.caller),
    plane: document.plane,
    exchange: document.exchange,
    session: document.session,
    route: document.route,
    model: document.model,
    policyRevision: document.policyRevision,
    policy: document.policy,
    rule: document.rule,
    reviewers: [...document.reviewers],
    findings: Object.fromEntries(document.findings.map(({ entity, count }) => [entity, count])),
    useTime: timestampFromDate(document.useTime),
    createTime: timestampFromDate(document.createTime),
    dueTime: timestampFromDate(dueTime),
    ...(verdict && { verdict: Verdict[verdict] }),
    reason: document.reason ?? '',
    ...(document.reasonKey && { reasonKey: Uint8Array.from(document.reasonKey) }),
    ...(completedBy && { completedBy: fromBinary(CallerSchema, completedBy) }),
    ...(completeTime && { completeTime: timestampFromDate(completeTime) }),
  });
}

/** What is told of a review. */
export function happeningOf(document: ReviewDocument, event: string): Happening & { readonly facts: Facts } {
  const { _id: resource, policy, rule, reviewers, findings, dueTime, verdict } = document;
  const outcome = verdict?.toLowerCase();
  return {
    event,
    resource,
    facts: { policy, rule, reviewers, findings, dueTime, ...(outcome && { outcome }) },
  };
}
