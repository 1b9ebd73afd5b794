import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type ExchangeFilterSchema,
  ExportEvidenceRequestSchema,
  ExportExchangesRequestSchema,
  ListExchangesRequestSchema,
  ListRecordsRequestSchema,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { PolicySchema, PolicySpecSchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { ListUsageRequestSchema } from '#proto/sworn/usage/v1/usage_service_pb.ts';
import { createAuditService } from '../../../control-plane/api/audit-service.ts';
import { createUsageService } from '../../../control-plane/api/usage-service.ts';
import type { Context } from '../../../control-plane/context.ts';
import { createPolicy, removePolicy } from '../../../control-plane/policy/policy.ts';
import { auditor, byAuditor, person } from './call.ts';
import { failure } from './failure.ts';
import { openStore, type Store } from './store.ts';
import { append, newName, START_MS } from './writer.ts';

let store: Store;
let context: Context;
let service: ReturnType<typeof createAuditService>;
let usage: ReturnType<typeof createUsageService>;
const session = newName('sessions');
const exchange = newName('exchanges');
const LATER = timestampFromMs(START_MS + 3_600_000);

beforeAll(async () => {
  store = await openStore();
  context = store.replica();
  service = createAuditService(context);
  usage = createUsageService(context);
  const writer = store.writer();
  const time = timestampFromMs(START_MS);
  const intent = { exchange, session, caller: person('ana'), kind: RecordKind.INTENT, time };
  const decided = {
    decision: { policy: 'policies/of-old', rule: 'all' },
    findings: { BADGE: 1 },
  };
  await append(context, writer.plane, [writer.write({ ...intent, ...decided })]);
  const author = { caller: auditor, reason: '' };
  const spec = create(PolicySpecSchema, {
    groups: ['clinicians'],
    identifiers: { VISIT_CODE: { pattern: '\\bV-\\d{4}\\b' } },
    rules: [{ name: 'ordinary', action: { case: 'allow', value: {} } }],
  });
  await createPolicy(context, author, 'deleted', create(PolicySchema, { spec }));
  await removePolicy(context, author, 'policies/deleted', '');
  await createPolicy(context, author, 'unused', create(PolicySchema, { spec }));
});
afterAll(() => store.close());

type Filter = MessageInitShape<typeof ExchangeFilterSchema>;

const exchanges = async (filter: Filter) =>
  (await service.listExchanges(create(ListExchangesRequestSchema, { filter }), byAuditor())).exchanges;
const records = async (filter: MessageInitShape<typeof ListRecordsRequestSchema>) =>
  (await service.listRecords(create(ListRecordsRequestSchema, filter), byAuditor())).records;
const counters = async (policy: string) =>
  (await usage.listUsage(create(ListUsageRequestSchema, { policy }), byAuditor())).usage;

async function first(stream: AsyncIterable<unknown>): Promise<unknown> {
  for await (const item of stream) return item;
  return undefined;
}

test.each<[string, () => Promise<unknown>, string]>([
  ['exchanges of a policy', () => exchanges({ policy: 'policies/nosuch' }), 'policies/nosuch'],
  ['exchanges of a session', () => exchanges({ session: 'sessions/nosuch' }), 'sessions/nosuch'],
  ['exchanges with an entity', () => exchanges({ entity: 'US_SSNN' }), 'entities/US_SSNN'],
  ['records of an exchange', () => records({ exchange: 'exchanges/nosuch' }), 'exchanges/nosuch'],
  ['records of a session', () => records({ session: 'sessions/nosuch' }), 'sessions/nosuch'],
  ['records of an action', () => records({ action: 'policy.updat' }), 'actions/policy.updat'],
  ['records of actions', () => records({ action: 'polisy.*' }), 'actions/polisy.*'],
  ['usage of a policy', () => counters('policies/nosuch'), 'policies/nosuch'],
  [
    'an export',
    async () => {
      const request = create(ExportExchangesRequestSchema, { filter: { policy: 'policies/nosuch' } });
      return first(service.exportExchanges(request, byAuditor()));
    },
    'policies/nosuch',
  ],
  [
    'an export of a session',
    async () => {
      const request = create(ExportExchangesRequestSchema, { filter: { session: 'sessions/nosuch' } });
      return first(service.exportExchanges(request, byAuditor()));
    },
    'sessions/nosuch',
  ],
  [
    'an export of evidence',
    async () => {
      const request = create(ExportEvidenceRequestSchema, { filter: { policy: 'policies/nosuch' } });
      return first(service.exportEvidence(request, byAuditor()));
    },
    'policies/nosuch',
  ],
])('%s that there never was: not found', async (_what, ask, name) => {
  expect(await failure(ask())).toMatchObject({ reason: Reason.NOT_FOUND, metadata: { name } });
});

test.each<[string, () => Promise<unknown[] | undefined>]>([
  ['a policy that is there', () => exchanges({ policy: 'policies/unused' })],
  ['a policy that was deleted', () => exchanges({ policy: 'policies/deleted' })],
  ['the usage of one', () => counters('policies/deleted')],
  ['a policy that exchanges alone tell of', () => exchanges({ policy: 'policies/of-old', since: LATER })],
  ['a session at another time', () => exchanges({ session, since: LATER })],
  ['an entity of the catalogue', () => exchanges({ entity: 'US_SSN' })],
  ["a policy's own identifier", () => exchanges({ entity: 'VISIT_CODE' })],
  ['what a detector found', () => exchanges({ entity: 'BADGE', since: LATER })],
  ['an action that nobody has done', () => records({ action: 'plane.revoke' })],
  ['an exchange without such a record', () => records({ exchange, action: 'policy.*' })],
])('%s: nothing', async (_what, ask) => {
  expect(await ask()).toEqual([]);
});

test('what was deleted stays listed', async () => {
  expect(await exchanges({ policy: 'policies/of-old' })).toHaveLength(1);
  expect(await exchanges({ entity: 'BADGE' })).toHaveLength(1);
});
