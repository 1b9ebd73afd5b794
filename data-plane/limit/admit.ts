import type { AppliedLimit } from '#core/policy/limit/plan.ts';
import { describeLimit, placeOf } from '#core/policy/limit/words.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import { priceOf, type TokenUsage } from '#core/upstream/price.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { UsageUnit } from '#proto/sworn/usage/v1/usage_pb.ts';
import type { Exchange, Verdict } from '../exchange.ts';
import type { Parts } from '../parts.ts';
import type { Trail } from '../record/trail.ts';
import type { Plan } from '../upstream/call.ts';
import { asksModel, estimate } from './estimate.ts';
import type { Charge, Exhausted } from './ledger.ts';
import { amountOf } from './settle.ts';
import { describeWait } from './wait.ts';

/** For less than so long, in seconds, both SDKs wait by themselves: openai-node, `retryRequest`; openai-python, `_calculate_retry_timeout`. */
const SDK_WAIT_S = 60;
/** What has room again in less than so many seconds is a matter of the rate: of a limit per minute always. */
const SOON_S = 120;

/**
 * Counts a request for all limits that policies have for it, before its intent; what it comes to is settled when it has ended.
 * Where policy has changed while it was held, once more before it goes on: for the limits that it was not counted for yet.
 * Throws GatewayError `rate_limit_exceeded` or `budget_exhausted` where one lets no more through, and `policy_denied` where
 * what it will come to cannot be counted.
 */
export function admitToLimits(
  { ledger, contexts, sessionTally }: Pick<Parts, 'ledger' | 'contexts' | 'sessionTally'>,
  exchange: Exchange,
  plan: Plan,
  trail: Trail,
): void {
  const { snapshot, received, session } = exchange;
  const { model } = received.content;
  const { upstreams } = snapshot;
  const { known } = trail;
  // What has no limits has a cost all the same.
  known.priceOf = (name) =>
    priceOf(
      upstreams.find((grant) => grant.name === name)?.spec,
      model || (known.reading?.facts.model ?? ''),
    );
  const isConversation = received.target.route.answer === 'realtime events';
  const { previousResponseId, conversation } = received.content;
  const goesOnFrom = isConversation ? [session.name] : [previousResponseId, conversation];
  const context = contexts.read(goesOnFrom);
  // Nothing is set aside for what was said in a session before: most that is sent there asks for no answer.
  const expected = estimate(exchange, isConversation ? 0 : context);
  const counted = known.counted ?? new Set();
  const charges = chargesOf(exchange, expected, plan, trail).filter(({ limit }) => !counted.has(limit.id));
  const nowMs = Date.now();
  const refused = ledger.reserve(charges, nowMs);
  if (refused === 'full') throw tooMany(exchange, trail);
  if (refused !== undefined) throw exhausted(refused, nowMs, exchange, trail);
  known.counted = new Set([...counted, ...charges.map(({ limit }) => limit.id)]);
  const later = charges.filter(({ limit }) => limit.unit !== UsageUnit.REQUESTS);
  // What asks no model comes to nothing.
  if (!asksModel(received.target.route)) return;
  known.spending = {
    ledger,
    charges: [...(known.spending?.charges ?? []), ...later],
    contexts,
    sessions: sessionTally,
    estimate: isConversation ? estimate(exchange, context) : expected,
    isConversation,
  };
}

function chargesOf(exchange: Exchange, expected: TokenUsage, plan: Plan, trail: Trail): Charge[] {
  const { verdict, received } = exchange;
  const { lines, model } = received.content;
  const isAsking = asksModel(received.target.route) || lines.length > 0;
  return verdict.limits.flatMap((limit): Charge[] => {
    // What asks no model takes no tokens.
    if (!isAsking && limit.unit !== UsageUnit.REQUESTS) return [];
    const fault = findUncountable(exchange, plan, limit);
    if (fault !== undefined) {
      const reason = `${placeOf(limit)}: ${fault}`;
      note(exchange, limit, reason, trail);
      throw new GatewayError('policy_denied', `Policy refuses this request: ${reason}.`);
    }
    if (limit.unit === UsageUnit.REQUESTS) return [{ limit, amount: 1, held: 0 }];
    // What waits for a reviewer would keep others from asking for hours.
    if (waits(verdict, trail)) return [{ limit, amount: 0, held: 0 }];
    // By the dearest of the upstreams that may be called.
    const costs = plan.candidates.map(({ spec }) => amountOf(limit, expected, priceOf(spec, model)));
    return [{ limit, amount: 0, held: Math.max(0, ...costs) }];
  });
}

