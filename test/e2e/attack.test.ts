import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { answerText } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv } from '../env/env.ts';
import { PROVIDER_KEY, type Provider, sendJson, startProvider } from '../env/provider.ts';
import { recordOf } from '../env/record.ts';

const HELLO = JSON.stringify({ model: 'gpt-test', input: 'hello' });

let env: Env;
let token: string;
beforeAll(async () => {
  env = await startEnv({ dataPlane: { holdHeaders: 20, maxBody: 1024 * 1024 } });
  token = await env.stack.token({ user: 'clinician' });
});
afterAll(() => env.close());
beforeEach(() => {
  env.provider.behave(answerText('done'));
  env.provider.seen.length = 0;
});

/** Sends these bytes and returns all that comes back until the connection ends. */
async function sendRaw(...parts: (string | Buffer)[]): Promise<string> {
  const socket = connect(Number(new URL(env.stack.dataPlaneUrl).port), '127.0.0.1');
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk)).on('error', () => {});
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return Buffer.concat(received).toString('latin1');
}

function post(path: string, body: string | Buffer = HELLO, headers: readonly string[] = []) {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: sworn',
    `Authorization: Bearer ${token}`,
    'Connection: close',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return sendRaw(`${lines.join('\r\n')}\r\n\r\n`, body);
}

const idOf = (answer: string) => /x-request-id: (\S+)/i.exec(answer)?.[1] ?? '';

describe('no other way to the provider', () => {
  test.each([
    '//v1/responses',
    '/v1//responses',
    '/v1/responses/',
    '/v1/%72esponses',
    '/V1/responses',
    '/v1/./responses',
    '/v1/responses;a',
    '/v1/responses%3F',
    'http://sworn/v1/responses',
    '/v1/graphs',
    '/v1/responses/resp_1/../../files',
    '/v1/responses/%2e%2e',
  ])('POST %s', async (path) => {
    expect(await post(path)).toContain('unknown_route');
    expect(env.provider.seen).toEqual([]);
  });

  test.each(['HEAD', 'OPTIONS', 'PUT', 'TRACE', 'CONNECT', 'QUERY'])('%s /v1/responses', async (method) => {
    const head = `${method} /v1/responses HTTP/1.1\r\nHost: sworn\r\nAuthorization: Bearer ${token}\r\n`;
    expect(await sendRaw(`${head}Connection: close\r\n\r\n`)).not.toMatch(/^HTTP\/1\.1 200 /);
    expect(env.provider.seen).toEqual([]);
  });

  test.each([
    ['two lengths', ['Content-Length: 5']],
    ['a length and chunks', ['Transfer-Encoding: chunked']],
    ['two encodings', ['Content-Encoding: gzip', 'Content-Encoding: gzip']],
  ])('%s', async (_name, headers) => {
    expect(await post('/v1/responses', HELLO, headers)).toMatch(/^HTTP\/1.1 4/);
    expect(env.provider.seen).toEqual([]);
  });

  test.each([
    ['UTF-16', Buffer.from(HELLO, 'utf16le')],
    ['a byte order mark', `\uFEFF${HELLO}`],
    ['two documents', HELLO + HELLO],
    ['a key twice', '{"model":"gpt-test","input":"forbidden","input":"hello"}'],
    ['a prototype', '{"model":"gpt-test","input":"hello","__proto__":{"a":"forbidden"}}'],
    ['escapes', '{"model":"gpt-test","input":"forb\\u0069dden"}'],
    ['a picture that is none', '{"model":"gpt-test","input":"data:image/png;base64,/forbidden/"}'],
    ['half a character', '{"model":"gpt-test","input":"\\ud800 forbidden \\udfff"}'],
  ])('a body with %s', async (_name, body) => {
    expect(await post('/v1/responses', body)).toMatch(/^HTTP\/1.1 40[03]/);
    expect(env.provider.seen).toEqual([]);
  });
});

