import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { answerText, wholeResponse } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv } from '../env/env.ts';
import { sendJson } from '../env/provider.ts';
import { raised, textOf } from '../env/reading.ts';
import { deliveredText, promptText, recordOf } from '../env/record.ts';

const POLICY = `
apiVersion: sworn/v1
kind: Policy
name: clinicians
spec:
  groups: [clinicians]
  patterns: { bulk: 'bulk' }
  rules:
    - name: bulk
      when: patterns.bulk
      requireApproval: { reviewers: [privacy-office] }
    - name: ordinary
      allow: {}
  parameters:
    store: { force: false }
    background: { allow: [false] }
    logprobs: { force: false }
    user: { drop: ['*'] }
    tools: { allow: [function, mcp] }
    max_output_tokens: { max: 4096 }
`;
const CIRCUMSTANCES = `
apiVersion: sworn/v1
kind: Policy
name: circumstances
spec:
  groups: [visitors]
  purpose: OPERATIONS
  rules:
    - name: again
      when: session.exchanges == 1 && session.tokens == 18
      deny: {}
    - name: two-patients
      when: distinct.MRN == 2 && findings.MRN == 3
      deny: {}
    - name: here
      when: region == "eu-central" && labels["env"] == "test" && "guest" in caller.claims["sub"]
      allow: {}
      purpose: TREATMENT
      mask: { entities: { IP_ADDRESS: none } }
      parameters: { store: { force: true } }
`;
const MCP = {
  type: 'mcp' as const,
  server_label: 'ehr',
  server_url: 'https://mcp.example/sse?key=canary-url',
  authorization: 'canary-authorization',
  headers: { 'X-Key': 'canary-header' },
};

let env: Env;
beforeAll(async () => {
  env = await startEnv({
    policies: [POLICY, CIRCUMSTANCES],
    dataPlane: { region: 'eu-central', labels: { env: 'test' } },
  });
});
afterAll(() => env.close());
beforeEach(() => {
  env.provider.behave(answerText('hello'));
  env.provider.seen.length = 0;
});

