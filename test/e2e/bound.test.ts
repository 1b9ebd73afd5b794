import { execFile } from 'node:child_process';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request } from 'node:https';
import { promisify } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { Binding } from '#proto/sworn/identity/v1/issuer_pb.ts';
import type { DataPlane } from '../../data-plane/start.ts';
import { createDpopKey, type DpopKey, dpopFetch, makeProof } from '../../examples/dpop/sworn-dpop.ts';
import type { Tls } from '../../program/transport.ts';
import { answerText } from '../env/answers.ts';
import { type Authority, createAuthority } from '../env/authority.ts';
import { type BoundIssuer, startBoundIssuer } from '../env/bound-issuer.ts';
import { type Env, startEnv } from '../env/env.ts';
import { startPlane } from '../env/plane.ts';
import { PROVIDER_KEY } from '../env/provider.ts';
import { recordOf } from '../env/record.ts';
import { connectTo } from '../env/sockets.ts';
import { until } from '../env/until.ts';

/** An interpreter with openai, PyJWT and cryptography; what needs it is left out without. */
const PYTHON = process.env['SWORN_TEST_PYTHON'];
const PYTHON_APPLICATION = new URL('../env/bound_application.py', import.meta.url).pathname;
const HELLO = { model: 'gpt-test', input: 'hello' };
let env: Env;
let authority: Authority;
let issuer: BoundIssuer;
let key: DpopKey;
let token: string;
/** Speaks TLS and asks for client certificates. The other one takes proofs with nonces only. */
let secure: DataPlane;

beforeAll(async () => {
  authority = await createAuthority('tests');
  [env, issuer, key] = await Promise.all([
    startEnv({ dataPlane: { dpopNonce: true } }),
    startBoundIssuer(authority),
    createDpopKey(),
  ]);
  token = await issuer.dpopToken(key);
  await env.api(IdentityService, 'admin').createIssuer({
    issuerId: 'bound',
    issuer: { spec: { issuerUrl: issuer.url, gatewayAudiences: ['sworn-gateway'], binding: Binding.ANY } },
  });
  const tls = await authority.issueServer();
  secure = await startPlane(env, { tls, tlsClientCa: authority.certificate });
  await until('the planes trust the issuer', async () => {
    const asking = [env.stack.dataPlaneUrl, secure.url].map(async (plane) => {
      const answer = await ask(plane, { authorization: `DPoP ${token}`, dpop: 'x' });
      return answer.code === 'invalid_proof';
    });
    return (await Promise.all(asking)).every(Boolean);
  });
});
afterAll(async () => {
  await secure?.close();
  await env?.close();
  await issuer?.close();
});
beforeEach(() => {
  env.provider.behave(answerText('done'));
  env.provider.seen.length = 0;
});

interface Answered {
  readonly status: number;
  readonly code: string | undefined;
  readonly headers: Record<string, unknown>;
}

/** Asks a plane, with a client certificate or without. */
async function ask(
  plane: string,
  headers: Record<string, string | string[]>,
  client?: Tls,
): Promise<Answered> {
  const url = `${plane}/v1/responses`;
  const body = JSON.stringify(HELLO);
  if (!plane.startsWith('https:')) {
    const response = await fetch(url, { method: 'POST', headers: headers as Record<string, string>, body });
    return read(response.status, Object.fromEntries(response.headers), await response.text());
  }
  const agent = new Agent({ ...client, ca: authority.certificate, keepAlive: false });
  return new Promise((resolve, reject) => {
    const asking = request(
      url,
      { method: 'POST', headers, agent, servername: 'localhost' },
      async (response) => {
        let text = '';
        for await (const piece of response) text += piece;
        resolve(read(response.statusCode ?? 0, response.headers, text));
      },
    );
    asking.on('error', reject).end(body);
  });
}

function read(status: number, headers: Record<string, unknown>, text: string): Answered {
  return { status, headers, code: JSON.parse(text).error?.code };
}

const proofOf = (plane: string, nonce?: unknown) =>
  makeProof(key, 'POST', `${plane}/v1/responses`, { token, nonce: nonce as string | undefined });

