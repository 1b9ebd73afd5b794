import { afterAll, beforeAll, expect, test } from 'vitest';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { Authentication } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { type Listening, serveHttp } from '../data-plane/upstream/env.ts';
import { beginEvents } from '../env/answers.ts';
import { type Env, startEnv } from '../env/env.ts';
import { PROVIDER_KEY, sendJson } from '../env/provider.ts';
import { deliveredText, recordOf } from '../env/record.ts';
import { connectTo, takeSockets } from '../env/sockets.ts';
import { until } from '../env/until.ts';

let env: Env;
let issuer: Listening;

/** The provider takes a token that the plane gets from an issuer. */
beforeAll(async () => {
  issuer = await serveHttp((_request, response) =>
    sendJson(response, 200, { access_token: PROVIDER_KEY, token_type: 'bearer', expires_in: 600 }),
  );
  env = await startEnv();
  await env.api(UpstreamService, 'admin').updateUpstream({
    upstream: {
      name: 'upstreams/default',
      spec: {
        authentication: Authentication.CLIENT_SECRET,
        oauth: { tokenUrl: `http://127.0.0.1:${issuer.port}/token`, clientId: 'plane' },
      },
    },
    credential: 'client-secret-of-the-test',
    updateMask: { paths: ['spec.authentication', 'spec.oauth'] },
  });
  await until('the plane has it', async () => {
    const { planes } = await env.api(PlaneService, 'admin').listPlanes({});
    return planes.every(({ appliedRevision, headRevision }) => headRevision === appliedRevision);
  });
});
afterAll(async () => {
  await env.close();
  await issuer.close();
});

const HELLO = { model: 'gpt-test', input: 'hello' };
const ERROR = { message: `Incorrect token: ${PROVIDER_KEY}.`, type: 'auth', code: null, param: null };
const REDACTED = 'Incorrect token: [REDACTED].';

test('the token of an upstream is taken out of a refusal that quotes it, for the caller and the record', async () => {
  env.provider.behave((_request, response) => sendJson(response, 401, { error: ERROR }));
  const error = await env
    .openai()
    .responses.create(HELLO)
    .catch((thrown) => thrown);
  expect(error.message).toContain(REDACTED);
  expect(deliveredText(await recordOf(env, String(error.requestID)))).toContain(REDACTED);
});

test.each([
  ['responses', { ...ERROR, type: 'error', sequence_number: 0 }],
  ['responses', { type: 'response.failed', response: { status: 'failed', error: ERROR } }],
  ['chat', { error: ERROR }],
])('and of an error in a stream of %s, %j', async (api, event) => {
  env.provider.behave((_request, response) => {
    beginEvents(response);
    response.end(`data: ${JSON.stringify(event)}\n\n`);
  });
  const stream = { ...HELLO, messages: [{ role: 'user', content: 'hello' }], stream: true };
  const { input: _, ...chat } = stream;
  const { messages: __, ...responses } = stream;
  const path = api === 'chat' ? 'chat/completions' : 'responses';
  const answer = await fetch(`${env.stack.openaiBaseUrl}/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await env.stack.token({ user: 'clinician' })}`,
    },
    body: JSON.stringify(api === 'chat' ? chat : responses),
  });
  expect(await answer.text()).toContain(REDACTED);
});

test.each([
  ['/v1/responses', { type: 'response.create', ...HELLO }],
  ['/v1/realtime?model=gpt-realtime', { type: 'session.update', session: { type: 'realtime' } }],
])('and of an error on %s', async (path, event) => {
  takeSockets(env.provider, async (end) => {
    await end.next();
    end.send({ type: 'error', error: ERROR });
  });
  const caller = await connectTo(env, path);
  caller.send(event);
  expect(JSON.stringify((await caller.until('error')).at(-1))).toContain(REDACTED);
  caller.socket.close();
  await caller.closed;
});

test('and of a handshake that is refused', async () => {
  env.provider.upgrade((_request, socket) => {
    const body = JSON.stringify({ error: ERROR });
    socket.end(
      `HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  });
  const caller = await connectTo(env, '/v1/responses');
  caller.send({ type: 'response.create', ...HELLO });
  expect(JSON.stringify(await caller.next())).toContain(REDACTED);
  caller.socket.close();
  await caller.closed;
});
