import { createClient, createRouterTransport } from '@connectrpc/connect';
import { createValidateInterceptor } from '@connectrpc/validate';
import pino from 'pino';
import { expect, test } from 'vitest';
import { type Counter, counterId } from '#core/limit/counter.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { LimitScope } from '#proto/sworn/policy/v1/policy_pb.ts';
import { UsageUnit } from '#proto/sworn/usage/v1/usage_pb.ts';
import { shareUsage } from '../../../data-plane/control/usage.ts';
import { Ledger } from '../../../data-plane/limit/ledger.ts';

/** What claims of a token may be long (oidc/claims.ts). */
const MAX_SUBJECT = 2_048;

const limitOf = (fields: Partial<Counter>) => {
  const counter = {
    policy: 'policies/ward',
    limit: 'burst',
    per: LimitScope.CALLER,
    issuer: 'https://id.example.org',
    subject: 'ana',
    unit: UsageUnit.TOKENS,
    everySeconds: 86_400,
    ...fields,
  };
  return { ...counter, id: counterId(counter), max: 10 };
};

/** A plane's reports to a control plane that checks what it gets, and what that has stored, by subject. */
async function flushed(ledger: Ledger): Promise<Map<string, bigint>> {
  const stored = new Map<string, bigint>();
  const reports = new Set<bigint>();
  const transport = createRouterTransport(
    (router) => {
      router.service(PlaneService, {
        reportUsage: ({ seq, added }) => {
          expect(reports.has(seq)).toBe(false);
          reports.add(seq);
          for (const { counter, amount } of added) stored.set(counter?.subject ?? '', amount);
          return { totals: added };
        },
      });
    },
    { router: { interceptors: [createValidateInterceptor()] } },
  );
  const client = { rpc: createClient(PlaneService, transport), close: () => {} };
  const logger = pino({ level: 'silent' });
  const sharing = shareUsage({ client, ledger, silenceMs: 60_000, logger, signal: AbortSignal.abort() });
  await sharing.flush(10_000);
  return stored;
}

test('the longest subject that a token may have can be reported', async () => {
  const ledger = new Ledger();
  const subject = 'x'.repeat(MAX_SUBJECT);
  ledger.settle(limitOf({ subject }), 0, 7, Date.now());
  expect(await flushed(ledger)).toEqual(new Map([[subject, 7n]]));
});

test('an amount beyond what can be counted exactly is reported as the most', async () => {
  const ledger = new Ledger();
  for (let i = 0; i < 3; i++) ledger.settle(limitOf({}), 0, Number.MAX_SAFE_INTEGER, Date.now());
  expect(await flushed(ledger)).toEqual(new Map([['ana', BigInt(Number.MAX_SAFE_INTEGER)]]));
});

test('what the control plane does not take costs the others nothing, and counts here', async () => {
  const ledger = new Ledger();
  const nowMs = Date.now();
  const subjects = Array.from({ length: 101 }, (_, i) => `caller-${i}`);
  for (const subject of subjects) ledger.settle(limitOf({ subject }), 0, 7, nowMs);
  const tooLong = limitOf({ subject: 'x'.repeat(MAX_SUBJECT + 1) });
  ledger.settle(tooLong, 0, 10, nowMs);
  expect([...(await flushed(ledger)).keys()].toSorted()).toEqual(subjects.toSorted());
  expect(ledger.reserve([{ limit: tooLong, amount: 0, held: 0 }], nowMs)).toMatchObject({ used: 10 });
  // Not twice: what was stored is in the totals.
  const stored = { ...limitOf({ subject: 'caller-0' }), max: 7 };
  expect(ledger.reserve([{ limit: stored, amount: 0, held: 0 }], nowMs)).toMatchObject({ used: 7 });
});