test('an OpenAI client presents a bound token; its service is on record, and the provider sees nothing of it', async () => {
  const openai = new OpenAI({
    baseURL: env.stack.openaiBaseUrl,
    apiKey: () => issuer.dpopToken(key),
    fetch: dpopFetch(key),
  });
  const { data, request_id: id } = await openai.responses.create(HELLO).withResponse();
  expect(data.output_text).toBe('done');
  const stream = await openai.responses.create({ ...HELLO, stream: true });
  let text = '';
  for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
  expect(text).toBe('done');
  expect((await recordOf(env, String(id))).caller).toMatchObject({
    issuer: issuer.url,
    client: 'bound-by-key',
    boundTo: [`jkt:${await calculateJwkThumbprint(key.publicJwk)}`],
  });
  for (const { headers } of env.provider.seen) {
    expect(headers.authorization).toBe(`Bearer ${PROVIDER_KEY}`);
    expect(headers['dpop']).toBeUndefined();
  }
});

test.skipIf(PYTHON === undefined)('so do those in Python, which come again with the nonce', async () => {
  const variables = {
    BASE_URL: env.stack.openaiBaseUrl,
    TOKEN_ENDPOINT: `${issuer.url}/token`,
    FORM: JSON.stringify(issuer.dpopForm),
  };
  const { stdout } = await promisify(execFile)(PYTHON ?? '', [PYTHON_APPLICATION], {
    env: { ...process.env, ...variables },
  });
  expect(stdout).toBe('done\ndone\n');
});

test('without its proof it is refused, on record, and nothing goes to the provider', async () => {
  const stolen = new OpenAI({ baseURL: env.stack.openaiBaseUrl, apiKey: token, maxRetries: 0 });
  const error = await stolen.responses.create(HELLO).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(APIError);
  expect(error).toMatchObject({ status: 401, code: 'missing_proof', type: 'authentication_error' });
  const record = await recordOf(env, String((error as APIError).requestID));
  expect(record.outcome).toMatchObject({ status: OutcomeStatus.REFUSED, errorCode: 'missing_proof' });
  // Whose token was stolen is known; who sent it is not.
  expect(record.caller?.client).toBe('bound-by-key');

  const authorization = `DPoP ${token}`;
  const proof = await proofOf(secure.url);
  expect(await ask(secure.url, { authorization, dpop: proof })).toMatchObject({ status: 200 });
  const again = await ask(secure.url, { authorization, dpop: proof });
  expect(again).toMatchObject({ status: 401, code: 'expired_proof' });
  expect(again.headers).toMatchObject({ 'x-should-retry': 'true' });
  expect(again.headers['www-authenticate']).toContain('DPoP error="invalid_dpop_proof"');
  // A host that only the caller names is not where the plane is.
  const elsewhere = await proofOf('https://elsewhere.example');
  const headers = { authorization, dpop: elsewhere, host: 'elsewhere.example' };
  expect(await ask(secure.url, headers)).toMatchObject({ status: 401, code: 'invalid_proof' });
  const twice = [await proofOf(secure.url), await proofOf(secure.url)];
  expect(await ask(secure.url, { authorization, dpop: twice })).toMatchObject({ code: 'invalid_proof' });
  expect(env.provider.seen).toHaveLength(1);
});

test('an issuer whose tokens have to be bound has no bearer tokens; others still have', async () => {
  const plane = env.stack.dataPlaneUrl;
  const bearer = await issuer.dpopToken();
  const answer = await ask(plane, { authorization: `Bearer ${bearer}` });
  expect(answer).toMatchObject({ status: 401, code: 'unbound_token' });
  expect((await env.openai().responses.create(HELLO)).output_text).toBe('done');
});

