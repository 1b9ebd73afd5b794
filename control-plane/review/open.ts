import { toBinary } from '@bufbuild/protobuf';
import { durationMs } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { type Record, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Policy, RequireApproval } from '#proto/sworn/policy/v1/policy_pb.ts';
import { findRule } from '../approval/rule.ts';
import type { BatchEntry } from '../audit/batch.ts';
import type { Context } from '../context.ts';
import { type Happening, notifyAll } from '../notification/notify.ts';
import { insertReviews, listReviewed, type ReviewDocument } from '../storage/approval/reviews.ts';
import { findPolicy } from '../storage/configuration/policies.ts';
import type { ClientSession } from '../storage/database.ts';
import { ifAltered } from '../storage/sealing/altered.ts';
import { happeningOf } from './view.ts';

const EVENT = 'break_glass.used';
const DEFAULT_WITHIN_MS = 24 * 3_600_000;
const MAX_WITHIN_MS = 7 * 24 * 3_600_000;

/**
 * Puts what went on by break-glass into the queue of mandatory reviews, in the transaction that stores its records: none is
 * stored without one. It is addressed to the reviewers of the rule as it is now, and due so long after it came as that says;
 * a rule that is gone by then has left nobody out: any reviewer may, within a day.
 */
export async function openReviews(
  context: Context,
  session: ClientSession,
  entries: readonly BatchEntry[],
): Promise<void> {
  const broken = new Map<string, BatchEntry>();
  for (const entry of entries) {
    const { kind, breakGlass, exchange } = entry.record;
    if (kind === RecordKind.INTENT && breakGlass && !broken.has(exchange)) broken.set(exchange, entry);
  }
  const [first] = broken.values();
  if (first === undefined) return;
  const { database } = context;
  const reviewed = await listReviewed(database, session, first.record.plane, [...broken.keys()]);
  const policies = new Map<string, Policy | undefined>();
  const reviews: ReviewDocument[] = [];
  const happenings: Happening[] = [];
  for (const { record, time } of broken.values()) {
    if (reviewed.has(record.exchange)) continue;
    const { policy = '', rule = '' } = record.decision ?? {};
    if (!policies.has(policy))
      policies.set(policy, await ifAltered(findPolicy(database, policy, session), () => undefined));
    const asked = findRule(policies.get(policy), rule);
    const review = newReview(record, time, asked, context.now());
    reviews.push(review);
    // What names a rule that is here is a name; any other text is the plane's, and stays here.
    const happening = happeningOf(review, EVENT);
    const { policy: _policy, rule: _rule, ...rest } = happening.facts;
    happenings.push(asked === undefined ? { ...happening, facts: rest } : happening);
  }
  await insertReviews(database, session, reviews);
  await notifyAll(context, session, EVENT, happenings);
}

function newReview(
  record: Record,
  useTime: Date,
  asked: RequireApproval | undefined,
  now: Date,
): ReviewDocument {
  const { caller, decision, plane, exchange, session, route, model, policyRevision } = record;
  const within = asked?.breakGlass?.reviewWithin;
  const withinMs = within === undefined ? DEFAULT_WITHIN_MS : Math.min(durationMs(within), MAX_WITHIN_MS);
  return {
    _id: `reviews/${uuidv7()}`,
    state: 'PENDING',
    caller: caller === undefined ? new Uint8Array() : toBinary(CallerSchema, caller),
    plane,
    exchange,
    session,
    route,
    model,
    policyRevision,
    policy: decision?.policy ?? '',
    rule: decision?.rule ?? '',
    reviewers: asked?.reviewers ?? [],
    serviceReviewers: asked?.serviceReviewers ?? [],
    findings: Object.entries(record.findings).map(([entity, count]) => ({ entity, count })),
    useTime,
    createTime: now,
    dueTime: new Date(now.getTime() + withinMs),
  };
}
