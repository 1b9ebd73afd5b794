import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { maskResponse, ResponseError } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { cut } from './cut.ts';
import { envelope, items, responsesEvents, SAID, SSN } from './fixtures/responses.ts';
import { formatNamed, parseEvents } from './fixtures/sse.ts';
import { createTestMasker } from './masker.ts';

type Json = Record<string, unknown>;

const route = findRoute('POST', '/v1/responses') as Route;
const masker = createTestMasker();
const masked = (text: string) => text.replaceAll(SSN, '[US_SSN]');
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function maskBytes(bytes: Uint8Array, sizes: readonly number[] = []) {
  const stream = createStreamMasker(route, masker);
  const parts = cut(bytes, sizes).map((part) => stream.push(part));
  return { stream, bytes: Buffer.concat([...parts, stream.end()]) };
}

function maskEvents(events: readonly Json[]) {
  const { stream, bytes } = maskBytes(formatNamed(events));
  return { stream, bytes, events: parseEvents(bytes) };
}

/** What a client that only appends deltas has at the end, by event type and indexes. */
function appendDeltas(events: readonly Json[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const event of events) {
    if (typeof event['delta'] !== 'string') continue;
    const at = [event['type'], event['output_index'], event['content_index']].filter(
      (part) => part !== undefined,
    );
    const key = at.join(' ');
    texts[key] = (texts[key] ?? '') + event['delta'];
  }
  return texts;
}

const delta = (text: string, number: number, at: Json = {}): Json => ({
  type: 'response.output_text.delta',
  sequence_number: number,
  item_id: 'msg_01234567890123456789',
  output_index: 0,
  content_index: 0,
  logprobs: [],
  ...at,
  delta: text,
});

