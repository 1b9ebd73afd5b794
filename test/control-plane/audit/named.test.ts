import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ListSessionsRequestSchema } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { createAuditService } from '../../../control-plane/api/audit-service.ts';
import { changeSessions } from '../../../control-plane/storage/record/sessions.ts';
import { SESSION_HEADER, SessionFinder } from '../../../data-plane/inspect/session.ts';
import { byAuditor } from './call.ts';
import { openStore, type Store } from './store.ts';

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

/** The id that a plane gives the session that this caller named so. */
function sessionOf(subject: string, named: string): string {
  const caller = create(CallerSchema, { issuer: 'https://idp.example', subject });
  const content = { callIds: [], previousResponseId: undefined, conversation: undefined };
  const headers = { [SESSION_HEADER]: named };
  return new SessionFinder().find(caller, headers, content as never).name;
}

async function keep(subject: string, session: string): Promise<void> {
  const now = new Date(store.nowMs);
  const change = {
    session,
    exchange: `exchanges/${session}`,
    exchangeCount: 1,
    refusedCount: 0,
    models: [],
    caller: undefined,
    subject,
    email: '',
    startTime: now,
    updateTime: now,
    traces: [],
    sources: [],
  };
  await store.database.transaction((mongo) => changeSessions(store.database, mongo, [change]));
}

test('sessions are found by what the application named them, of every caller, and no others', async () => {
  for (const [subject, named] of [
    ['ana', 'visit-4711'],
    ['ben', 'visit-4711'],
    ['ana', 'visit-47110'],
    ['ana', 'visit-4711-a'],
    ['ana', 'a-visit-4711'],
    ['ana', 'visit.4711'],
  ] as const) {
    await keep(subject, sessionOf(subject, named));
  }
  await keep('ana', 'sessions/visit-4711');
  const service = createAuditService(store.replica());
  const found = async (named: string) => {
    const request = create(ListSessionsRequestSchema, { named });
    const { sessions = [] } = await service.listSessions(request, byAuditor());
    return sessions.map(({ name }) => name).sort();
  };
  const both = ['ana', 'ben'].map((subject) => sessionOf(subject, 'visit-4711')).sort();
  expect(await found('visit-4711')).toEqual(both);
  expect(await found('visit.4711')).toEqual([sessionOf('ana', 'visit.4711')]);
  expect(await found('visit')).toEqual([]);
  expect(await found('')).toHaveLength(7);
});
