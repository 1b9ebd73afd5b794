import { expect, test } from 'vitest';
import { counterId } from '#core/limit/counter.ts';
import type { AppliedLimit } from '#core/policy/limit/plan.ts';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { LimitScope } from '#proto/sworn/policy/v1/policy_pb.ts';
import { UsageUnit } from '#proto/sworn/usage/v1/usage_pb.ts';
import type { Exchange } from '../../../data-plane/exchange.ts';
import { admitToLimits } from '../../../data-plane/limit/admit.ts';
import { Contexts } from '../../../data-plane/limit/contexts.ts';
import { Ledger } from '../../../data-plane/limit/ledger.ts';
import { SessionTally } from '../../../data-plane/policy/session-tally.ts';
import type { Trail } from '../../../data-plane/record/trail.ts';
import type { Plan } from '../../../data-plane/upstream/call.ts';

const target = readTarget('POST', '/responses') as Target;

function limitOf(limit: string, unit: UsageUnit, max: number): AppliedLimit {
  const counter = {
    policy: 'policies/ward',
    limit,
    per: LimitScope.POLICY,
    issuer: '',
    subject: '',
    unit,
    everySeconds: 86_400,
  };
  return { ...counter, id: counterId(counter), max };
}

/** A request under these limits, and an upstream that has this price. */
function exchangeOf(limits: readonly AppliedLimit[], output: string, body: object = {}) {
  const bytes = Buffer.from(JSON.stringify({ model: 'gpt-test', input: 'hello', ...body }));
  const spec = { prices: [{ model: '*', input: '1', cachedInput: '', output }] };
  const grant = { name: 'upstreams/main', spec };
  const exchange = {
    received: { target, body: bytes, content: readRequest(target, bytes) },
    snapshot: { upstreams: [grant] },
    session: { name: 'sessions/one' },
    verdict: { limits, edits: [], decision: {} },
  } as unknown as Exchange;
  return { exchange, plan: { candidates: [grant] } as unknown as Plan };
}

const contexts = new Contexts();
const sessionTally = new SessionTally();
const BURST = limitOf('burst', UsageUnit.REQUESTS, 10);
const DAILY = limitOf('daily', UsageUnit.TOKENS, 1_000);
const SPEND = limitOf('spend', UsageUnit.COST_MICROS, 1_000_000);

test('what goes on after a wait is counted for limits that are new by then, by prices of then, and for none twice', () => {
  const ledger = new Ledger();
  const trail = { known: {} } as unknown as Trail;
  const before = exchangeOf([BURST, DAILY], '2');
  admitToLimits({ ledger, contexts, sessionTally }, before.exchange, before.plan, trail);
  const after = exchangeOf([BURST, DAILY, SPEND], '9');
  admitToLimits({ ledger, contexts, sessionTally }, after.exchange, after.plan, trail);
  expect(ledger.take(10, Date.now()).map(({ counter, amount }) => [counter.limit, amount])).toEqual([
    ['burst', 1],
  ]);
  expect(trail.known.spending?.charges.map(({ limit }) => limit.limit)).toEqual(['daily', 'spend']);
  expect(trail.known.priceOf?.('upstreams/main')).toMatchObject({ output: 9_000_000 });
});

test('what cannot be counted any more after a wait does not go on', () => {
  const trail = { known: {} } as unknown as Trail;
  const before = exchangeOf([BURST], '2', { background: true });
  const ledger = new Ledger();
  admitToLimits({ ledger, contexts, sessionTally }, before.exchange, before.plan, trail);
  const after = exchangeOf([BURST, DAILY], '2', { background: true });
  expect(() => admitToLimits({ ledger, contexts, sessionTally }, after.exchange, after.plan, trail)).toThrow(
    /in the background cannot/,
  );
});
