import fc from 'fast-check';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { maskResponse, ResponseError } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { cut } from './cut.ts';
import { ARGUMENTS, CONTENT, CUSTOM, chatChunks, chunk, ENVELOPE, REFUSAL } from './fixtures/chat.ts';
import { SSN } from './fixtures/responses.ts';
import { formatChunks, parseEvents, tokens } from './fixtures/sse.ts';
import { createTestMasker } from './masker.ts';

type Json = Record<string, unknown>;
type Chunk = OpenAI.ChatCompletionChunk;

const route = findRoute('POST', '/v1/chat/completions') as Route;
const masker = createTestMasker();
const masked = (text: string) => text.replaceAll(SSN, '[US_SSN]');
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function maskBytes(bytes: Uint8Array, sizes: readonly number[] = []) {
  const stream = createStreamMasker(route, masker);
  const parts = cut(bytes, sizes).map((part) => stream.push(part));
  return { stream, bytes: Buffer.concat([...parts, stream.end()]) };
}

function maskChunks(chunks: readonly Json[]) {
  const { stream, bytes } = maskBytes(formatChunks(chunks));
  return { stream, bytes, chunks: parseEvents(bytes) as unknown as Chunk[] };
}

const respond = (bytes: Uint8Array) => async () =>
  new Response(new Uint8Array(bytes), { headers: { 'content-type': 'text/event-stream' } });

/** The deltas of one choice, and whether it was finished, in order. */
const deltas = (chunks: readonly Chunk[], index = 0) =>
  chunks
    .flatMap(({ choices }) => choices)
    .filter((choice) => choice.index === index)
    .map(({ delta, finish_reason: finish }) => (finish === null ? delta : finish));

