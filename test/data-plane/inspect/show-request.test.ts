import { expect, test } from 'vitest';
import { readRealtimeMessage } from '#core/provider/openai/realtime/realtime-message.ts';
import { type ModelRequest, readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { showRequest } from '../../../data-plane/inspect/show.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const target = (call: string) => readTarget(...(call.split(' ') as [string, string])) as Target;

function shown(to: Target, body: Uint8Array, content: ModelRequest = readRequest(to, body)): string[] {
  return showRequest(to, content, body).map(({ place, text }) => `${place}: ${text}`);
}

test('a reviewer reads what a request asks for, offers and refers to, and each of it once', () => {
  const body = {
    model: 'gpt-test',
    input: [
      { role: 'user', content: 'Go on as agreed.' },
      { type: 'item_reference', id: 'msg_0123456789abcdef01234567' },
      { role: 'user', content: [{ type: 'input_file', file_id: 'file-0123456789abcdef' }] },
    ],
    previous_response_id: 'resp_0123456789abcdef01234567',
    prompt: { id: 'pmpt_0123456789abcdef0123', version: '2' },
    conversation: 'conv_0123456789abcdef0123',
    tools: [{ type: 'web_search' }, { type: 'shell' }],
    metadata: { ward: '3' },
    user: 'ana',
    service_tier: 'flex',
    max_output_tokens: 4096,
    store: true,
    background: null,
  };
  expect(shown(target('POST /responses'), encode(JSON.stringify(body)))).toEqual([
    'store: true',
    'previous_response_id: resp_0123456789abcdef01234567',
    'input[1].id: msg_0123456789abcdef01234567',
    'prompt.id: pmpt_0123456789abcdef0123',
    'tools: web_search, shell',
    'files: file-0123456789abcdef',
    'max_output_tokens: 4096',
    'service_tier: flex',
    'input[0].content: Go on as agreed.',
    'prompt.version: 2',
    'conversation: conversation: conv_0123456789abcdef0123',
    'metadata.ward: ward: 3',
    'user: ana',
  ]);
});

test('of a plain question the texts alone', () => {
  const body = encode(JSON.stringify({ model: 'gpt-test', input: 'hello' }));
  expect(shown(target('POST /responses'), body)).toEqual(['input: hello']);
});

test('secrets stay out of it', () => {
  const tools = [{ type: 'mcp', server_label: 'ehr', authorization: 'Bearer abcdefgh' }];
  const body = encode(JSON.stringify({ model: 'gpt-test', input: 'hello', tools }));
  expect(shown(target('POST /responses'), body)).toEqual([
    'tools: mcp',
    'input: hello',
    'tools[0].server_label: ehr',
    'tools[0].authorization: [REDACTED]',
  ]);
});

test('of a session on a Realtime connection too', () => {
  const to = readTarget('GET', '/v1/realtime?model=gpt-realtime', 'websocket') as Target;
  const session = {
    type: 'realtime',
    instructions: 'Be kind.',
    tools: [{ type: 'mcp', server_label: 'ehr' }],
  };
  const body = encode(JSON.stringify({ type: 'session.update', session }));
  expect(shown(to, body, readRealtimeMessage(to, body).content).slice(1)).toEqual([
    'session.tools: mcp',
    'session.instructions: Be kind.',
    'session.tools[0].server_label: ehr',
  ]);
});

test('of each line of a batch, before its texts', () => {
  const line = (id: string, body: object) =>
    JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/responses', body: { model: 'm', ...body } });
  const file = [
    line('one', { input: 'a' }),
    line('two', { input: 'b', store: true, tools: [{ type: 'web_search' }] }),
  ].join('\n');
  const form = [
    '--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n',
    '--x\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n',
    `${file}\r\n--x--\r\n`,
  ].join('');
  const to = target('POST /files');
  const content = readRequest(to, encode(form), 'multipart/form-data; boundary=x');
  expect(shown(to, encode(form), content).filter((text) => text.startsWith('file['))).toEqual([
    'file[1].custom_id: one',
    'file[1].body.input: a',
    'file[2].body.store: true',
    'file[2].body.tools: web_search',
    'file[2].custom_id: two',
    'file[2].body.input: b',
  ]);
});
