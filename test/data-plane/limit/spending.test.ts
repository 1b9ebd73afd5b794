import { expect, test } from 'vitest';
import { counterId } from '#core/limit/counter.ts';
import type { AppliedLimit } from '#core/policy/limit/plan.ts';
import { createFacts } from '#core/provider/openai/answer/facts.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { LimitScope } from '#proto/sworn/policy/v1/policy_pb.ts';
import { UsageUnit } from '#proto/sworn/usage/v1/usage_pb.ts';
import { Contexts } from '../../../data-plane/limit/contexts.ts';
import { Ledger } from '../../../data-plane/limit/ledger.ts';
import { settle } from '../../../data-plane/limit/settle.ts';
import { goOn, unite } from '../../../data-plane/limit/spending.ts';
import { SessionTally } from '../../../data-plane/policy/session-tally.ts';
import type { Known } from '../../../data-plane/record/known.ts';

const counter = {
  policy: 'policies/ward',
  limit: 'daily',
  per: LimitScope.POLICY,
  issuer: '',
  subject: '',
  unit: UsageUnit.TOKENS,
  everySeconds: 86_400,
};
const limit: AppliedLimit = { ...counter, id: counterId(counter), max: 1_000_000 };
const NOW = Date.UTC(2026, 2, 2);
/** Nobody has said how long the answer may be. */
const OPEN = { inputTokens: 10, cachedInputTokens: 0, outputTokens: 0 };
const BOUND = { ...OPEN, outputTokens: 500 };

interface Ending {
  readonly estimate?: typeof OPEN;
  readonly status?: OutcomeStatus;
  readonly http?: number;
  readonly code?: string;
  /** What came of the answer, whatever of it was passed on. */
  readonly bytes?: number;
  /** So long ago it was asked for. */
  readonly seconds?: number;
  readonly upstream?: string;
  readonly facts?: Partial<ReturnType<typeof createFacts>>;
  readonly isConversation?: boolean;
  readonly contexts?: Contexts;
  readonly sessions?: SessionTally;
  /** It was noted with its answer. */
  readonly isNoted?: boolean;
}

/** What is counted of an exchange that ends so. */
function counted(ending: Ending): number {
  const { estimate = OPEN, status = OutcomeStatus.COMPLETED, http = 200, code = '', bytes = 0 } = ending;
  const ledger = new Ledger();
  ledger.reserve([{ limit, amount: 0, held: 50 }], NOW);
  const known: Known = {
    upstream: ending.upstream ?? 'upstreams/default',
    call: {
      startedMs: ending.seconds === undefined ? undefined : performance.now() - ending.seconds * 1_000,
      bytes: () => bytes,
    },
    spending: {
      ledger,
      contexts: ending.contexts ?? new Contexts(),
      sessions: ending.sessions ?? new SessionTally(),
      charges: [{ limit, amount: 0, held: 50 }],
      estimate,
      isConversation: ending.isConversation ?? false,
    },
    session: { name: 'sessions/one', basis: 0, workflow: '' } as unknown as NonNullable<Known['session']>,
    priceOf: () => ({ input: 1_000_000, cachedInput: 0, output: 2_000_000 }),
    ...(ending.isNoted && { ties: [] }),
    ...(ending.facts && { reading: { counts: {}, facts: { ...createFacts(), ...ending.facts } } }),
  };
  if (ending.upstream === '') delete known.upstream;
  const answer = {
    status: http,
    errorCode: code,
    contentType: '',
    frames: [],
  };
  settle(known, status, answer, NOW);
  // Once only, also where the record could not be written and is tried again.
  settle(known, status, answer, NOW);
  return ledger.take(10, NOW).reduce((sum, { amount }) => sum + amount, 0);
}

const usage = { inputTokens: 7, cachedInputTokens: 0, outputTokens: 5 };
const GONE = OutcomeStatus.CLIENT_GONE;

