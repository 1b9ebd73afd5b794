import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { startControlPlane, type TestControlPlane } from '../env/control-plane.ts';
import { createHome, type Home } from '../env/sworn.ts';

type Shown = MessageInitShape<typeof ExchangeSchema>;

const at = (minute: number) => timestampFromDate(new Date(Date.UTC(2026, 2, 1, 9, minute)));
const vote = (email: string, minute: number, reason: string) => ({
  reviewer: { subject: 's', email },
  time: at(minute),
  reason,
});
const APPROVED = {
  state: State.CONSUMED,
  quorum: 2,
  votes: [vote('ana@example.org', 30, 'seen too'), vote('ben@example.org', 31, '')],
};

let shown: Shown = {};
let controlPlane: TestControlPlane;
let home: Home;

beforeAll(async () => {
  home = createHome();
  controlPlane = await startControlPlane((router) => {
    router.service(AuditService, {
      getExchange: () => ({ exchange: shown }),
      async *replaySession() {
        yield { event: { case: 'begin', value: shown } };
        yield { event: { case: 'end', value: shown } };
      },
    });
  });
});
afterAll(async () => {
  await controlPlane.close();
  home.remove();
});

const sworn = async (...args: string[]) => {
  const env = { SWORN_CONTROL_PLANE: controlPlane.url, SWORN_TOKEN: 't' };
  return (await home.call(args, { env })).stdout
    .split('\n')
    .map((line) => line.trim().replace(/ {2,}/g, ' '));
};

test.each<[string, Shown, string[]]>([
  [
    'two who approved',
    { approval: 'approvals/a', approvalDecision: APPROVED },
    [
      'approval approvals/a',
      'approved by ana@example.org 2026-03-01 09:30:00Z: seen too',
      'approved by ben@example.org 2026-03-01 09:31:00Z',
    ],
  ],
  [
    'one who denied',
    {
      approval: 'approvals/a',
      approvalDecision: {
        state: State.DENIED,
        decidedBy: { subject: 'rev' },
        decideTime: at(32),
        reason: 'one patient only',
      },
    },
    ['denied by rev 2026-03-01 09:32:00Z: one patient only'],
  ],
  [
    'one of two so far',
    { approval: 'approvals/a', approvalDecision: { ...APPROVED, state: State.PENDING, votes: [] } },
    ['pending: 0 of 2 approved'],
  ],
  ['nobody in time', { approval: 'approvals/a', approvalDecision: { state: State.EXPIRED } }, ['expired']],
  [
    'a grant',
    { approval: 'approvals/a', approvalDecision: APPROVED, grant: 'grants/g' },
    ['grant grants/g, given with that approval: it was not asked for again'],
  ],
  [
    'a review',
    {
      breakGlass: true,
      review: {
        name: 'reviews/r',
        completedBy: { subject: 'rev' },
        completeTime: at(40),
        reason: 'no emergency',
      },
    },
    ['review reviews/r', 'unjustified by rev 2026-03-01 09:40:00Z: no emergency'],
  ],
  [
    'a review that is due',
    { review: { name: 'reviews/r', dueTime: at(50) } },
    ['has to be completed by 2026-03-01 09:50:00Z'],
  ],
])('audit show and audit replay tell of %s', async (_what, exchange, lines) => {
  shown = { name: 'exchanges/x', ...exchange };
  expect(await sworn('audit', 'show', 'x')).toEqual(expect.arrayContaining(lines));
  const replayed = (await sworn('audit', 'replay', 'x')).join('\n');
  for (const line of lines) expect(replayed).toContain(line);
});