test('a plane that wants nonces says so, and gives one with every answer', async () => {
  const authorization = `DPoP ${token}`;
  const plane = env.stack.dataPlaneUrl;
  const first = await ask(plane, { authorization, dpop: await proofOf(plane) });
  expect(first).toMatchObject({ status: 401, code: 'use_dpop_nonce' });
  expect(first.headers['www-authenticate']).toContain('DPoP error="use_dpop_nonce"');
  expect(first.headers['x-should-retry']).toBe('true');
  const dpop = await proofOf(plane, first.headers['dpop-nonce']);
  const second = await ask(plane, { authorization, dpop });
  expect(second.status).toBe(200);
  expect(second.headers['dpop-nonce']).toMatch(/^[\w-]{27}$/);
});

test('a WebSocket is opened with a proof, and what is asked on it needs none', async () => {
  const url = `${env.stack.dataPlaneUrl}/v1/responses`;
  const { headers: refusal } = await ask(env.stack.dataPlaneUrl, {
    authorization: `DPoP ${token}`,
    dpop: 'x',
  });
  const nonce = String(refusal['dpop-nonce']);
  const open = async (method: string) => {
    const dpop = await makeProof(key, method, url, { token, nonce });
    const headers = { authorization: `DPoP ${token}`, dpop };
    return connectTo(env, '/v1/responses', { token: undefined, headers });
  };
  await expect(open('POST')).rejects.toMatchObject({ status: 401, code: 'invalid_proof' });
  await expect(connectTo(env, '/v1/responses', { token })).rejects.toMatchObject({ code: 'missing_proof' });
  const protocols = ['realtime', `openai-insecure-api-key.${token}`];
  const fromBrowser = connectTo(env, '/v1/responses', { token: undefined, protocols });
  await expect(fromBrowser).rejects.toMatchObject({ code: 'missing_proof' });
  const socket = await open('GET');
  socket.send({ type: 'response.create', model: 'other-model', input: 'hello' });
  expect(await socket.next()).toMatchObject({ type: 'error', error: { code: 'no_policy' } });
  socket.socket.close();
});

test('a token that is bound to a certificate counts on its connections only, over HTTP/1.1 and HTTP/2', async () => {
  const [client, other] = await Promise.all([authority.issueClient('a'), authority.issueClient('b')]);
  const foreign = await (await createAuthority('nobody')).issueClient('a');
  const bound = { authorization: `Bearer ${await issuer.certificateToken(client)}` };
  expect(await ask(secure.url, bound, client)).toMatchObject({ status: 200 });
  expect(await ask(secure.url, bound)).toMatchObject({ status: 401, code: 'missing_proof' });
  expect(await ask(secure.url, bound, other)).toMatchObject({ status: 401, code: 'invalid_proof' });
  expect(await ask(secure.url, bound, foreign)).toMatchObject({ status: 401, code: 'missing_proof' });
  const claimed = {
    ...bound,
    'client-cert': ':AAAA:',
    'x-forwarded-client-cert': client.cert.replaceAll('\n', ''),
  };
  expect(await ask(secure.url, claimed)).toMatchObject({ code: 'missing_proof' });
  expect(await ask(env.stack.dataPlaneUrl, bound)).toMatchObject({ code: 'missing_proof' });
  expect(await openSocket(bound, client)).toBe(101);
  expect(await openSocket(bound, other)).toBe(401);
  expect(await askHttp2(bound, client)).toBe(200);
  expect(await askHttp2(bound, other)).toBe(401);
});

async function askHttp2(headers: Record<string, string>, client: Tls): Promise<number> {
  const session = connectHttp2(secure.url, { ...client, ca: authority.certificate });
  const stream = session.request({ ':method': 'POST', ':path': '/v1/responses', ...headers });
  const status = new Promise<number>((resolve, reject) => {
    stream.on('response', (answer) => resolve(Number(answer[':status']))).on('error', reject);
  });
  stream.end(JSON.stringify(HELLO));
  stream.resume();
  return status.finally(() => session.destroy());
}

async function openSocket(headers: Record<string, string>, client: Tls): Promise<number | undefined> {
  const url = `${secure.url.replace('https', 'wss')}/v1/responses`;
  const socket = new WebSocket(url, { ...client, ca: authority.certificate, headers });
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(101)).on('error', reject);
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
  }).finally(() => socket.terminate()) as Promise<number | undefined>;
}
