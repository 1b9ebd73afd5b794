import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import type { Document } from 'mongodb';
import { APIError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { type Exchange, ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { OutcomeStatus, SessionCertainty, SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { verifyOnline } from '../../cli/commands/audit/verify/online.ts';
import { CONTROL_PLANE_AUDIENCE } from '../../cli/commands/dev/identity-provider.ts';
import { createHome, type Home, type Run } from '../cli/env/sworn.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { runInProcess } from '../env/in-process.ts';
import { type Mock, mockProvider } from '../env/mock.ts';
import { openToLook } from '../env/mongo.ts';
import { sendJson } from '../env/provider.ts';
import { promptText, recordOf } from '../env/record.ts';
import { until } from '../env/until.ts';

/** An interpreter with `openai-agents`; what needs it is left out without. */
const PYTHON = process.env['SWORN_TEST_PYTHON'];
const PYTHON_APPLICATION = new URL('../env/traced_application.py', import.meta.url).pathname;
const APPLICATION = new URL('../env/traced-application.ts', import.meta.url).pathname;
const run = promisify(execFile);

const FORWARDING = `
apiVersion: sworn/v1
kind: Policy
name: tracers
spec:
  groups: [tracers]
  traces: { forward: true }
  rules:
    - name: all
      allow: {}
`;

let env: Env;
let home: Home;
let mock: Mock;
beforeAll(async () => {
  env = await startEnv({ policies: [TEST_POLICY, FORWARDING] });
  home = createHome();
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
  home.remove();
  await mock.close();
  await env.close();
});
beforeEach(() => {
  env.provider.seen.length = 0;
});

/** Runs the application; the exchanges that it had, oldest first. */
async function runApplication(
  settings: { readonly API?: string; readonly GROUP?: string },
  program: readonly [string, string] = [process.execPath, APPLICATION],
): Promise<string[]> {
  const { NODE_ENV: _, ...inherited } = process.env;
  const TOKEN = await env.stack.token({ user: 'clinician' });
  const variables = {
    ...inherited,
    ...settings,
    BASE_URL: env.stack.openaiBaseUrl,
    TOKEN,
    OPENAI_API_KEY: 'sk-not-for-sworn',
  };
  const { stdout, stderr } = await run(program[0], [program[1]], { env: variables });
  expect(stderr).toBe('');
  return stdout.split('\n');
}

const auditor = () => env.api(AuditService, 'auditor');

/** Runs `sworn audit` as an auditor. */
async function audit(...args: string[]): Promise<Run> {
  const token = await env.stack.token({ user: 'auditor', audience: CONTROL_PLANE_AUDIENCE });
  const variables = { SWORN_CONTROL_PLANE: env.stack.controlPlaneUrl, SWORN_TOKEN: token };
  return home.call(['audit', ...args], { env: variables });
}

/** The exchanges as an auditor finds them, once the traces have been joined to all of them. */
async function joined(ids: readonly string[]): Promise<Exchange[]> {
  await Promise.all(ids.map((id) => recordOf(env, id)));
  let found: Exchange[] = [];
  await until('all exchanges are in a trace', async () => {
    const all = await Promise.all(ids.map((id) => auditor().getExchange({ name: `exchanges/${id}` })));
    found = all.flatMap(({ exchange }) => exchange ?? []);
    return found.every(({ traces }) => traces.length > 0);
  });
  return found;
}

describe('an application that exports its traces', () => {
  test.each(['responses', 'chat'])('has all exchanges of a run in one session, on %s', async (API) => {
    const ids = await runApplication({ API });
    expect(ids).toHaveLength(4);
    const found = await joined(ids);
    for (const exchange of found) {
      expect(exchange.session).toBe(found[0]?.session);
      expect(exchange.sessionSource).toBe(SessionSource.TRACE);
      expect(exchange.sessionCertainty).toBe(SessionCertainty.CERTAIN);
    }
    const [trace = ''] = found[0]?.traces ?? [];
    expect(trace).toMatch(/^trace_[0-9a-f]{32}$/);
    // The export as well, whose content is sealed: what the application calls its workflow could name a patient.
    const { exchanges } = await auditor().listExchanges({ filter: { trace } });
    const exports = exchanges.filter(({ route }) => route === 'traces.ingest');
    expect(exchanges).toHaveLength(ids.length + exports.length);
    // Where it ran for long there are several: the first one has the beginning.
    const first = exports.at(-1);
    expect(first?.session).toBe(found[0]?.session);
    expect(first?.promptFindings).toMatchObject({ PERSON: expect.any(Number) });
    const { exchange } = await auditor().getExchange({ name: first?.name ?? '' });
    expect(exchange && promptText(exchange)).toContain('"workflow_name":"Round of Maria Beispiel"');
    const { sessions } = await auditor().listSessions({});
    expect(sessions.find(({ name }) => name === found[0]?.session)).toMatchObject({
      exchangeCount: exchanges.length,
      traces: [trace],
      sources: expect.arrayContaining([SessionSource.TRACE]),
    });
    const { stdout } = await audit('session', found[0]?.session ?? '', '--traces');
    for (const id of ids) expect(stdout).toMatch(new RegExp(`^${id} .* found by trace +completed 200$`, 'm'));
    expect(stdout).toContain(`${trace}  workflow "Round of Maria Beispiel"`);
    expect(stdout).toMatch(/^ +agent Desk\n(.*\n)*? +handoff Desk to Nurse$/m);
    expect((await audit('sessions', '--since', '24h')).stdout).toMatch(new RegExp(`trace.* +${trace} `));
    const inTrace = await audit('exchanges', '--trace', trace);
    for (const id of ids) expect(inTrace.stdout).toContain(id);
    // Nothing of it went to the provider.
    expect(env.provider.seen.filter(({ path }) => path.includes('traces'))).toEqual([]);
  });

  test.skipIf(PYTHON === undefined)('has them in one session in Python, too', async () => {
    const ids = await runApplication({}, [PYTHON ?? '', PYTHON_APPLICATION]);
    expect(ids).toHaveLength(4);
    const found = await joined(ids);
    expect(new Set(found.map(({ session }) => session)).size).toBe(1);
    expect(found.map(({ sessionSource }) => sessionSource)).toEqual(ids.map(() => SessionSource.TRACE));
  });

  test('has two runs of one group in one session', async () => {
    const [one, two] = await Promise.all([
      runApplication({ GROUP: '4711' }),
      runApplication({ GROUP: '4711' }),
    ]);
    const found = await joined([...one, ...two]);
    expect(new Set(found.map(({ session }) => session)).size).toBe(1);
    expect(new Set(found.flatMap(({ traces }) => traces)).size).toBe(2);
  });
});

const TRACE_ID = `trace_${'0123456789abcdef'.repeat(2)}`;
// Invented data: no real person's.
const EXPORT = {
  data: [
    {
      object: 'trace',
      id: TRACE_ID,
      workflow_name: 'SSN 078-05-1120',
      group_id: null,
      metadata: { mrn: '00482913' },
    },
    {
      object: 'trace.span',
      id: 'span_0123456789abcdef01234567',
      trace_id: TRACE_ID,
      parent_id: null,
      started_at: '2026-03-01T09:30:00.123456+00:00',
      ended_at: '2026-03-01T09:30:01.123456+00:00',
      span_data: {
        type: 'function',
        name: 'file_note',
        input: '{"note":"SSN 078-05-1120"}',
        output: 'born 03/02/1951',
      },
      error: { message: 'no such SSN: 078-05-1120', data: null },
    },
    {
      object: 'trace.media',
      image_url: `data:image/png;base64,${'QUJD'.repeat(9)}`,
      data: ['QUJD'.repeat(20), `${'/9j/'.repeat(20)}\n${'/9j/'.repeat(4)}`],
    },
    { object: 'trace.new', id: TRACE_ID, words: 'SSN 078-05-1120' },
  ],
};

/** Exports as this user, with these groups. */
async function send(body: unknown, groups: string[] = []) {
  const token = await env.stack.token({ user: groups.length === 0 ? 'clinician' : 'tracer', groups });
  const response = await fetch(`${env.stack.openaiBaseUrl}/traces/ingest`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, 'openai-beta': 'traces=v1' },
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    record: await recordOf(env, String(response.headers.get('x-request-id'))),
  };
}

describe('an export', () => {
  test('is denied where policy says so, and is on record all the same', async () => {
    const { status, text, record } = await send({
      data: [{ object: 'trace', id: TRACE_ID, workflow_name: 'forbidden' }],
    });
    expect([status, JSON.parse(text).error.code]).toEqual([403, 'policy_denied']);
    expect(record.outcome?.status).toBe(OutcomeStatus.REFUSED);
    expect(record.traces).toEqual([]);
  });

  test('that would need an approval is recorded, and waits for nobody', async () => {
    const { status, record } = await send(
      { data: [{ object: 'trace', id: TRACE_ID, workflow_name: 'bulk' }] },
      ['clinicians', 'tracers'],
    );
    expect(status).toBe(200);
    expect(record.outcome?.status).toBe(OutcomeStatus.COMPLETED);
    expect(env.provider.seen).toEqual([]);
  });

  test.each([
    ['no JSON', '{"data":['],
    ['no list', { data: {} }],
    ['no objects', { data: ['SSN 078-05-1120'] }],
    [
      'too many traces',
      { data: Array.from({ length: 201 }, (_, index) => ({ object: 'trace', id: `trace_${index}` })) },
    ],
  ])('with %s is refused with words that do not repeat it', async (_, body) => {
    const { status, text } = await send(body);
    expect([status, JSON.parse(text).error.code]).toEqual([400, 'invalid_request']);
    expect(text).not.toContain('078-05');
  });

  test('with as much as there may be fits its record', async () => {
    const spans = Array.from({ length: 500 }, (_, index) => ({
      object: 'trace.span',
      trace_id: `trace_${String(index % 200).padStart(32, '0')}`,
      span_data: { type: 'response', response_id: `resp_${String(index).padStart(40, '0')}` },
    }));
    const groups = Array.from({ length: 200 }, (_, index) => ({
      object: 'trace',
      id: `trace_${String(index).padStart(32, '0')}`,
      group_id: String(index),
    }));
    const { status, record } = await send({ data: [...spans, ...groups] });
    expect(status).toBe(200);
    expect(record.traces).toHaveLength(200);
  });

  test('goes on to the provider where policy says so, masked, with its ids and times', async () => {
    env.provider.behave((_request, response) => {
      response.writeHead(204).end();
    });
    const { status, record } = await send(EXPORT, ['tracers']);
    expect(status).toBe(200);
    expect(record.upstream).toBe('upstreams/default');
    const [seen] = env.provider.seen;
    expect(seen).toMatchObject({ path: '/v1/traces/ingest', headers: { 'openai-beta': 'traces=v1' } });
    const [trace, span, media, unknown] = EXPORT.data;
    expect(JSON.parse(seen?.body ?? '')).toEqual({
      data: [
        { ...trace, workflow_name: 'SSN [US_SSN]', metadata: { mrn: '[MRN]' } },
        {
          ...span,
          span_data: { ...span?.span_data, input: '{"note":"SSN [US_SSN]"}', output: 'born [DATE_OF_BIRTH]' },
          error: { message: 'no such SSN: [US_SSN]', data: null },
        },
        {
          ...media,
          image_url: '(58 bytes of data)',
          data: ['(80 bytes of data)', '(97 bytes of data)'],
        },
        { ...unknown, words: 'SSN [US_SSN]' },
      ],
    });
  });

  test('fails as the provider fails, and the SDK may try again', async () => {
    env.provider.behave((_request, response) =>
      sendJson(response, 500, { error: { message: 'SSN 078-05-1120' } }),
    );
    const { status, text, record } = await send(EXPORT, ['tracers']);
    expect(status).toBe(500);
    expect(text).not.toContain('078-05');
    expect(record.outcome?.status).toBe(OutcomeStatus.UPSTREAM_FAILED);
  });
});

test('what one plane does not know the control plane joins: a plane that starts again remembers nothing', async () => {
  let count = 0;
  env.provider.behave((_request, response) => {
    count += 1;
    const id = `resp_${String(count).padStart(32, '0')}`;
    sendJson(response, 200, { id, object: 'response', status: 'completed', model: 'gpt-test', output: [] });
  });
  const ask = async (previous?: string) => {
    const before = previous === undefined ? {} : { previous_response_id: previous };
    const answer = await env.openai().responses.create({ model: 'gpt-test', input: 'And?', ...before });
    return { id: answer.id, record: await recordOf(env, String(answer._request_id)) };
  };
  const first = await ask();
  await env.stack.stopDataPlane();
  await env.stack.startDataPlane();
  const second = await ask(first.id);
  const { record } = second;
  expect(record.session).toBe(first.record.session);
  expect(record.recordedSession).not.toBe('');
  expect(record.sessionSource).toBe(SessionSource.PREVIOUS_RESPONSE);
  expect(record.sessionCertainty).toBe(SessionCertainty.CERTAIN);

  // The plane knows the second one by another name than the first.
  const identity = env.api(IdentityService, 'admin');
  const refusals = async (previous: string) => {
    await until('a refusal', async () => {
      const thrown: unknown = await ask(previous).catch((error: unknown) => error);
      return thrown instanceof APIError && thrown.code === 'revoked';
    });
  };
  const { revocation } = await identity.createRevocation({
    target: { session: first.record.session },
    reason: 'a test',
  });
  await refusals(second.id);
  // Nor does the next one, which gives it a name that becomes part of what is revoked.
  await env.stack.stopDataPlane();
  await env.stack.startDataPlane();
  await refusals(second.id);
  await identity.deleteRevocation({ name: revocation?.name ?? '' });
});

test('what was joined is listed as the records say, and what was taken out of its session is not', async () => {
  const auditor = await env.stack.token({ user: 'auditor', audience: CONTROL_PLANE_AUDIENCE });
  const verify = async () => {
    const found = await runInProcess(env.stack.controlPlaneUrl, auditor, (invocation) =>
      verifyOnline(invocation, { payloads: true }),
    );
    const { faults } = JSON.parse(found.stdout) as { faults: { code: string; message: string }[] };
    return faults.map(({ code, message }) => `${code}: ${message}`);
  };
  expect(await verify()).toEqual([]);
  const database = await openToLook(env.stack.mongodbUri, env.database);
  const exchanges = database.db.collection<Document & { _id: string }>('exchanges');
  // With those that its plane put into the same session: no record but that of the answer says where they were.
  const joined = await exchanges.findOne({ 'joined.source': SessionSource.PREVIOUS_RESPONSE });
  const recorded = fromBinary(ExchangeSchema, Uint8Array.from(joined?.['view'].buffer)).session;
  const back = { $set: { session: recorded, sessions: [recorded] }, $unset: { joined: 1 } };
  await exchanges.updateMany({ sessions: recorded }, back);
  await database.close();
  const message = ` is listed in ${recorded}, and records join it to `;
  expect(await verify()).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
});