/** Posts exactly these bytes; the id of the exchange. */
async function post(body: string): Promise<{ id: string; status: number; text: string }> {
  const response = await fetch(`${env.stack.openaiBaseUrl}/responses`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await env.stack.token({ user: 'clinician' })}` },
    body,
  });
  const id = String(response.headers.get('x-request-id'));
  return { id, status: response.status, text: await response.text() };
}

describe('parameters', () => {
  test('go to the provider as policy wants them, all else byte for byte, and the record has what the caller sent', async () => {
    const body =
      '{ "model":"gpt-test","seed":12345678901234567890, "input":"hi","store":true,"user":"u" ,"top_logprobs":2}';
    const { id } = await post(body);
    expect(env.provider.seen[0]?.body).toBe(
      '{ "model":"gpt-test","seed":12345678901234567890, "input":"hi","store":false,"max_output_tokens":4096}',
    );
    const record = await recordOf(env, id);
    expect(promptText(record)).toBe(body);
    expect(record.decision?.changes.map(({ parameter, change }) => `${parameter} ${change}`)).toEqual([
      'store set to false',
      'max_output_tokens set to 4096',
      'logprobs dropped',
      'user dropped',
    ]);
  });

  test('that policy refuses are told, with the policy and what is allowed', async () => {
    const asking = env.openai().responses.create({
      model: 'gpt-test',
      input: 'hi',
      tools: [{ type: 'web_search' }],
    });
    const error = await raised(asking);
    expect(error).toMatchObject({ status: 403, code: 'policy_denied', param: 'tools' });
    expect(error.message).toContain(
      'policy clinicians: the parameter tools is web_search; allowed: function, mcp',
    );
    expect(env.provider.seen).toEqual([]);
    const record = await recordOf(env, String(error.requestID));
    expect(record.decision).toMatchObject({ policy: 'policies/clinicians', rule: '' });
  });
});

describe('credentials of tools', () => {
  test('reach the provider, and neither record nor reviewer nor the caller again', async () => {
    env.provider.behave((_request, response) => {
      sendJson(response, 200, { ...wholeResponse('done'), tools: [MCP] });
    });
    const asking = env
      .openai()
      .responses.create({ model: 'gpt-test', input: 'a bulk request', tools: [MCP] });
    const asked = await pendingApproval(env);
    const { approval } = await env.api(ApprovalService, 'reviewer').getApproval({ name: asked.name });
    const shown = JSON.stringify(approval?.prompt.map(({ text }) => text));
    expect(shown).toContain('https://mcp.example/sse?[REDACTED]');
    expect(shown).toContain('X-Key: [REDACTED]');
    expect(shown).not.toContain('canary');
    await env.api(ApprovalService, 'reviewer').approveApproval({ name: asked.name, reason: 'fine' });
    const answer = await asking;
    expect(JSON.stringify(answer)).not.toContain('canary');
    expect(env.provider.seen[0]?.body).toContain(JSON.stringify(MCP).slice(1, -1));

    const record = await recordOf(env, asked.exchange.replace('exchanges/', ''));
    expect(promptText(record)).toContain('"authorization":"[REDACTED]"');
    expect(promptText(record) + deliveredText(record)).not.toContain('canary');
  });

  test('are taken out of an error that quotes them, and of a stream that does', async () => {
    const ask = () => ({ model: 'gpt-test', input: 'hi', tools: [MCP] });
    env.provider.behave((_request, response) => {
      sendJson(response, 400, { error: { message: 'No access with canary-authorization.', type: 'x' } });
    });
    const error = await raised(env.openai().responses.create(ask()));
    expect(error.message).toContain('No access with [REDACTED].');
    env.provider.behave(answerText('Your key is canary-header, is it?', 3));
    const stream = await env.openai().responses.create({ ...ask(), stream: true });
    expect(await textOf(stream)).toBe('Your key is [REDACTED], is it?');
    expect(deliveredText(await recordOf(env, String(error.requestID)))).not.toContain('canary');
  });

  test('are in no record of a request that could not be read', async () => {
    const tools = JSON.stringify([MCP]);
    for (const body of [
      `{"tools":${tools},"a":1,"a":2}`,
      `{"input":[1],"tools":${tools}}`,
      `{"tools":${tools}`,
    ]) {
      const { id, status } = await post(body);
      expect(status).toBe(400);
      expect(promptText(await recordOf(env, id))).not.toContain('canary');
    }
    expect(env.provider.seen).toEqual([]);
  });
});

describe('conditions and the obligations of a rule', () => {
  const guest = () => env.openai('guest', { groups: ['visitors'] });
  const ask = (input: string, session: string) =>
    guest().responses.create({ model: 'gpt-test', input }, { headers: { 'x-sworn-session': session } });

  test('see the token, the plane, the session and different values; the record says why and what for', async () => {
    env.provider.behave(answerText('From 192.0.2.7, MRN 00123456.'));
    const answer = await ask('hello', 'first');
    expect(answer.output_text).toBe('From 192.0.2.7, MRN [MRN].');
    expect(JSON.parse(env.provider.seen[0]?.body ?? '')).toMatchObject({ store: true });
    const { decision } = await recordOf(env, String(answer._request_id));
    expect(decision).toMatchObject({ rule: 'here', purpose: 'TREATMENT' });
    expect(decision?.condition).toContain('labels["env"] == "test"');
    expect(decision?.reason).toContain('allowed, because region == "eu-central"');

    const again = await raised(ask('hello', 'first'));
    expect(again.message).toContain('rule again: denied, because session.exchanges == 1');
    const two = await raised(ask('MRN: 00123456, MRN: 00123456, MRN: 00654321', 'second'));
    expect(two.message).toContain('rule two-patients');
    expect(env.provider.seen).toHaveLength(1);
  });
});