describe('a streamed response, masked', () => {
  const whole = maskEvents(responsesEvents());

  it('shows none of the numbers anywhere', () => {
    expect(decode(formatNamed(responsesEvents()))).toContain(SSN);
    const text = decode(whole.bytes);
    expect(text).not.toContain(SSN);
    expect(text).not.toContain('logprob":-0.1');
    expect(text).not.toContain('obfuscation');
  });

  it('says in its deltas exactly what is said whole', () => {
    const said = appendDeltas(whole.events);
    expect(said).toMatchObject({
      'response.output_text.delta 1 0': masked(SAID.text),
      'response.refusal.delta 1 1': masked(SAID.refusal),
      'response.reasoning_text.delta 0 0': masked(SAID.reasoning),
      'response.reasoning_summary_text.delta 0': masked(SAID.summary),
      'response.function_call_arguments.delta 2': masked(SAID.arguments),
      'response.mcp_call_arguments.delta 3': masked(SAID.mcpArguments),
      'response.custom_tool_call_input.delta 4': masked(SAID.customInput),
      'response.code_interpreter_call_code.delta 5': masked(SAID.code),
      'response.audio.transcript.delta': masked(SAID.transcript),
    });
    const added = whole.events.find((event) => event['type'] === 'response.shell_call_command.added');
    expect(`${added?.['command']}${said['response.shell_call_command.delta 6']}`).toBe(masked(SAID.command));
    const stdout = whole.events
      .filter((event) => event['type'] === 'response.shell_call_output_content.delta')
      .map((event) => (event['delta'] as Json)['stdout']);
    expect(stdout.join('')).toBe(masked(SAID.stdout));
  });

  it('says the same in done events, items and the terminal response as in the whole answer', () => {
    const body = { ...envelope(), status: 'completed', output: items(SAID) };
    const answer = JSON.parse(decode(maskResponse(route, encode(JSON.stringify(body)), masker).body));
    const terminal = whole.events.at(-1)?.['response'] as Json;
    expect(terminal['output']).toEqual(answer.output);
    const done = whole.events.filter((event) => event['type'] === 'response.output_item.done');
    expect(done.map((event) => event['item'])).toEqual(answer.output);
    const find = (type: string) => whole.events.find((event) => event['type'] === type);
    expect(find('response.output_text.done')).toMatchObject({
      text: answer.output[1].content[0].text,
      logprobs: [],
    });
    expect(find('response.function_call_arguments.done')).toMatchObject({
      arguments: answer.output[2].arguments,
    });
    expect(find('response.output_text.annotation.added')?.['annotation']).toEqual(
      answer.output[1].content[0].annotations[0],
    );
    const parts = whole.events.filter((event) => event['type'] === 'response.content_part.done');
    expect(parts.map((event) => event['part'])).toEqual([
      answer.output[0].content[0],
      ...answer.output[1].content,
    ]);
  });

  it('keeps a citation on its words', () => {
    const [, message] = (whole.events.at(-1) as unknown as OpenAI.Responses.ResponseCompletedEvent).response
      .output;
    const [content] = (message as OpenAI.Responses.ResponseOutputMessage).content;
    const { text, annotations } = content as OpenAI.Responses.ResponseOutputText;
    const [citation] = annotations as OpenAI.Responses.ResponseOutputText.URLCitation[];
    expect(text.slice(citation?.start_index, citation?.end_index)).toBe('[1]');
    expect(citation?.title).toBe('Chart of [US_SSN]');
  });

  it('masks what it echoes of the request, and leaves names and ids alone', () => {
    const response = whole.events[0]?.['response'] as Json;
    expect(response).toMatchObject({
      id: envelope()['id'],
      model: 'gpt-4o-2024-08-06',
      instructions: 'You treat [US_SSN].',
      user: '[US_SSN]',
      metadata: { patient: '[US_SSN]', '[US_SSN]': 'key' },
      top_logprobs: 2,
    });
    expect(JSON.stringify(response['tools'])).not.toContain(SSN);
  });

  it('numbers its events without a gap', () => {
    expect(whole.events.map((event) => event['sequence_number'])).toEqual(
      whole.events.map((_, index) => index),
    );
  });

  it('tells the facts and counts each finding once', () => {
    expect(whole.stream.facts).toMatchObject({
      model: 'gpt-4o-2024-08-06',
      responseId: envelope()['id'],
      callIds: ['call_01234567890123456789', 'call_custom0123456789', 'call_shell0123456789'],
      usage: { inputTokens: 11, outputTokens: 22 },
      failed: false,
    });
    expect(whole.stream.complete).toBe(true);
    const body = { ...envelope(), status: 'completed', output: items(SAID) };
    const answer = maskResponse(route, encode(JSON.stringify(body)), masker);
    // The transcript stands in no item.
    expect(whole.stream.counts).toEqual({ US_SSN: (answer.counts.US_SSN ?? 0) + 1 });
    expect(answer.facts.callIds).toEqual(whole.stream.facts.callIds);
  });

  it('comes out the same however it is cut', () => {
    const bytes = formatNamed(responsesEvents());
    const sizes = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, (cuts) => {
        expect(maskBytes(bytes, cuts).bytes.equals(whole.bytes)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('is accumulated by the SDK to the response that it ends with', async () => {
    const fetch = async () =>
      new Response(new Uint8Array(whole.bytes), { headers: { 'content-type': 'text/event-stream' } });
    const client = new OpenAI({ apiKey: 'key', fetch });
    const stream = client.responses.stream({ model: 'gpt-4o', input: 'hi' });
    let text = '';
    stream.on('response.output_text.delta', (event) => {
      text += event.delta;
      expect(event.snapshot).toBe(text);
    });
    const final = await stream.finalResponse();
    expect(text).toBe(masked(SAID.text));
    expect(final.output_text).toBe(masked(SAID.text));
  });

  it('gives the SDK every event in raw iteration', async () => {
    const fetch = async () =>
      new Response(new Uint8Array(whole.bytes), { headers: { 'content-type': 'text/event-stream' } });
    const client = new OpenAI({ apiKey: 'key', fetch });
    const events: unknown[] = [];
    for await (const event of await client.responses.create({ model: 'm', input: 'hi', stream: true }))
      events.push(event);
    expect(events).toEqual(whole.events);
  });
});

describe('what needs no masking', () => {
  it('is passed on byte for byte, in whatever form it is written', () => {
    const wire =
      'event: response.created\r\ndata: {"type":"response.created", "sequence_number":0,"response":{"id":"resp_0123456789abcdef","temperature":1.0,"output":[]}}\r\n\r\n' +
      'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":1,"output_index":0,"content_index":0,\ndata: "delta":"plain \\u00fc","logprobs":[]}\n\n' +
      'data: [DONE]\n\n';
    expect(decode(maskBytes(encode(wire)).bytes)).toBe(wire);
  });

  it('loses id, retry, comments, empty events and a byte order mark', () => {
    const wire = `\uFEFFid: 1\nretry: 9\ndata: {"type":"x"}\n\n: ${SSN}\n\nevent: y\n\ndata:\n\nid: 2\n\ndata: {"a":true}\n\n`;
    expect(decode(maskBytes(encode(wire)).bytes)).toBe(
      'data: {"type":"x"}\n\n: keep-alive\n\ndata: {"a":true}\n\n',
    );
  });

  it('is written anew when its bytes hold more than the parser keeps', () => {
    const wire = `data: {"type":"x","note":"${SSN}","note":"fine"}\n\n`;
    expect(decode(maskBytes(encode(wire)).bytes)).toBe('data: {"type":"x","note":"fine"}\n\n');
  });

  it('ends with a blank line even where the provider forgot it', () => {
    expect(decode(maskBytes(encode('data: {"a":true}')).bytes)).toBe('data: {"a":true}\n\n');
  });
});

describe('held text', () => {
  it('goes out before the event that ends its text, and nothing goes out for a delta that is all held', () => {
    const done = { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'a 123-4' };
    const { events } = maskEvents([
      delta('a ', 5),
      delta('123', 6),
      delta('-4', 7),
      { ...done, sequence_number: 8 },
    ]);
    expect(events).toEqual([delta('a ', 5), delta('123-4', 6), { ...done, sequence_number: 7 }]);
  });

  it.each(['response.completed', 'response.incomplete', 'response.failed'])('goes out before %s', (type) => {
    const output = [{ type: 'message', content: [{ type: 'output_text', text: 'a 123', annotations: [] }] }];
    const { events, stream } = maskEvents([
      delta('a 123', 0),
      { type, sequence_number: 1, response: { output } },
    ]);
    expect(events.map((event) => event['delta'])).toEqual(['a ', '123', undefined]);
    expect(events.map((event) => event['sequence_number'])).toEqual([0, 1, 2]);
    expect(stream.complete).toBe(true);
  });

  it('is dropped when the provider breaks off or reports an error', () => {
    const cutOff = maskEvents([delta('a 123-45-', 0)]);
    expect(cutOff.events.map((event) => event['delta'])).toEqual(['a ']);
    expect(cutOff.stream.complete).toBe(false);
    const failed = maskEvents([
      delta('a 123-45-', 0),
      { type: 'error', sequence_number: 1, message: `no ${SSN}` },
    ]);
    expect(failed.events.at(-1)).toEqual({ type: 'error', sequence_number: 1, message: 'no [US_SSN]' });
    expect(failed.events).toHaveLength(2);
    expect(failed.stream).toMatchObject({ complete: true, facts: { failed: true } });
  });

  it('is dropped with an event that was cut off', () => {
    const wire = `data: ${JSON.stringify(delta('ok ', 0))}\n\ndata: {"type":"response.output_te`;
    expect(parseEvents(maskBytes(encode(wire)).bytes)).toEqual([delta('ok ', 0)]);
  });

  it.each([
    ['its part', { type: 'response.content_part.done', output_index: 0, content_index: 0 }, 'part'],
    ['its item', { type: 'response.output_item.done', output_index: 0 }, 'item'],
  ])('goes out before %s is done, where nothing else ends it', (_what, at, member) => {
    const done = { ...at, sequence_number: 1, [member]: { type: 'output_text', text: 'a 12' } };
    const other = delta('b 34', 0, { output_index: 1 });
    const { events } = maskEvents([delta('a 12', 0), other, done]);
    expect(events.map((event) => [event['output_index'], event['delta']])).toEqual([
      [0, 'a '],
      [1, 'b '],
      [0, '12'],
      [0, undefined],
    ]);
  });

  it('keeps texts of different places apart', () => {
    const { bytes } = maskEvents([delta('123-45-', 0), delta('6789', 1, { output_index: 1 })]);
    expect(decode(bytes)).not.toContain('123-45');
    expect(parseEvents(bytes).map((event) => event['delta'])).toEqual(['6']);
  });
});

describe('text after its end', () => {
  const done = { type: 'response.output_text.done', sequence_number: 1, output_index: 0, content_index: 0 };

  it('goes on when it joins what was said', () => {
    const { events } = maskEvents([delta('a 12', 0), { ...done, text: 'a 12' }, delta(` and ${SSN} .`, 2)]);
    expect(events.map((event) => event['delta'] ?? '').join('')).toBe('a 12 and [US_SSN] .');
  });

  it('is refused when it would complete a number that is half out', () => {
    expect(() =>
      maskEvents([delta('a 123-45-', 0), { ...done, text: 'a 123-45-' }, delta('6789 .', 2)]),
    ).toThrow(ResponseError);
  });
});

describe('an unknown event', () => {
  it('is masked in every string and key, however deep', () => {
    const event = { type: 'response.new.thing', sequence_number: 0, a: [{ b: SSN, [SSN]: { id: SSN } }] };
    const { events } = maskEvents([event]);
    expect(events).toEqual([
      {
        type: 'response.new.thing',
        sequence_number: 0,
        a: [{ b: '[US_SSN]', '[US_SSN]': { id: '[US_SSN]' } }],
      },
    ]);
  });

  it('with a delta is a text of its own', () => {
    const say = (text: unknown, number: number) => ({
      type: 'response.new.delta',
      sequence_number: number,
      item_id: 'x_1',
      delta: text,
    });
    const done = { type: 'response.new.done', sequence_number: 4, item_id: 'x_1', whole: `${SSN} 12` };
    const { events } = maskEvents([say('123-4', 0), say('5-67', 1), say('89', 2), say(' 12', 3), done]);
    expect(events.map((event) => event['delta'] ?? event['whole'])).toEqual([
      '[US_SSN]',
      ' ',
      '12',
      '[US_SSN] 12',
    ]);
    expect(events.map((event) => event['sequence_number'])).toEqual([0, 1, 2, 3]);
  });

  it('is masked in its own keys', () => {
    const { events } = maskEvents([{ type: 'response.new.thing', sequence_number: 0, [SSN]: SSN }]);
    expect(events).toEqual([{ type: 'response.new.thing', sequence_number: 0, '[US_SSN]': '[US_SSN]' }]);
  });

  it('need not be an object', () => {
    expect(decode(maskBytes(encode(`data: ["${SSN}"]\n\ndata: "${SSN}"\n\n`)).bytes)).toBe(
      'data: ["[US_SSN]"]\n\ndata: "[US_SSN]"\n\n',
    );
  });
});

describe('a stream that cannot be read', () => {
  it.each([
    ['not JSON', 'data: {"a":\n\n'],
    ['nested too deep', `data: ${'['.repeat(200)}${']'.repeat(200)}\n\n`],
    ['not UTF-8', new Uint8Array([...encode('data: "'), 0xc3, 0x28, ...encode('"\n\n')])],
  ])('is refused: %s', (_what, wire) => {
    const bytes = typeof wire === 'string' ? encode(wire) : wire;
    expect(() => maskBytes(bytes)).toThrow(ResponseError);
  });
});
