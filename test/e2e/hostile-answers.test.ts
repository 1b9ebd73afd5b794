import { once } from 'node:events';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beginEvents } from '../env/answers.ts';
import { type Env, startEnv } from '../env/env.ts';

// Published as an example, and never issued.
const SSN = '078-05-1120';
const JSON_TYPE = 'content-type: application/json';
const SSE_TYPE = 'content-type: text/event-stream';
const body = JSON.stringify({
  id: 'resp_1',
  output: [{ content: [{ type: 'output_text', text: `SSN ${SSN}` }] }],
});
const wide = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
const delta = (text: string) =>
  JSON.stringify({ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: text });

/** The bytes of an answer, its connection ended behind it. */
function answer(status: string, headers: readonly string[], content: string | Buffer): Buffer {
  const head = [`HTTP/1.1 ${status}`, 'connection: close', ...headers].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(content)]);
}

const chunked = (content: string, extension = '', trailer = '') =>
  `${content.length.toString(16)}${extension}\r\n${content}\r\n0\r\n${trailer}\r\n`;

const ANSWERS: [string, Buffer][] = [
  [
    'an interim answer before it',
    Buffer.concat([
      Buffer.from(`HTTP/1.1 103 Early Hints\r\nlink: <${SSN}>\r\n\r\n`),
      answer('200 OK', [JSON_TYPE], body),
    ]),
  ],
  ['a reason phrase', answer(`500 SSN ${SSN}`, [JSON_TYPE], `{"error":{"message":"SSN ${SSN}"}}`)],
  ['a redirect', answer('302 Found', [`location: /v1/responses?ssn=${SSN}`, JSON_TYPE], body)],
  [
    'headers',
    answer(
      '200 OK',
      [JSON_TYPE, `x-ssn: ${SSN}`, `set-cookie: ssn=${SSN}`, `www-authenticate: ${SSN}`],
      body,
    ),
  ],
  [
    'trailers and extensions of chunks',
    answer(
      '200 OK',
      [JSON_TYPE, 'transfer-encoding: chunked', 'trailer: x-ssn'],
      chunked(body, `;ssn=${SSN}`, `x-ssn: ${SSN}\r\n`),
    ),
  ],
  ['a part of an answer', answer('206 Partial Content', [JSON_TYPE, 'content-range: bytes 0-1/2'], body)],
  ['a page of HTML', answer('502 Bad Gateway', ['content-type: text/html'], `<p>SSN ${SSN}</p>`)],
  ['plain text', answer('200 OK', ['content-type: text/plain'], `SSN ${SSN}`)],
  [
    'a problem',
    answer('400 Bad Request', ['content-type: application/problem+json'], `{"title":"SSN ${SSN}"}`),
  ],
  [
    'several parts',
    answer(
      '200 OK',
      ['content-type: multipart/mixed; boundary=x'],
      `--x\r\n${JSON_TYPE}\r\n\r\n${body}\r\n--x--`,
    ),
  ],
  ['no type', answer('200 OK', [], body)],
  ['two types', answer('200 OK', [JSON_TYPE, SSE_TYPE], body)],
  ['JSON in UTF-16', answer('200 OK', [`${JSON_TYPE}; charset=utf-16`], wide(body))],
  [
    'JSON in another charset',
    answer('200 OK', [`${JSON_TYPE}; charset=utf-7`], body.replaceAll('-', '+AC0-')),
  ],
  ['JSON with escapes', answer('200 OK', [JSON_TYPE], body.replaceAll('0', '\\u0030'))],
  ['JSON with a key twice', answer('200 OK', [JSON_TYPE], `{"note":"${SSN}","note":"x"}`)],
  ['two documents', answer('200 OK', [JSON_TYPE], `{"id":"a"}\n${body}`)],
  ['JSON behind a mark', answer('200 OK', [JSON_TYPE], `\ufeff${body}`)],
  ['gzip', answer('200 OK', [JSON_TYPE, 'content-encoding: gzip'], gzipSync(body))],
  ['gzip that is not declared', answer('200 OK', [JSON_TYPE], gzipSync(body))],
  ['gzip, twice', answer('200 OK', [JSON_TYPE, 'content-encoding: gzip, gzip'], gzipSync(gzipSync(body)))],
  [
    'gzip with plain text behind it',
    answer(
      '200 OK',
      [JSON_TYPE, 'content-encoding: gzip'],
      Buffer.concat([gzipSync('{"id":"a"}'), Buffer.from(body)]),
    ),
  ],
  ['deflate', answer('200 OK', [JSON_TYPE, 'content-encoding: deflate'], deflateSync(body))],
  ['brotli', answer('200 OK', [JSON_TYPE, 'content-encoding: br'], brotliCompressSync(body))],
  ['zstd', answer('200 OK', [JSON_TYPE, 'content-encoding: zstd'], zstdCompressSync(body))],
  ['a compression that is not known', answer('200 OK', [JSON_TYPE, 'content-encoding: identity2'], body)],
  [
    'comments, ids and names of events',
    answer(
      '200 OK',
      [SSE_TYPE],
      `: ${SSN}\nid: ${SSN}\nevent: ssn ${SSN}\nretry: ${SSN}\nssn: ${SSN}\ndata: {"type":"response.completed"}\n\n`,
    ),
  ],
  [
    'events in pieces',
    answer('200 OK', [SSE_TYPE], [...`SSN ${SSN}, `].map((text) => `data: ${delta(text)}\n\n`).join('')),
  ],
  [
    'events with other ends of lines',
    answer('200 OK', [SSE_TYPE], [...`SSN ${SSN}, `].map((text) => `\rdata: ${delta(text)}\r\r`).join('')),
  ],
  [
    'events in several lines',
    answer('200 OK', [SSE_TYPE], `data: {"type":"note",\ndata: "text":\ndata: "SSN ${SSN}"}\n\n`),
  ],
  ['a last event without its end', answer('200 OK', [SSE_TYPE], `data: ${delta(`SSN ${SSN}`)}`)],
  ['an event that is no JSON', answer('200 OK', [SSE_TYPE], `data: SSN ${SSN}\n\n`)],
  [
    'events in UTF-16',
    answer('200 OK', [`${SSE_TYPE}; charset=utf-16`], wide(`data: ${delta(`SSN ${SSN}`)}\n\n`)),
  ],
  [
    'an error in a stream',
    answer('500 Internal Server Error', [SSE_TYPE], `data: {"error":{"message":"SSN ${SSN}"}}\n\n`),
  ],
  [
    'text behind the last event',
    answer(
      '200 OK',
      [SSE_TYPE],
      `data: {"type":"response.completed"}\n\nSSN ${SSN}\n\ndata: [DONE]\n\ndata: ${delta(SSN)}\n\n`,
    ),
  ],
];

