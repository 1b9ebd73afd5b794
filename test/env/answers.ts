import type { ServerResponse } from 'node:http';
import { type Behaviour, sendJson } from './provider.ts';

const MODEL = 'gpt-test';
const USAGE = { input_tokens: 11, output_tokens: 7, total_tokens: 18 };

/** Answers every route with this text, whole or streamed in pieces of so many characters. */
export function answerText(text: string, pieceLength = 3): Behaviour {
  return (request, response) => {
    if (request.path === '/v1/models') {
      sendJson(response, 200, {
        object: 'list',
        data: [{ id: MODEL, object: 'model', created: 1, owned_by: 'test' }],
      });
      return;
    }
    const { stream } = JSON.parse(request.body) as { stream?: boolean };
    const responses = request.path === '/v1/responses';
    if (stream !== true) sendJson(response, 200, responses ? wholeResponse(text) : wholeCompletion(text));
    else
      sendEvents(
        response,
        responses ? responseEvents(text, pieceLength) : completionEvents(text, pieceLength),
      );
  };
}

/** Sends an event stream with all its events and ends it. */
export function sendEvents(response: ServerResponse, events: readonly string[]): void {
  beginEvents(response);
  for (const event of events) response.write(event);
  response.end();
}

/** Sends the headers of an event stream. */
export function beginEvents(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_provider' });
  response.flushHeaders();
}

function pieces(text: string, length: number): string[] {
  const list: string[] = [];
  for (let at = 0; at < text.length; at += length) list.push(text.slice(at, at + length));
  return list;
}

/** A response that says this. */
export function wholeResponse(text: string) {
  const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }];
  return {
    id: 'resp_test',
    object: 'response',
    created_at: 1,
    status: 'completed',
    model: MODEL,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    output: [{ id: 'msg_test', type: 'message', role: 'assistant', status: 'completed', content }],
    usage: {
      ...USAGE,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
  };
}

/** The events of a streamed Responses answer, as the live API sends them. */
export function responseEvents(text: string, pieceLength: number): string[] {
  const whole = wholeResponse(text);
  const place = { item_id: 'msg_test', output_index: 0, content_index: 0 };
  const open = { ...whole, status: 'in_progress', output: [], usage: null };
  const part = { type: 'output_text', text: '', annotations: [], logprobs: [] };
  const item = whole.output[0];
  const events: Record<string, unknown>[] = [
    { type: 'response.created', response: open },
    { type: 'response.in_progress', response: open },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...item, status: 'in_progress', content: [] },
    },
    { type: 'response.content_part.added', ...place, part },
    ...pieces(text, pieceLength).map((delta) => ({
      type: 'response.output_text.delta',
      ...place,
      delta,
      logprobs: [],
      obfuscation: 'abcdefgh',
    })),
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part: { ...part, text } },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: whole },
  ];
  return events.map((event, index) => {
    const data = JSON.stringify({ ...event, sequence_number: index });
    return `event: ${event['type']}\ndata: ${data}\n\n`;
  });
}

/** A chat completion that says this. */
export function wholeCompletion(text: string) {
  return {
    id: 'chatcmpl_test',
    object: 'chat.completion',
    created: 1,
    model: MODEL,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: text, refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  };
}

/** The chunks of a streamed Chat Completions answer, with usage, and `[DONE]`. */
export function completionEvents(text: string, pieceLength: number): string[] {
  const base = { id: 'chatcmpl_test', object: 'chat.completion.chunk', created: 1, model: MODEL };
  const choice = (delta: unknown, finish: string | null = null) => ({
    ...base,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    usage: null,
  });
  const chunks = [
    choice({ role: 'assistant', content: '', refusal: null }),
    ...pieces(text, pieceLength).map((content) => choice({ content })),
    choice({}, 'stop'),
    { ...base, choices: [], usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } },
  ];
  return [...chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`), 'data: [DONE]\n\n'];
}

/** Streams a tool call whose arguments have what a request has by a pattern in a string, and in JSON within one. */
export function callTool(pattern: RegExp, pieceLength: number): Behaviour {
  return (request, response) => {
    const [said = ''] = pattern.exec(request.body) ?? [];
    const args = JSON.stringify({ note: said, inner: JSON.stringify({ deep: said }) });
    const chunk = (delta: object, finish: string | null = null) => {
      const choices = [{ index: 0, delta, finish_reason: finish }];
      const whole = {
        id: 'chatcmpl-1',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'gpt-test',
        choices,
      };
      return `data: ${JSON.stringify(whole)}\n\n`;
    };
    const call = (rest: object) => chunk({ tool_calls: [{ index: 0, ...rest }] });
    const pieces = args.match(new RegExp(`.{1,${pieceLength}}`, 'gs')) ?? [];
    sendEvents(response, [
      call({ id: 'call_1', type: 'function', function: { name: 'file', arguments: '' } }),
      ...pieces.map((piece) => call({ function: { arguments: piece } })),
      chunk({}, 'tool_calls'),
      'data: [DONE]\n\n',
    ]);
  };
}