describe('a streamed chat completion, masked', () => {
  const whole = maskChunks(chatChunks());

  it.each([
    'call_N1h1-bCC_zmPXgdG',
    'chatcmpl-tool-7f0a6f6c4b6f4a0a',
    'functions.look_up:0',
    'AbCdEfGhI',
    '12345678',
  ])('has the id of a tool call whole in its first chunk, whatever its form: %s', (id) => {
    const call = { index: 0, id, type: 'function', function: { name: 'look_up', arguments: '' } };
    const more = { index: 0, function: { arguments: '{}' } };
    const { chunks, stream } = maskChunks([
      chunk(0, { tool_calls: [call] }),
      chunk(0, { tool_calls: [more] }),
      chunk(0, {}, 'tool_calls'),
    ]);
    expect(deltas(chunks)).toEqual([{ tool_calls: [call] }, { tool_calls: [more] }, 'tool_calls']);
    expect(stream.facts.callIds).toEqual([id]);
  });

  it('shows none of the numbers and none of the padding', () => {
    expect(decode(whole.bytes)).not.toContain(SSN);
    expect(decode(whole.bytes)).not.toContain('obfuscation');
  });

  it('is accumulated by the SDK to the masked texts, done events included', async () => {
    const client = new OpenAI({ apiKey: 'key', fetch: respond(whole.bytes) });
    const stream = client.chat.completions.stream({ model: 'gpt-4o', messages: [] });
    const done: unknown[] = [];
    stream.on('content.done', (event) => done.push(event.content));
    stream.on('tool_calls.function.arguments.done', (event) => done.push(event.arguments));
    const completion = await stream.finalChatCompletion();
    const [first, second] = completion.choices;
    expect(first?.message.content).toBe(masked(CONTENT));
    const calls = first?.message.tool_calls as unknown as Record<string, Json>[];
    expect(calls.map((call) => call['function']?.['arguments'] ?? call['custom']?.['input'])).toEqual(
      [...ARGUMENTS, CUSTOM].map(masked),
    );
    expect(calls.map((call) => call['function']?.['name'] ?? call['custom']?.['name'])).toEqual([
      'lookup',
      'compare',
      'sql',
    ]);
    expect(second?.message.refusal).toBe(masked(REFUSAL));
    expect(completion.usage).toMatchObject({ total_tokens: 33 });
    // Only said when they are whole, although nothing in the stream marks the end of a tool call.
    expect(done).toEqual(expect.arrayContaining([masked(CONTENT), ...ARGUMENTS.map(masked)]));
  });

  it('says the same as the answer that is not streamed', () => {
    const calls = ARGUMENTS.map((text, index) => ({
      id: `call_0123456789abcde${index}`,
      type: 'function',
      function: { name: 'lookup', arguments: text },
    }));
    const message = {
      role: 'assistant',
      content: CONTENT,
      refusal: null,
      tool_calls: calls,
      annotations: [],
    };
    const logprobs = { content: [{ token: SSN, logprob: 0, bytes: [], top_logprobs: [] }], refusal: null };
    const body = {
      ...ENVELOPE,
      object: 'chat.completion',
      choices: [
        { index: 0, message, logprobs, finish_reason: 'tool_calls' },
        {
          index: 1,
          message: { role: 'assistant', content: null, refusal: REFUSAL },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 11, completion_tokens: 22, total_tokens: 33 },
    };
    const answer = maskResponse(route, encode(JSON.stringify(body)), masker);
    const { choices, model } = JSON.parse(decode(answer.body));
    expect(model).toBe(ENVELOPE.model);
    expect(choices[0].message.content).toBe(masked(CONTENT));
    expect(
      choices[0].message.tool_calls.map((call: Json) => (call['function'] as Json)['arguments']),
    ).toEqual(ARGUMENTS.map(masked));
    expect(choices[0].logprobs).toBeNull();
    expect(choices[1].message.refusal).toBe(masked(REFUSAL));
    // The custom tool's input stands in the stream only.
    expect(whole.stream.counts).toEqual({ US_SSN: (answer.counts.US_SSN ?? 0) + 1 });
    expect(answer.facts).toMatchObject({
      responseId: ENVELOPE.id,
      failed: false,
      usage: whole.stream.facts.usage,
    });
  });

  it('keeps usage chunk and sentinel as they came', () => {
    const came = decode(formatChunks(chatChunks())).split('\n\n');
    expect(decode(whole.bytes).split('\n\n').slice(-3)).toEqual(came.slice(-3));
    expect(whole.stream).toMatchObject({
      complete: true,
      facts: {
        responseId: ENVELOPE.id,
        callIds: ['call_0123456789abcde0', 'call_0123456789abcde1', 'call_0123456789abcdef2'],
        usage: { inputTokens: 11, outputTokens: 22 },
        failed: false,
      },
    });
  });

  it('comes out the same however it is cut', () => {
    const bytes = formatChunks(chatChunks());
    const sizes = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, (cuts) => {
        expect(maskBytes(bytes, cuts).bytes.equals(whole.bytes)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('says the masked text however the model cuts its words', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), (size) => {
        const said = tokens(CONTENT, size).map((content) => chunk(0, { content }));
        const { chunks } = maskChunks([...said, chunk(0, {}, 'stop')]);
        expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(masked(CONTENT));
      }),
    );
  });
});

describe('held text of a choice', () => {
  it('is held where a server says that no chunk finishes it with an empty word', () => {
    const pieces = ['it is 123', '-45-', '6789.', ''];
    const { chunks } = maskChunks(
      pieces.map((content, at) => chunk(0, { content }, at === pieces.length - 1 ? 'stop' : '')),
    );
    const said = chunks.flatMap(({ choices }) => choices).map(({ delta }) => delta.content ?? '');
    expect(said.join('')).toBe('it is [US_SSN].');
  });

  it('may not go on after its end again and again: each time it is masked anew', () => {
    const stream = createStreamMasker(route, masker);
    const go = (content: string) => {
      const chunks = [chunk(0, { content }), chunk(0, {}, 'stop')];
      stream.push(formatChunks(chunks).slice(0, -'data: [DONE]\n\n'.length));
    };
    go('a'.repeat(4 * 1024 * 1024));
    for (let again = 0; again < 10; again++) go('b');
    expect(() => {
      for (let again = 0; again < 10; again++) go('b');
    }).toThrow(ResponseError);
  });

  it('goes out before its finish_reason, and not with that of another choice', () => {
    const { chunks } = maskChunks([
      chunk(0, { content: 'a 12' }),
      chunk(1, { content: 'b 34' }),
      chunk(1, {}, 'stop'),
      chunk(0, { content: '3' }),
      chunk(0, {}, 'stop'),
    ]);
    expect(deltas(chunks, 1)).toEqual([{ content: 'b ' }, { content: '34' }, 'stop']);
    expect(deltas(chunks, 0)).toEqual([{ content: 'a ' }, { content: '123' }, 'stop']);
    expect(chunks.every(({ id, model }) => id === ENVELOPE.id && model === ENVELOPE.model)).toBe(true);
  });

  it('goes out with the last text where that comes with the finish_reason', () => {
    const { chunks } = maskChunks([chunk(0, { content: 'a 12' }), chunk(0, { content: '3' }, 'stop')]);
    expect(chunks.map(({ choices }) => choices[0])).toMatchObject([
      { delta: { content: 'a ' }, finish_reason: null },
      { delta: { content: '123' }, finish_reason: 'stop' },
    ]);
  });

  it('goes out before the sentinel where no finish_reason came', () => {
    const { bytes } = maskChunks([chunk(0, { content: 'a 12' })]);
    expect(decode(bytes).trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(deltas(parseEvents(bytes) as unknown as Chunk[])).toEqual([{ content: 'a ' }, { content: '12' }]);
  });

  it('is dropped when the provider breaks off or reports an error', () => {
    const stream = createStreamMasker(route, masker);
    const out = stream.push(encode(`data: ${JSON.stringify(chunk(0, { content: 'a 123-45-' }))}\n\n`));
    expect(parseEvents(out)).toHaveLength(1);
    expect(stream.push(encode(`data: {"error":{"message":"bad ${SSN}","code":"x"}}\n\n`))).toEqual(
      encode('data: {"error":{"message":"bad [US_SSN]","code":"x"}}\n\n'),
    );
    expect(stream.end()).toEqual(new Uint8Array());
    expect(stream).toMatchObject({ complete: true, facts: { failed: true } });
  });

  it('does not keep back what else a chunk says', () => {
    const first = chunk(0, { role: 'assistant', content: '123' });
    const { chunks } = maskChunks([first, chunk(0, { content: '-4' }), chunk(0, {}, 'stop')]);
    expect(deltas(chunks)).toEqual([{ role: 'assistant', content: '' }, { content: '123-4' }, 'stop']);
  });

  it('does not keep back usage', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    const { chunks, stream } = maskChunks([{ ...chunk(0, { content: '123' }), usage }, chunk(0, {}, 'stop')]);
    expect(chunks.map((said) => said.usage)).toEqual([usage, null, null]);
    expect(stream.facts.usage).toEqual({ inputTokens: 1, cachedInputTokens: 0, outputTokens: 2 });
  });

  it('is kept where its text goes on in the chunk in which another begins', () => {
    const both = chunk(0, { content: '45-6789 ', reasoning_content: 'x' });
    const { chunks } = maskChunks([chunk(0, { content: 'a 123-' }), both, chunk(0, {}, 'stop')]);
    expect(deltas(chunks)).toEqual([
      { content: 'a ' },
      { content: '[US_SSN] ', reasoning_content: 'x' },
      'stop',
    ]);
  });

  it('goes out before a tool call begins', () => {
    const call = {
      index: 0,
      id: 'call_0123456789abcdef',
      type: 'function',
      function: { name: 'f', arguments: '' },
    };
    const { chunks } = maskChunks([chunk(0, { content: 'a 12' }), chunk(0, { tool_calls: [call] })]);
    expect(deltas(chunks)).toEqual([{ content: 'a ' }, { content: '12' }, { tool_calls: [call] }]);
  });
});

describe('other members of a delta', () => {
  it.each([
    ['function_call', (text: string) => ({ function_call: { arguments: text } })],
    ['audio.transcript', (text: string) => ({ audio: { transcript: text } })],
    ['reasoning_content', (text: string) => ({ reasoning_content: text })],
    ['an unknown list', (text: string) => ({ notes: [{ index: 3, note: { text } }] })],
  ])('%s is a text', (_name, say) => {
    const chunks = tokens(`x ${SSN} 12`).map((text) => chunk(0, say(text)));
    const masks = maskChunks([...chunks, chunk(0, {}, 'stop')]);
    const strings: string[] = [];
    const collect = (_key: string, value: unknown) => {
      if (typeof value === 'string') strings.push(value);
      return value;
    };
    for (const { choices } of masks.chunks) JSON.stringify(choices[0]?.delta, collect);
    expect(strings.join('')).toBe('x [US_SSN] 12');
  });

  it('audio data is left alone', () => {
    const data = 'UklGRiQA'.repeat(20);
    const sent = chunk(0, { audio: { data } });
    delete sent['obfuscation'];
    const bytes = formatChunks([sent]);
    expect(maskBytes(bytes).bytes.equals(bytes)).toBe(true);
  });
});

describe('a chunk without a known shape', () => {
  it('is masked in every string and key', () => {
    const choice = { index: 0, delta: { [SSN]: SSN, n: [SSN] }, [SSN]: { a: SSN }, finish_reason: 'stop' };
    const { bytes } = maskChunks([{ ...ENVELOPE, [SSN]: [SSN], choices: [choice] }]);
    expect(decode(bytes)).not.toContain(SSN);
    expect(decode(bytes).split('[US_SSN]')).toHaveLength(8);
  });

  it('is refused when its choices are no objects', () => {
    expect(() => maskChunks([{ ...ENVELOPE, choices: [SSN] }])).toThrow(ResponseError);
  });

  it('is refused when it holds more texts than any answer has', () => {
    const holding = (count: number) => [
      {
        ...ENVELOPE,
        choices: [{ index: 0, delta: { x: Array.from({ length: count }, (_, i) => `a${i}`) } }],
      },
    ];
    expect(maskChunks(holding(10_000)).chunks).not.toHaveLength(0);
    expect(() => maskChunks(holding(10_001))).toThrow(ResponseError);
    expect(() => maskChunks(holding(200_000))).toThrow(ResponseError);
  });
});
