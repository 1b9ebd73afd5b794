import type { AppliedLimit } from '#core/policy/limit/plan.ts';
import { ERRORS } from '#core/provider/openai/error.ts';
import { costOf, type Price, type TokenUsage } from '#core/upstream/price.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { UsageUnit } from '#proto/sworn/usage/v1/usage_pb.ts';
import type { AnswerFacts } from '../listener/answer.ts';
import type { Known } from '../record/known.ts';
import { outputOf } from './estimate.ts';
import type { Spending } from './spending.ts';

/** Errors after which the provider has certainly done nothing. */
const UNTOUCHED: ReadonlySet<string> = new Set(['upstream_unreachable', 'upstream_busy', 'no_upstream']);

/** Counts what an exchange has come to. Once: what is set aside is given back. */
export function settle(known: Known, status: OutcomeStatus, answer: AnswerFacts, nowMs: number): void {
  const { spending } = known;
  if (spending === undefined) return;
  delete known.spending;
  const counted = known.reading?.facts.usage;
  const usage = counted ?? estimateOf(spending, known, status, answer);
  // What was broken off may be gone on from as well.
  if (usage !== undefined && counted === undefined)
    spending.contexts.note([known.reading?.facts.responseId], usage);
  noteSession(spending, known, usage, counted === undefined);
  const price = known.upstream === undefined ? undefined : known.priceOf?.(known.upstream);
  for (const { limit, held } of spending.charges) {
    const amount = usage === undefined ? 0 : amountOf(limit, usage, price);
    spending.ledger.settle(limit, held, amount, nowMs);
  }
}

/** What nobody was told the end of counts in its session all the same: whoever hangs up before that gains nothing by it. */
function noteSession(
  { sessions }: Spending,
  { ties, session, upstream, priceOf }: Known,
  usage: TokenUsage | undefined,
  isEstimate: boolean,
): void {
  const isNoted = ties !== undefined;
  if (usage === undefined || session === undefined || (isNoted && !isEstimate)) return;
  const price = priceOf?.(upstream ?? '');
  const cost = price === undefined ? 0 : costOf(price, usage);
  sessions.add(session.name, usage.inputTokens + usage.outputTokens, cost, isNoted ? 0 : 1);
}

/** In the unit of a limit. */
export function amountOf({ unit }: AppliedLimit, usage: TokenUsage, price: Price | undefined): number {
  if (unit === UsageUnit.TOKENS) return usage.inputTokens + usage.outputTokens;
  return price === undefined ? 0 : costOf(price, usage);
}

/** What counts where the provider has not said how many tokens there were; undefined where there were none. */
function estimateOf(
  { estimate, isConversation }: Spending,
  known: Known,
  status: OutcomeStatus,
  { status: httpStatus, errorCode }: AnswerFacts,
): TokenUsage | undefined {
  if (known.upstream === undefined || UNTOUCHED.has(errorCode)) return undefined;
  if (isConversation && status === OutcomeStatus.COMPLETED) return undefined;
  const facts = known.reading?.facts;
  // The provider's own error; with one of ours it may have worked for the answer that is not passed on.
  const isTheirs = facts?.failed === true || !Object.hasOwn(ERRORS, errorCode);
  if (httpStatus >= 400 && isTheirs) return undefined;
  // The same where status 200 stood before it: on a connection, or in a stream that was held.
  const isRefused = facts?.failed === true && facts.responseId === undefined && facts.model === undefined;
  if (isRefused && isTheirs) return undefined;
  if (estimate.outputTokens > 0 || known.call === undefined) return estimate;
  return { ...estimate, outputTokens: outputOf(known.call, performance.now()) };
}
