import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate } from '../../../control-plane/storage/migrations/migrate.ts';
import { MIGRATIONS } from '../../../control-plane/storage/migrations/migrations.ts';
import {
  type ExchangeDocument,
  type ExchangeQuery,
  listExchanges,
} from '../../../control-plane/storage/record/exchanges.ts';
import { openStore, type Store } from '../audit/store.ts';

const COUNT = 2_000;
const PAGE = 10;
let store: Store;

beforeAll(async () => {
  store = await openStore();
  const exchanges = Array.from({ length: COUNT }, (_, number): ExchangeDocument => {
    const isRare = number % 100 === 0;
    return {
      _id: `exchanges/${String(number).padStart(6, '0')}`,
      session: 'sessions/one',
      sessions: ['sessions/one'],
      isInferred: false,
      plane: 'planes/one',
      subject: 'ana',
      email: 'ana@example.com',
      route: 'responses.create',
      model: 'gpt-test',
      policy: isRare ? 'policies/rare' : 'policies/ordinary',
      entities: isRare ? ['PERSON', 'MRN'] : ['PERSON'],
      status: 1,
      startTime: new Date(store.nowMs + number),
      view: Buffer.alloc(1),
      sources: {} as ExchangeDocument['sources'],
    };
  });
  await store.database.db.collection<ExchangeDocument>('exchanges').insertMany(exchanges);
}, 120_000);
afterAll(() => store.close());

/** How MongoDB does what listExchanges asks of it. */
async function explained(query: ExchangeQuery, order: 1 | -1, after?: { timeMs: number; id: string }) {
  const { db } = store.database;
  await db.command({ profile: 2 });
  const found = await listExchanges(store.database, query, order, after, PAGE);
  await db.command({ profile: 0 });
  const [asked] = await db.collection('system.profile').find({ 'command.find': 'exchanges' }).toArray();
  await db.collection('system.profile').drop();
  const { find, filter, sort, limit } = asked?.['command'] ?? {};
  const plan = await db.command({ explain: { find, filter, sort, limit }, verbosity: 'executionStats' });
  const { executionStats, queryPlanner } = plan;
  return {
    found,
    examined: executionStats.totalDocsExamined,
    plan: JSON.stringify(queryPlanner.winningPlan),
  };
}

describe.each([
  ['policy', { policy: 'policies/rare' }, 'policy_start'],
  ['entity', { entity: 'MRN' }, 'entities_start'],
] as const)('exchanges by %s', (_what, query, index) => {
  test.each([1, -1] as const)('are found by their index, page by page (%i)', async (order) => {
    const first = await explained(query, order);
    expect(first.found).toHaveLength(PAGE);
    const last = first.found.at(-1);
    const after = last && { timeMs: last.startTime.getTime(), id: last._id };
    for (const { plan, examined } of [first, await explained(query, order, after)]) {
      expect(plan).toContain(`"indexName":"${index}"`);
      expect(plan).not.toContain('"stage":"SORT"');
      expect(examined).toBeLessThanOrEqual(PAGE + 2);
    }
  });
});

test('a database that has exchanges gets the indexes', async () => {
  const { database } = store;
  const exchanges = database.db.collection('exchanges');
  for (const name of ['policy_start', 'entities_start']) await exchanges.dropIndex(name);
  const migrations = Array.from({ length: 17 }, (_, at) => ({ _id: at + 1, name: '', doneTime: new Date() }));
  await database.db.collection<{ _id: number }>('migrations').insertMany(migrations);
  expect(await migrate(database, 'one', new AbortController().signal)).toBe(MIGRATIONS.length - 17);
  const names = (await exchanges.indexes()).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['policy_start', 'entities_start']));
});