let env: Env;
let token: string;
beforeAll(async () => {
  env = await startEnv();
  token = await env.stack.token({ user: 'clinician' });
});
afterAll(() => env.close());

/** All bytes that a caller gets. */
async function ask(stream: boolean): Promise<Buffer> {
  const asked = JSON.stringify({ model: 'gpt-test', input: 'hello', stream });
  const socket = connect(Number(new URL(env.stack.dataPlaneUrl).port), '127.0.0.1');
  const received: Buffer[] = [];
  socket.on('data', (piece) => received.push(piece)).on('error', () => {});
  socket.write(
    `POST /v1/responses HTTP/1.1\r\nhost: sworn\r\nauthorization: Bearer ${token}\r\nconnection: close\r\naccept-encoding: gzip\r\ncontent-length: ${asked.length}\r\n\r\n${asked}`,
  );
  await once(socket, 'close');
  return Buffer.concat(received);
}

/** As readers of other encodings would have it, too. */
function readings(bytes: Buffer): string[] {
  const plain = bytes.toString('latin1');
  const content = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
  const deltas = Array.from(plain.matchAll(/"delta":"([^"]*)"/g), ([, piece]) => piece).join('');
  const isZipped = content[0] === 0x1f && content[1] === 0x8b;
  return [
    plain,
    deltas,
    plain.replaceAll('\0', ''),
    plain.replaceAll('+AC0-', '-'),
    isZipped ? gunzipSync(content).toString() : '',
  ];
}

test.each(ANSWERS)('no number of a person comes of %s', async (_what, bytes) => {
  env.provider.behave((_request, response) => {
    response.socket?.end(bytes);
  });
  for (const stream of [false, true]) {
    const received = await ask(stream);
    expect(received.toString('latin1')).toMatch(/^HTTP\/1\.1 [2-5]\d\d /);
    for (const text of readings(received)) expect(text).not.toContain(SSN);
  }
});

test('nor of a chat whose chunks count their choices up: one is one text', async () => {
  env.provider.behave((_request, response) => {
    beginEvents(response);
    for (const [index, content] of [...`an SSN ${SSN}, `].entries())
      response.write(`data: ${JSON.stringify({ choices: [{ index, delta: { content } }] })}\n\n`);
    response.end('data: {"choices":[{"index":20,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
  });
  const messages = [{ role: 'user' as const, content: 'hello' }];
  const stream = await env.openai().chat.completions.create({ model: 'gpt-test', messages, stream: true });
  let said = '';
  for await (const { choices } of stream) said += choices[0]?.delta.content ?? '';
  expect(said).toBe('an SSN [US_SSN], ');
});