function waits({ decision }: Verdict, { known }: Trail): boolean {
  const isLetThrough = known.grant !== undefined || known.breakGlass === true;
  return decision.action === Action.REQUIRE_APPROVAL && !isLetThrough;
}

const WHAT: Readonly<Partial<Record<UsageUnit, string>>> = {
  [UsageUnit.REQUESTS]: 'requests',
  [UsageUnit.TOKENS]: 'tokens',
  [UsageUnit.COST_MICROS]: 'cost',
};

/** Why nobody here would see what a request comes to; undefined where that will be known. */
function findUncountable(
  exchange: Exchange,
  { candidates }: Plan,
  { unit }: AppliedLimit,
): string | undefined {
  const { content } = exchange.received;
  const what = WHAT[unit] ?? '';
  // A file of lines can be put up once and started many times.
  if (content.lines.length > 0) return `the ${what} of a batch cannot be counted`;
  if (unit === UsageUnit.REQUESTS) return undefined;
  if (isInBackground(exchange)) {
    return `the ${what} of an answer in the background cannot be counted`;
  }
  if (unit === UsageUnit.TOKENS) return undefined;
  if (content.model === '') return 'a request that names no model has no price';
  const unpriced = candidates.find(({ spec }) => priceOf(spec, content.model) === undefined);
  return unpriced && `the model has no price at ${unpriced.name}`;
}

/** Whether the provider will answer later, after what policy changes. */
function isInBackground({ received, verdict }: Exchange): boolean {
  const edit = verdict.edits.find((one) => 'path' in one && one.path[0] === 'background');
  if (edit !== undefined && 'path' in edit) return edit.value === true;
  const reading = received.content.parameters.get('background');
  return reading !== undefined && (reading.misspelt || reading.values.includes(true));
}

function exhausted(
  { limit, roomMs }: Exhausted,
  nowMs: number,
  exchange: Exchange,
  trail: Trail,
): GatewayError {
  const reason = `${placeOf(limit)} is used up: ${describeLimit(limit)}`;
  note(exchange, limit, reason, trail);
  if (roomMs === undefined) {
    const message = `This is too much at once: ${placeOf(limit)}: ${describeLimit(limit)}.`;
    return new GatewayError('budget_exhausted', message);
  }
  const retryAfterS = Math.max(1, Math.ceil((roomMs - nowMs) / 1_000));
  const message = `Policy allows no more for now: ${reason}. There is room again in ${describeWait(retryAfterS)}.`;
  const code = retryAfterS < SOON_S ? 'rate_limit_exceeded' : 'budget_exhausted';
  return new GatewayError(code, message, { retryAfterS, retry: retryAfterS < SDK_WAIT_S });
}

function tooMany(exchange: Exchange, trail: Trail): GatewayError {
  const [limit] = exchange.verdict.limits;
  const reason = 'this plane counts for as many callers and groups as it can';
  if (limit !== undefined) note(exchange, limit, `${placeOf(limit)}: ${reason}`, trail);
  return new GatewayError('rate_limit_exceeded', `Policy limits this request, and ${reason}.`, {
    retryAfterS: 1,
  });
}

/** The record says which limit refused, in the place of what would have let the request through. */
function note({ verdict }: Exchange, { policy, limit }: AppliedLimit, reason: string, trail: Trail): void {
  const { decision } = verdict;
  trail.known.verdict = {
    ...verdict,
    decision: {
      ...decision,
      action: Action.DENY,
      policy,
      rule: '',
      condition: '',
      purpose: '',
      reason,
      changes: [],
      limit,
    },
  };
}
