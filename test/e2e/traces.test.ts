import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { SessionCertainty, SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { type Mock, mockProvider } from '../env/mock.ts';
import { promptText, recordOf } from '../env/record.ts';
import { until } from '../env/until.ts';

const APPLICATION = new URL('../env/traced-application.ts', import.meta.url).pathname;
const run = promisify(execFile);

let env: Env;
let mock: Mock;
beforeAll(async () => {
  env = await startEnv({ policies: [TEST_POLICY] });
  mock = await mockProvider(env.provider);
  mock.fixtures.on({ toolResultContains: 'The weight of' }, { content: 'She weighs 70 kg.' });
  mock.fixtures.on({ systemMessage: 'the clerk' }, { content: 'Written.' });
  mock.fixtures.on(
    { systemMessage: 'the nurse' },
    { toolCalls: [{ name: 'look_up_weight', arguments: '{"patient":"Maria Beispiel"}' }] },
  );
  mock.fixtures.on(
    { systemMessage: 'the desk' },
    { toolCalls: [{ name: 'transfer_to_Nurse', arguments: '{}' }] },
  );
});
afterAll(async () => {
  await mock.close();
  await env.close();
});
beforeEach(() => {
  env.provider.seen.length = 0;
});

/** Runs the application; the exchanges that it had, oldest first. */
async function runApplication(settings: {
  readonly API?: string;
  readonly GROUP?: string;
}): Promise<string[]> {
  const { NODE_ENV: _, ...inherited } = process.env;
  const TOKEN = await env.stack.token({ user: 'clinician' });
  const variables = {
    ...inherited,
    ...settings,
    BASE_URL: env.stack.openaiBaseUrl,
    TOKEN,
    OPENAI_API_KEY: 'sk-not-for-sworn',
  };
  const { stdout, stderr } = await run(process.execPath, [APPLICATION], { env: variables });
  expect(stderr).toBe('');
  return stdout.split('\n');
}

async function exchangesOf(filter: { trace?: string; session?: string }): Promise<Exchange[]> {
  return (await env.api(AuditService, 'auditor').listExchanges({ filter })).exchanges;
}

describe('an application that exports its traces', () => {
  test.each(['responses', 'chat'])('has all exchanges of a run in one session, on %s', async (API) => {
    const ids = await runApplication({ API });
    expect(ids).toHaveLength(4);
    const records = await Promise.all(ids.map((id) => recordOf(env, id)));
    await until('the trace has joined them', async () => {
      const [first] = await exchangesOf({ session: records[0]?.session ?? '' });
      return first?.traces.length === 1;
    });
    const audit = env.api(AuditService, 'auditor');
    const now = await Promise.all(
      ids.map(async (id) => (await audit.getExchange({ name: `exchanges/${id}` })).exchange),
    );
    expect(new Set(now.map((exchange) => exchange?.session)).size).toBe(1);
    for (const exchange of now) {
      expect(exchange?.sessionSource).toBe(SessionSource.TRACE);
      expect(exchange?.sessionCertainty).toBe(SessionCertainty.CERTAIN);
    }
  });
});