describe('forms that are no forms', () => {
  const HIDDEN = 'forbidden';
  const upload = async (body: Buffer | string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${env.stack.openaiBaseUrl}/files`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'multipart/form-data; boundary=x',
        ...headers,
      },
      body,
    });
    return {
      status: answer.status,
      code: ((await answer.json()) as { error?: { code: string } }).error?.code,
    };
  };
  const form = (content: string, head = '') =>
    `--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n` +
    `--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"${head}\r\n\r\n${content}\r\n--x--\r\n`;

  test('one that is well-formed is read', async () => {
    const refused = { status: 403, code: 'no_policy' };
    expect(await upload(form('hello'))).toEqual(refused);
    expect(await upload(gzipSync(form('hello')), { 'content-encoding': 'gzip' })).toEqual(refused);
  });

  test.each<[string, number, Buffer | string, Record<string, string>?]>([
    ['no last boundary', 400, form('hello').replace('--x--\r\n', '')],
    ['a second file behind the last boundary', 400, form('hello') + form(HIDDEN)],
    ['base64', 400, form(Buffer.from(HIDDEN).toString('base64'), '\r\nContent-Transfer-Encoding: base64')],
    ['another name in another form', 400, form('hello', "; filename*=UTF-8''b.pdf")],
    ['a form within', 400, form(form(HIDDEN), '\r\nContent-Type: multipart/mixed; boundary=y')],
    [
      'another boundary in the header',
      400,
      form('hello'),
      { 'content-type': 'multipart/form-data; boundary=y' },
    ],
    ['no type', 400, form('hello'), { 'content-type': 'application/json' }],
    ['too much', 413, form('a'.repeat(2 * 1024 * 1024))],
    [
      'too much, compressed',
      413,
      gzipSync(form('a'.repeat(2 * 1024 * 1024))),
      { 'content-encoding': 'gzip' },
    ],
  ])('%s', async (_what, status, body, headers) => {
    expect(await upload(body, headers)).toMatchObject({ status });
    expect(env.provider.seen).toEqual([]);
  });
});

describe('what the provider sends beside its answer', () => {
  test('has no text in its headers, nor in the ids of the record', async () => {
    env.provider.behave((_request, response) => {
      const bad = {
        'retry-after': 'ssn 078-05-1120',
        'x-ratelimit-reset-tokens': '078-05-1120',
        'openai-version': '078-05-1120',
        'x-request-id': 'ssn 078-05-1120',
      };
      sendJson(response, 200, {}, { ...bad, 'x-ratelimit-reset-requests': '6m0s', 'retry-after-ms': '7' });
    });
    const answer = await post('/v1/responses');
    expect(answer).not.toContain('078-05-1120');
    expect(answer).toContain('x-ratelimit-reset-requests: 6m0s');
    expect(answer).toContain('retry-after-ms: 7');
    expect(await recordOf(env, idOf(answer))).toMatchObject({ upstreamRequestId: '' });
  });

  test('has no error code that does not fit a record', async () => {
    env.provider.behave((_request, response) => {
      sendJson(response, 400, { error: { message: 'no', code: `John Smith ${'c'.repeat(100_000)}` } });
    });
    // Returns once the stream has begun, so that the error can only be told in an event.
    const answer = await fetch(`${env.stack.openaiBaseUrl}/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ model: 'gpt-test', input: 'bulk', stream: true }),
    });
    const { name } = await pendingApproval(env);
    await env.api(ApprovalService, 'reviewer').approveApproval({ name, reason: '' });
    expect(await answer.text()).toContain('"type":"error"');
    const { outcome } = await recordOf(env, String(answer.headers.get('x-request-id')));
    expect(outcome).toMatchObject({ status: OutcomeStatus.UPSTREAM_FAILED, errorCode: 'upstream_error' });
  });
});

describe('approvals', () => {
  test('show the reviewer that there is more than can be read', async () => {
    const png = `data:image/png;base64,${Buffer.alloc(90, 0xfe).toString('base64')}`;
    const content = [
      { type: 'input_text', text: 'bulk, see the picture' },
      { type: 'input_image', image_url: png },
    ];
    const asking = post(
      '/v1/responses',
      JSON.stringify({ model: 'gpt-test', input: [{ role: 'user', content }] }),
    );
    const { name } = await pendingApproval(env);
    const reviewer = env.api(ApprovalService, 'reviewer');
    const { approval } = await reviewer.getApproval({ name });
    expect(approval?.prompt).toContainEqual(
      expect.objectContaining({
        place: 'input[0].content[1].image_url',
        text: expect.stringContaining('cannot be read'),
      }),
    );
    await reviewer.denyApproval({ name, reason: '' });
    expect(await asking).toContain('approval_denied');
  });

  test('do not use a provider that was replaced while the request was held', async () => {
    let other: Provider | undefined;
    const upstreams = env.api(UpstreamService, 'admin');
    const [before] = (await upstreams.listUpstreams({})).upstreams;
    try {
      other = await startProvider();
      other.behave(answerText('from the new one'));
      const asking = post('/v1/responses', JSON.stringify({ model: 'gpt-test', input: 'a bulk of it' }));
      const { name } = await pendingApproval(env);
      await turnTo(other.baseUrl);
      await env.api(ApprovalService, 'reviewer').approveApproval({ name, reason: '' });
      expect(await asking).toContain('from the new one');
      expect(env.provider.seen).toEqual([]);
    } finally {
      await turnTo(env.provider.baseUrl);
      await other?.close();
    }

    async function turnTo(baseUrl: string): Promise<void> {
      const upstream = { name: before?.name ?? '', spec: { baseUrl } };
      const updateMask = { paths: ['spec.base_url'] };
      await upstreams.updateUpstream({ upstream, updateMask, credential: PROVIDER_KEY });
      const planes = env.api(PlaneService, 'admin');
      const lag = async () => {
        const [plane] = (await planes.listPlanes({})).planes;
        return Number(plane?.headRevision) - Number(plane?.appliedRevision);
      };
      await expect.poll(lag).toBe(0);
    }
  });
});

test('a request that breaks off before it is read is over at once', async () => {
  // A token that was not seen before, so that the request is broken by the time that its caller is known.
  const fresh = await env.stack.token({ user: 'clinician' });
  const head = `POST /v1/responses HTTP/1.1\r\nHost: sworn\r\nAuthorization: Bearer ${fresh}\r\n`;
  await sendRaw(`${head}Transfer-Encoding: chunked\r\n\r\nno length\r\n`);
  const audit = env.api(AuditService, 'auditor');
  const filter = { status: OutcomeStatus.CLIENT_GONE };
  // Far below the time that a body may take.
  await expect.poll(async () => (await audit.listExchanges({ filter })).exchanges.length).toBe(1);
});