test.each<[string, Ending, number]>([
  ['what the provider says', { facts: { usage }, bytes: 4_000 }, 12],
  ['a refusal before anything was sent', { upstream: '', http: 403, code: 'approval_denied' }, 0],
  ['a provider that cannot be reached', { http: 502, code: 'upstream_unreachable', estimate: BOUND }, 0],
  ["the provider's own error", { http: 429, facts: { failed: true }, estimate: BOUND }, 0],
  [
    "the provider's own error with a code as ours",
    { http: 429, code: 'rate_limit_exceeded', facts: { failed: true } },
    0,
  ],
  [
    'what it refuses on a connection, or in a stream that was held',
    { facts: { failed: true }, estimate: BOUND, bytes: 90 },
    0,
  ],
  [
    'an answer of its that fails in the middle',
    { facts: { failed: true, responseId: 'resp_1' }, estimate: BOUND, bytes: 90 },
    510,
  ],
  ['an error without a body', { http: 500, code: 'upstream_error' }, 0],
  ['no answer in time', { http: 504, code: 'upstream_timeout', estimate: BOUND }, 510],
  ['an answer that is not passed on', { http: 403, code: 'opaque_answer', facts: {}, estimate: BOUND }, 510],
  ['a stream without figures, with a greatest length', { facts: {}, bytes: 4_000, estimate: BOUND }, 510],
  ['a stream without figures', { facts: {}, bytes: 4_000 }, 1_010],
  ['a caller who has gone', { status: GONE, http: 200, facts: {}, bytes: 400 }, 110],
  ['a caller who has gone before it began', { status: GONE, http: 0, estimate: BOUND }, 510],
  ['an event of a session', { isConversation: true, facts: {}, bytes: 400 }, 0],
  ['a response of a session', { isConversation: true, facts: { usage }, bytes: 400 }, 12],
  [
    'a session that ends in the middle of a response',
    { isConversation: true, status: GONE, facts: {}, bytes: 400 },
    110,
  ],
])('%s', (_what, ending, tokens) => {
  expect(counted(ending)).toBe(tokens);
});

test.each([
  ['a caller who goes away while the model thinks', { status: GONE, http: 0, seconds: 30 }, 6_010],
  [
    'the same, with less than it may have said shown',
    { status: GONE, facts: {}, bytes: 400, seconds: 30 },
    6_010,
  ],
  ['a stream without figures that was long in coming', { facts: {}, bytes: 400, seconds: 30 }, 6_010],
])('%s counts by the time it took', (_what, ending: Ending, tokens) => {
  const amount = counted(ending);
  expect(amount).toBeGreaterThanOrEqual(tokens);
  // Another five minutes is what a test may take.
  expect(amount).toBeLessThan(tokens + 60_000);
});

test('what was broken off is known to who goes on from it', () => {
  const contexts = new Contexts();
  counted({ status: GONE, facts: { responseId: 'resp_1' }, bytes: 400, contexts });
  expect(contexts.read(['resp_1', undefined])).toBe(110);
  // What is counted is noted with the answer.
  counted({ facts: { responseId: 'resp_2', usage }, contexts });
  expect(contexts.read(['resp_2'])).toBe(0);
});

test('what goes on from others is counted for their limits too, each once, with nothing set aside for them', () => {
  const ledger = new Ledger();
  const spendingOf = (...names: string[]) => {
    const charges = names.map((name) => {
      const other = { ...counter, limit: name };
      return { limit: { ...other, id: counterId(other), max: 9 }, amount: 0, held: 5 };
    });
    return {
      ledger,
      contexts: new Contexts(),
      sessions: new SessionTally(),
      charges,
      estimate: OPEN,
      isConversation: true,
    };
  };
  const own = spendingOf('a', 'b');
  const united = unite(own, goOn(spendingOf('b', 'c')));
  expect(united?.charges.map(({ limit: { limit }, held }) => [limit, held])).toEqual([
    ['a', 5],
    ['b', 5],
    ['c', 0],
  ]);
  expect(unite(own, undefined)).toBe(own);
  expect(unite(undefined, own)).toBe(own);
});

test.each<[string, Ending, [exchanges: number, tokens: number, costMicros: number]]>([
  ['a caller who has gone', { status: GONE, facts: {}, bytes: 400 }, [1, 110, 210]],
  ['one who has gone with the figures', { status: GONE, facts: { usage }, bytes: 400 }, [1, 12, 17]],
  [
    'an answer that is not passed on',
    { http: 403, code: 'opaque_answer', facts: {}, bytes: 400 },
    [1, 110, 210],
  ],
  ['an answer that was noted with its figures', { facts: { usage }, isNoted: true }, [0, 0, 0]],
  ['an answer without any', { facts: {}, bytes: 400, isNoted: true }, [0, 110, 210]],
  ['a refusal before anything was sent', { upstream: '', http: 403, code: 'approval_denied' }, [0, 0, 0]],
])('conditions on the session learn of %s', (_what, ending, [exchanges, tokens, costMicros]) => {
  const sessions = new SessionTally();
  counted({ ...ending, sessions });
  expect(sessions.read('sessions/one')).toEqual({ exchanges, tokens, costMicros });
});
