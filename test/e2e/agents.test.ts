import { readFileSync } from 'node:fs';
import { Agent, run, setDefaultOpenAIClient, setOpenAIAPI } from '@openai/agents';
import { APIError, PermissionDeniedError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { OutcomeStatus, SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import { type Api, type Application, createApplication } from '../env/application.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import {
  ANSWER,
  FILE_ARGUMENTS,
  filingAgent,
  MASKED_ANSWER,
  MASKED_NOTE,
  NOTE,
  rawEvents,
  runThrough,
  SECRETS,
  scriptFiling,
} from '../env/filing-agent.ts';
import { type Mock, mockProvider } from '../env/mock.ts';
import { recordOf } from '../env/record.ts';

/** What agents do has to go on under it, but for what one of them goes on from. */
const BASELINE = readFileSync(
  new URL('../../examples/policy-library/hipaa-baseline.yaml', import.meta.url),
  'utf8',
).replace(/^ *previous_response_id:.*$/m, '');
const APIS: readonly Api[] = ['responses', 'chat'];
const MODES = APIS.flatMap((api) => [
  { api, stream: false },
  { api, stream: true },
]);

let env: Env;
let mock: Mock;
beforeAll(async () => {
  // Held streams get their headers and comments at once, so that a decision comes in mid-stream.
  const policies = [TEST_POLICY, BASELINE];
  env = await startEnv({ policies, dataPlane: { holdHeaders: 0, holdComments: 20 } });
  mock = await mockProvider(env.provider);
});
afterAll(async () => {
  await mock.close();
  await env.close();
});
beforeEach(() => {
  mock.fixtures.clearFixtures();
  env.provider.seen.length = 0;
});

function recordsOf(app: Application) {
  return Promise.all(app.exchanges.map((id) => recordOf(env, id)));
}

describe.each(MODES)('an agent on $api, streamed: $stream', ({ api, stream }) => {
  test('calls its tool with masked arguments and gives a masked answer, in one session', async () => {
    scriptFiling(mock);
    const app = createApplication(env, { api });
    const { agent, filed } = filingAgent();
    const { finalOutput } = await runThrough(app, agent, stream);
    expect(filed).toEqual([MASKED_NOTE]);
    expect(finalOutput).toBe(MASKED_ANSWER);
    expect(await app.wire()).not.toMatch(SECRETS);

    const sent = env.provider.seen.map(({ body }) => JSON.parse(body));
    expect(sent).toEqual([
      expect.objectContaining({ store: false }),
      expect.objectContaining({ store: false }),
    ]);
    const records = await recordsOf(app);
    expect(records.map(({ sessionSource }) => sessionSource)).toEqual([
      SessionSource.NEW,
      SessionSource.CALL_ID,
    ]);
    expect(new Set(records.map(({ session }) => session)).size).toBe(1);
    expect(records[0]?.responseFindings).toMatchObject({ PERSON: 1, US_SSN: 1, PHONE_NUMBER: 1 });
  });

  test('calls two tools at once', async () => {
    const other = JSON.stringify({ note: 'MRN 00482913' });
    scriptFiling(mock, 4, [FILE_ARGUMENTS, other]);
    const app = createApplication(env, { api });
    const { agent, filed } = filingAgent();
    const { finalOutput } = await runThrough(app, agent, stream);
    expect(filed.toSorted()).toEqual(['MRN [MRN]', MASKED_NOTE]);
    expect(finalOutput).toBe(MASKED_ANSWER);
    expect(await app.wire()).not.toMatch(SECRETS);
  });

  test('calls its tool again and again where the provider numbers the calls', async () => {
    const call = (id: string) => ({ toolCalls: [{ id, name: 'file_note', arguments: FILE_ARGUMENTS }] });
    mock.fixtures.on({ toolResultContains: 'filed as number 2' }, { content: ANSWER });
    mock.fixtures.on({ toolResultContains: 'filed as number 1' }, call('call_88591607'));
    mock.fixtures.on({ userMessage: /.*/s }, call('call_78250904'));
    const app = createApplication(env, { api });
    const { agent, filed } = filingAgent();
    const { finalOutput } = await runThrough(app, agent, stream);
    expect([finalOutput, filed.length]).toEqual([MASKED_ANSWER, 2]);
    expect(await app.wire()).not.toMatch(/78250904|88591607/);
  });

  test('hands over to another agent', async () => {
    // A name that is masked elsewhere.
    const nurse = new Agent({ name: 'Florence', instructions: 'You are the nurse.', model: 'gpt-test' });
    const desk = new Agent({
      name: 'Desk',
      instructions: 'You are the desk.',
      model: 'gpt-test',
      handoffs: [nurse],
    });
    mock.fixtures.on({ systemMessage: 'the nurse' }, { content: ANSWER });
    mock.fixtures.on(
      { systemMessage: 'the desk' },
      { toolCalls: [{ name: 'transfer_to_Florence', arguments: '{}' }] },
    );
    const app = createApplication(env, { api });
    const { finalOutput } = await runThrough(app, desk, stream);
    expect(finalOutput).toBe(MASKED_ANSWER);
    expect(new Set((await recordsOf(app)).map(({ session }) => session)).size).toBe(1);
  });

  test('gets structured output that is masked and still fits its schema', async () => {
    // A key that is masked elsewhere.
    const visit = z.object({ summary: z.string(), visits_2024: z.number(), followUp: z.boolean() });
    const content = JSON.stringify({ summary: NOTE, visits_2024: 3, followUp: true });
    mock.fixtures.on({ userMessage: /.*/s }, { content: content.replace('078-05', '0\\u00378-05') });
    const agent = new Agent({ name: 'Clerk', model: 'gpt-test', outputType: visit });
    const app = createApplication(env, { api });
    const { finalOutput } = await runThrough(app, agent as unknown as Agent, stream);
    expect(finalOutput).toEqual({ summary: MASKED_NOTE, visits_2024: 3, followUp: true });
    expect(await app.wire()).not.toMatch(SECRETS);
  });
});

describe('a stream of single characters', () => {
  test('Responses: deltas, done, item and completed all say the same masked thing', async () => {
    scriptFiling(mock, 1);
    const app = createApplication(env);
    const { agent } = filingAgent();
    const { events } = await runThrough(app, agent, true);
    const raw = rawEvents(events);
    const joined = (type: string) =>
      raw.flatMap((event) => (event.type === type ? [event['delta']] : [])).join('');
    const [calling, answering] = raw.flatMap((event) =>
      event.type === 'response.completed' ? [event['response'] as { output: unknown[] }] : [],
    );
    const done = raw.find(({ type }) => type === 'response.function_call_arguments.done');
    const items = raw.flatMap((event) => (event.type === 'response.output_item.done' ? [event['item']] : []));
    const args = joined('response.function_call_arguments.delta');
    expect(JSON.parse(args)).toEqual({ note: MASKED_NOTE });
    expect(done?.['arguments']).toBe(args);
    expect(items[0]).toMatchObject({ type: 'function_call', arguments: args });
    expect(calling?.output[0]).toMatchObject({ arguments: args });
    expect(joined('response.output_text.delta')).toBe(MASKED_ANSWER);
    expect(items[1]).toMatchObject({ content: [{ text: MASKED_ANSWER }] });
    expect(answering?.output[0]).toMatchObject({ content: [{ text: MASKED_ANSWER }] });
    expect(JSON.stringify(raw)).not.toMatch(SECRETS);
  });

  test('Chat Completions: the chunks join to the masked arguments and answer', async () => {
    scriptFiling(mock, 1);
    const app = createApplication(env, { api: 'chat' });
    const { agent } = filingAgent();
    const { events } = await runThrough(app, agent, true);
    const deltas = rawEvents(events).flatMap(
      ({ choices }) => (choices as { delta: ChatDelta }[] | undefined)?.map(({ delta }) => delta) ?? [],
    );
    const args = deltas.flatMap(({ tool_calls }) => tool_calls ?? []).map((call) => call.function?.arguments);
    expect(JSON.parse(args.join(''))).toEqual({ note: MASKED_NOTE });
    expect(deltas.map(({ content }) => content ?? '').join('')).toBe(MASKED_ANSWER);
    expect(await app.wire()).not.toMatch(SECRETS);
  });
});

interface ChatDelta {
  content?: string | null;
  tool_calls?: { function?: { arguments?: string } }[];
}

describe('runs that go on', () => {
  test('previousResponseId continues the session of the run before', async () => {
    scriptFiling(mock);
    const app = createApplication(env);
    const { agent } = filingAgent();
    const { lastResponseId } = await runThrough(app, agent, true);
    mock.fixtures.clearFixtures();
    mock.fixtures.on({ userMessage: /.*/s }, { content: 'Yes.' });
    await app.runner.run(agent, 'Is it filed?', { previousResponseId: String(lastResponseId) });
    const records = await recordsOf(app);
    expect(records.map(({ sessionSource }) => sessionSource)).toEqual([
      SessionSource.NEW,
      SessionSource.CALL_ID,
      SessionSource.PREVIOUS_RESPONSE,
    ]);
    expect(new Set(records.map(({ session }) => session)).size).toBe(1);
  });

  test('a 429 in mid-run is retried by the SDK; the tool runs once, and each attempt is recorded', async () => {
    scriptFiling(mock);
    const app = createApplication(env, { maxRetries: 1 });
    const { agent, filed } = filingAgent();
    agent.on('agent_tool_end', () => mock.fixtures.nextRequestError(429, { message: 'about 078-05-1120' }));
    const { finalOutput } = await runThrough(app, agent, true);
    expect(finalOutput).toBe(MASKED_ANSWER);
    expect(filed).toEqual([MASKED_NOTE]);
    const records = await recordsOf(app);
    expect(records.map(({ outcome }) => outcome?.status)).toEqual([
      OutcomeStatus.COMPLETED,
      OutcomeStatus.UPSTREAM_FAILED,
      OutcomeStatus.COMPLETED,
    ]);
    expect(new Set(records.map(({ session }) => session)).size).toBe(1);
    expect(await app.wire()).not.toMatch(SECRETS);
  });

  test('the globals of the SDK, as the README has them', async () => {
    scriptFiling(mock);
    setDefaultOpenAIClient(createApplication(env).client);
    setOpenAIAPI('chat_completions');
    const { agent, filed } = filingAgent();
    expect((await run(agent, 'File it.')).finalOutput).toBe(MASKED_ANSWER);
    setOpenAIAPI('responses');
    expect((await run(agent, 'File it.')).finalOutput).toBe(MASKED_ANSWER);
    expect(filed).toEqual([MASKED_NOTE, MASKED_NOTE]);
    expect(env.provider.seen.map(({ path }) => path)).toEqual([
      '/v1/chat/completions',
      '/v1/chat/completions',
      '/v1/responses',
      '/v1/responses',
    ]);
  });
});

describe('a run that policy holds for a reviewer', () => {
  const BULK = 'File the bulk notes.';
  const reviewer = () => env.api(ApprovalService, 'reviewer');
  const failureOf = (asking: Promise<unknown>) =>
    asking.then(
      () => new Error('it was answered'),
      (thrown: unknown) => thrown,
    );

  test.each(APIS)('goes on after each approval, on %s, streamed', async (api) => {
    scriptFiling(mock);
    const app = createApplication(env, { api });
    const { agent, filed } = filingAgent();
    const running = runThrough(app, agent, true, BULK);
    for (const turns of [0, 1]) {
      const asked = await pendingApproval(env);
      expect(env.provider.seen).toHaveLength(turns);
      await reviewer().approveApproval({ name: asked.name });
    }
    expect((await running).finalOutput).toBe(MASKED_ANSWER);
    expect(filed).toEqual([MASKED_NOTE]);
    expect(await app.wire()).toMatch(/^: held for approval: approvals\/[0-9a-f-]{36}\n\n/);
    const records = await recordsOf(app);
    expect(records.map(({ approval }) => approval)).toEqual([
      expect.stringMatching(/^approvals\//),
      expect.stringMatching(/^approvals\//),
    ]);
    expect(new Set(records.map(({ session }) => session)).size).toBe(1);
  });

  test('is denied with an error that says so, and the reason', async () => {
    const app = createApplication(env, { maxRetries: 2 });
    const failing = failureOf(runThrough(app, filingAgent().agent, false, BULK));
    const asked = await pendingApproval(env);
    await reviewer().denyApproval({ name: asked.name, reason: 'one at a time' });
    const error = await failing;
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect(error).toMatchObject({ status: 403, code: 'approval_denied', type: 'policy_denied' });
    expect((error as Error).message).toContain('one at a time');
    expect(app.exchanges).toHaveLength(1);
    expect(env.provider.seen).toEqual([]);
  });

  test.each(APIS)('is denied in mid-stream, on %s, with the same code and words', async (api) => {
    const app = createApplication(env, { api, maxRetries: 2 });
    const failing = failureOf(runThrough(app, filingAgent().agent, true, BULK));
    const asked = await pendingApproval(env);
    await reviewer().denyApproval({ name: asked.name, reason: 'one at a time' });
    const error = await failing;
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ code: 'approval_denied', type: 'policy_denied' });
    expect((error as Error).message).toContain('one at a time');
    expect(app.exchanges).toHaveLength(1);
    expect(env.provider.seen).toEqual([]);
  });
});
