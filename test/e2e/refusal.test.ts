import { createHmac } from 'node:crypto';
import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { answerText } from '../env/answers.ts';
import { type Env, startEnv } from '../env/env.ts';
import { promptText, recordOf } from '../env/record.ts';

let env: Env;
beforeAll(async () => {
  env = await startEnv();
});
afterAll(() => env.close());
beforeEach(() => {
  env.provider.behave(answerText('hello'));
  env.provider.seen.length = 0;
});

const HELLO = { model: 'gpt-test', input: 'hello' };

/** Asks, and returns the error that the SDK raises. */
async function refusal(
  client: OpenAI,
  body: OpenAI.Responses.ResponseCreateParams = HELLO,
): Promise<APIError> {
  const error = await client.responses.create(body).then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(APIError);
  expect(env.provider.seen).toEqual([]);
  return error as APIError;
}

function clientWith(token: string): OpenAI {
  return new OpenAI({ baseURL: env.stack.openaiBaseUrl, apiKey: token, maxRetries: 0 });
}

describe('refused, with nothing sent to the provider, and recorded', () => {
  test('a caller whom no policy allows', async () => {
    const error = await refusal(env.openai('stranger'));
    expect(error).toMatchObject({ status: 403, code: 'no_policy', type: 'policy_denied' });
    expect(error.message).toContain('Your groups: none; route: responses.create; model: gpt-test.');
    const record = await recordOf(env, String(error.requestID));
    expect(record.caller?.subject).toBe('stranger');
    expect(record.outcome).toMatchObject({
      status: OutcomeStatus.REFUSED,
      httpStatus: 403,
      errorCode: 'no_policy',
    });
    expect(promptText(record)).toContain('hello');
    const { records } = await env.api(AuditService, 'auditor').listRecords({ exchange: record.name });
    expect(records.map(({ record: entry }) => entry?.kind)).toEqual([RecordKind.REFUSAL]);
  });

  test('what a rule denies, with the words of the rule', async () => {
    const error = await refusal(env.openai(), { ...HELLO, input: 'a forbidden thing' });
    expect(error).toMatchObject({ status: 403, code: 'policy_denied' });
    expect(error.message).toContain('Ask for something else.');
    expect(error.message).toContain(String(error.requestID));
  });

  test('a model that no policy lists', async () => {
    const error = await refusal(env.openai(), { ...HELLO, model: 'other-model' });
    expect(error).toMatchObject({ status: 403, code: 'no_policy' });
  });

  test('a forbidden word behind JSON escapes, in another field, or twice in one object', async () => {
    const send = async (body: string) => {
      const response = await fetch(`${env.stack.openaiBaseUrl}/responses`, {
        method: 'POST',
        headers: { authorization: `Bearer ${await env.stack.token({ user: 'clinician' })}` },
        body,
      });
      const { error } = (await response.json()) as { error: { code: string } };
      return [response.status, error.code];
    };
    const escaped = '{"model":"gpt-test","input":"f\\u006frbidden"}';
    const elsewhere = '{"model":"gpt-test","input":"hi","metadata":{"note":"forbidden"}}';
    const twice = '{"model":"gpt-test","input":"forbidden","input":"hi"}';
    expect(await send(escaped)).toEqual([403, 'policy_denied']);
    expect(await send(elsewhere)).toEqual([403, 'policy_denied']);
    expect(await send(twice)).toEqual([400, 'invalid_request']);
    expect(env.provider.seen).toEqual([]);
  });

  test('no token at all', async () => {
    const response = await fetch(`${env.stack.openaiBaseUrl}/responses`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await response.json()).toMatchObject({ error: { code: 'missing_token' } });
  });

  test('a token for another audience', async () => {
    const token = await env.stack.token({ user: 'clinician', audience: 'sworn-control-plane' });
    expect(await refusal(clientWith(token))).toMatchObject({ status: 401, code: 'wrong_audience' });
  });

  test('an expired token; the SDK is told that a fresh one may help', async () => {
    // Not later: ids that a process makes have its latest time, and other tests make theirs in this one.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 90_000 });
    onTestFinished(() => void vi.useRealTimers());
    const client = clientWith(await env.stack.token({ user: 'clinician', lifetimeS: 60 }));
    await client.responses.create(HELLO);
    vi.useRealTimers();
    env.provider.seen.length = 0;
    const error = await refusal(client);
    expect(error).toMatchObject({ status: 401, code: 'expired_token' });
    expect(error.headers?.get('x-should-retry')).toBe('true');
  });

  test('forged tokens: algorithm none, HMAC with the public key, a changed claim', async () => {
    const token = await env.stack.token({ user: 'stranger' });
    const [head = '', body = '', signature = ''] = token.split('.');
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const better = encode({ ...claims, groups: ['clinicians'] });
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString());
    const jwks = await fetch(`${env.stack.issuer}/jwks`).then((answer) => answer.text());
    const hs256 = `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${better}`;
    const forged = [
      `${encode({ alg: 'none', typ: 'at+jwt' })}.${better}.`,
      `${hs256}.${createHmac('sha256', jwks).update(hs256).digest('base64url')}`,
      `${head}.${better}.${signature}`,
    ];
    for (const one of forged) {
      expect(await refusal(clientWith(one))).toMatchObject({ status: 401, code: 'invalid_token' });
    }
  });

  test('a key of the provider that was left in, with what to give instead', async () => {
    const error = await refusal(clientWith('sk-proj-abcdefghijklmnopqrstuvwx'));
    expect(error).toMatchObject({ status: 401, code: 'invalid_token' });
    expect(error.message).toContain('Give the SDK an OIDC access token as its API key');
    expect(error.message).not.toContain('sk-proj');
  });

  test('a body that is no JSON is of no parameter', async () => {
    const token = await env.stack.token({ user: 'clinician' });
    const response = await fetch(`${env.stack.openaiBaseUrl}/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '[1',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_request', param: null } });
  });

  test('a route that the catalogue does not know, with who tried it', async () => {
    const token = await env.stack.token({ user: 'clinician' });
    const response = await fetch(`${env.stack.openaiBaseUrl}/evals`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: 'anything',
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'route_not_allowed' } });
    const record = await recordOf(env, String(response.headers.get('x-request-id')));
    expect(record.route).toBe('POST /v1/evals');
    expect(record.caller?.subject).toBe('clinician');
    expect(env.provider.seen).toEqual([]);
  });

  test('a body that is no JSON, a header that is no session, a query', async () => {
    const headers = { authorization: `Bearer ${await env.stack.token({ user: 'clinician' })}` };
    const post = async (path: string, body: string, more = {}) => {
      const init = { method: 'POST', headers: { ...headers, ...more }, body };
      const response = await fetch(`${env.stack.openaiBaseUrl}${path}`, init);
      return (await response.json()) as { error: { code: string; param: string | null } };
    };
    const good = JSON.stringify(HELLO);
    expect((await post('/responses', '{"model":')).error.code).toBe('invalid_request');
    const named = await post('/responses', good, { 'x-sworn-session': 'a b' });
    expect(named.error).toMatchObject({ code: 'invalid_request', param: 'x-sworn-session' });
    expect((await post('/responses?x=1', good)).error).toMatchObject({
      code: 'invalid_request',
      param: 'query',
    });
    expect((await post('/responses', good, { 'content-encoding': 'x-odd' })).error.code).toBe(
      'unsupported_encoding',
    );
    expect((await post('/responses', good, { 'content-encoding': 'gzip' })).error.code).toBe(
      'invalid_request',
    );
    expect(env.provider.seen).toEqual([]);
  });
});
