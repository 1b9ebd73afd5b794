import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { uniteUpstreams } from '#core/upstream/choose.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { uniteLimits } from './limit/plan.ts';
import type { PolicyResult } from './result.ts';
import { longestRetention } from './retention.ts';

const STRICTNESS: readonly Action[] = [Action.ALLOW, Action.REQUIRE_APPROVAL, Action.DENY];

/** True when an action lets less through than another one. */
export function isStricter(action: Action, than: Action): boolean {
  return STRICTNESS.indexOf(action) > STRICTNESS.indexOf(than);
}

/**
 * What is said to a request that brings others: the strictest of what is said to each, the first of equally strict ones. The
 * longest retention counts, and what the first says of the answer, which is that of the whole request.
 */
export function strictestOf(first: PolicyResult, others: readonly PolicyResult[]): PolicyResult {
  const strictest = others.reduce(
    (so, next) => (isStricter(next.decision.action, so.decision.action) ? next : so),
    first,
  );
  const results = [first, ...others];
  const seconds = longestRetention(
    results.map(({ decision }) => decision.retention && Number(decision.retention.seconds)),
  );
  const decision =
    seconds === undefined
      ? strictest.decision
      : { ...strictest.decision, retention: durationFromMs(seconds * 1_000) };
  return {
    decision,
    denyMessage: strictest.denyMessage,
    approval: strictest.approval,
    mask: first.mask,
    opaque: first.opaque,
    edits: first.edits,
    tokenize: first.tokenize,
    forwardsTraces: first.forwardsTraces,
    param: strictest.param,
    limits: others.length === 0 ? first.limits : uniteLimits(results.map(({ limits }) => limits)),
    externalRequired: results.some(({ externalRequired }) => externalRequired),
    upstreams: uniteUpstreams(results.map(({ upstreams = [] }) => upstreams)),
  };
}
