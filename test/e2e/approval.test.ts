import { APIError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { answerText } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { sendJson } from '../env/provider.ts';
import { recordOf } from '../env/record.ts';

const BRIEF_POLICY = TEST_POLICY.replace('name: clinicians', 'name: brief')
  .replace('groups: [clinicians]', 'groups: [hurried]')
  .replace('expires: 30m', 'expires: 1s');
const BULK = { model: 'gpt-test', input: 'a bulk request' };

async function refusal(asking: Promise<unknown>): Promise<APIError> {
  const error = await asking.then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(APIError);
  return error as APIError;
}

describe('with headers kept back', () => {
  let env: Env;
  beforeAll(async () => {
    env = await startEnv({ policies: [TEST_POLICY, BRIEF_POLICY], dataPlane: { holdWhole: 400 } });
  });
  afterAll(() => env.close());
  beforeEach(() => {
    env.provider.behave(answerText('done'));
    env.provider.seen.length = 0;
  });

  test('a held stream goes on when a reviewer approves, and the record says so', async () => {
    const stream = env.openai().responses.stream(BULK);
    const asked = await pendingApproval(env);
    expect(env.provider.seen).toEqual([]);
    const { approval } = await env.api(ApprovalService, 'reviewer').getApproval({ name: asked.name });
    expect(approval?.prompt).toEqual(expect.arrayContaining([expect.objectContaining({ text: BULK.input })]));
    await env.api(ApprovalService, 'reviewer').approveApproval({ name: asked.name, reason: 'fine' });
    expect((await stream.finalResponse()).output_text).toBe('done');

    const record = await recordOf(env, asked.exchange.replace('exchanges/', ''));
    expect(record.approval).toBe(asked.name);
    const { records } = await env.api(AuditService, 'auditor').listRecords({ exchange: asked.exchange });
    const written = records.flatMap(({ record: entry }) =>
      entry?.plane === asked.plane ? [entry.kind] : [],
    );
    expect(written).toEqual([RecordKind.INTENT, RecordKind.APPROVAL, RecordKind.OUTCOME]);
  });

  test('a denial within the first seconds has its status, and the reason', async () => {
    const asking = env.openai().responses.create({ ...BULK, stream: true });
    const asked = await pendingApproval(env);
    await env.api(ApprovalService, 'reviewer').denyApproval({ name: asked.name, reason: 'not today' });
    const error = await refusal(asking);
    expect(error).toMatchObject({ status: 403, code: 'approval_denied', name: 'Error' });
    expect(error.message).toContain('Their reason: not today. (record ');
    expect(env.provider.seen).toEqual([]);
    const record = await recordOf(env, String(error.requestID));
    expect(record.outcome).toMatchObject({ status: OutcomeStatus.REFUSED, errorCode: 'approval_denied' });
  });

  test('nobody in time means denied', async () => {
    const error = await refusal(
      env.openai('clinician', { groups: ['hurried'] }).responses.create({ ...BULK, stream: true }),
    );
    expect(error).toMatchObject({ status: 403, code: 'approval_expired' });
    expect(env.provider.seen).toEqual([]);
  });

  test('a call that is not streamed is refused as pending; resent after approval it goes through, once', async () => {
    const client = env.openai('clinician', { maxRetries: 2 });
    const ask = () => client.responses.create({ ...BULK, input: 'a bulk request, whole' });
    const first = await refusal(ask());
    expect(first).toMatchObject({ status: 403, code: 'approval_pending' });
    expect(first.headers?.get('x-should-retry')).toBe('false');
    const asked = await pendingApproval(env);
    expect(first.message).toContain(asked.name);
    await env.api(ApprovalService, 'reviewer').approveApproval({ name: asked.name });

    const other = await refusal(client.responses.create({ ...BULK, input: 'a bulk request, whole!' }));
    expect(other.code).toBe('approval_pending');
    expect(env.provider.seen).toEqual([]);
    expect((await ask()).output_text).toBe('done');
    expect((await refusal(ask())).code).toBe('approval_pending');
    expect(env.provider.seen).toHaveLength(1);
  });

  test('nobody decides on their own request, whatever their role', async () => {
    const both = { user: 'both', groups: ['clinicians', 'sworn-reviewers', 'privacy-office'] };
    const client = env.openai(both.user, { groups: both.groups });
    const gone = new AbortController();
    const asking = client.responses.create(
      { ...BULK, input: 'my own bulk', stream: true },
      { signal: gone.signal },
    );
    const asked = await pendingApproval(env, 'both');
    const token = await env.stack.token({ ...both, audience: 'sworn-control-plane' });
    const response = await fetch(
      `${env.stack.controlPlaneUrl}/sworn.approval.v1.ApprovalService/ApproveApproval`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ name: asked.name }),
      },
    );
    expect(response.status).toBe(403);
    gone.abort();
    await asking.catch(() => {});
    // The caller went away: the question is withdrawn and can no longer be answered.
    const record = await recordOf(env, asked.exchange.replace('exchanges/', ''));
    expect(record.outcome?.status).toBe(OutcomeStatus.CLIENT_GONE);
    expect(env.provider.seen).toEqual([]);
  });
});

describe('with headers sent early', () => {
  let env: Env;
  beforeAll(async () => {
    env = await startEnv({ dataPlane: { holdHeaders: 50, holdComments: 40 } });
  });
  afterAll(() => env.close());

  test('comments keep the stream alive, and the SDK reads the answer after them', async () => {
    env.provider.behave(answerText('done'));
    const token = await env.stack.token({ user: 'clinician' });
    const response = await fetch(`${env.stack.openaiBaseUrl}/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ ...BULK, stream: true }),
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    // Several comments must have come before anybody decides.
    while (text.split('\n\n').length < 4) text += (await reader?.read())?.value ?? '';
    expect(text).toMatch(/^(: [^\n]*\n\n)+$/);
    const asked = await pendingApproval(env);
    await env.api(ApprovalService, 'reviewer').approveApproval({ name: asked.name });
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read())
      text += piece.value;
    expect(text).toContain('response.completed');
  });

  test('a denial and an upstream error become error events that the SDK raises', async () => {
    const hold = async () => {
      const stream = await env.openai().responses.create({ ...BULK, stream: true });
      const raised = refusal(
        (async () => {
          for await (const _event of stream);
        })(),
      );
      return { asked: await pendingApproval(env), raised };
    };
    const denied = await hold();
    await env.api(ApprovalService, 'reviewer').denyApproval({ name: denied.asked.name, reason: 'no' });
    expect(await denied.raised).toMatchObject({ code: 'approval_denied' });

    env.provider.behave((_request, response) => {
      sendJson(response, 429, {
        error: { message: 'slow down 078-05-1120', type: 'rate_limit', code: 'rate_limit_exceeded' },
      });
    });
    const limited = await hold();
    await env.api(ApprovalService, 'reviewer').approveApproval({ name: limited.asked.name });
    const error = await limited.raised;
    expect(error).toMatchObject({ code: 'rate_limit_exceeded' });
    expect(error.message).toContain('slow down [US_SSN]');
  });
});
