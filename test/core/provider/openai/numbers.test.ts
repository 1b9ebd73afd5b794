import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { FileMasker } from '#core/provider/openai/content/mask.ts';
import { isMeasure } from '#core/provider/openai/numbers.ts';
import { createMessageMasker } from '#core/provider/openai/stream/messages.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { SSN } from './fixtures/responses.ts';
import { createTestMasker } from './masker.ts';

const chat = findRoute('POST', '/v1/chat/completions') as Route;
const embeddings = findRoute('POST', '/v1/embeddings') as Route;
const masker = createTestMasker();
const encode = (text: string) => new TextEncoder().encode(text);
const ids = (text: string) => [...encode(text)];

function mask(value: unknown, route = chat): unknown {
  const { body } = maskResponse(route, encode(JSON.stringify(value)), masker);
  return JSON.parse(new TextDecoder().decode(body));
}

function maskEvents(events: readonly object[], route = chat): string {
  const stream = createStreamMasker(route, masker);
  const wire = [...events.map((event) => JSON.stringify(event)), '[DONE]'].map((data) => `data: ${data}\n\n`);
  return new TextDecoder().decode(stream.push(encode(wire.join(''))));
}

describe('an answer that says its text as numbers', () => {
  it('loses the tokens, bytes and states that servers name so', () => {
    const choice = {
      index: 0,
      message: { role: 'assistant', content: SSN },
      token_ids: ids(SSN),
      meta_info: { output_token_logprobs: [[-0.1, 50, null]], hidden_states: [[0.5]] },
      __verbose: { tokens: [50], completion_probabilities: [{ id: 50, token: '2', bytes: [50] }] },
    };
    expect(mask({ prompt_token_ids: [104], prompt_logprobs: [null], choices: [choice] })).toEqual({
      prompt_token_ids: [],
      prompt_logprobs: [],
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: '[US_SSN]' },
          token_ids: [],
          meta_info: { output_token_logprobs: [], hidden_states: [] },
          __verbose: { tokens: [], completion_probabilities: [] },
        },
      ],
    });
  });

  it.each([
    ['lists', { x: ids(SSN) }, { x: [] }],
    [
      'in maps that the API has texts in',
      { metadata: { a: [83, '83', 'x'], b: 83 }, attributes: { a: 83, b: [83] }, parameters: { enum: [83] } },
      { metadata: { a: ['x'], b: null }, attributes: { a: 83, b: [] }, parameters: { enum: [83] } },
    ],
    [
      'in lists where it has one text',
      { content: ['83', '84'], queries: ['83', '84'] },
      { content: [], queries: ['83', '84'] },
    ],
    ['short ones', { x: [83] }, { x: [] }],
    ['with nulls', { x: [83, null] }, { x: [null] }],
    ['with fractions', { x: [83.5, 84] }, { x: [] }],
    ['with texts that are numbers', { x: ['83', 84, ' 0x53', 'U+0053', 'eight'] }, { x: ['eight'] }],
    ['lists of lists', { x: [[83], [84]] }, { x: [[], []] }],
    [
      'objects',
      { x: [{ id: 83 }], y: { c: 83, code: 83 } },
      { x: [{ id: null }], y: { c: null, code: null } },
    ],
    [
      'numbers by themselves',
      { x: 83, token_id: 83, stop_reason: 83 },
      { x: null, token_id: null, stop_reason: null },
    ],
    ['vectors of what has none', { choices: [{ embedding: [83] }] }, { choices: [{ embedding: [] }] }],
    [
      'and what stands for such',
      { embedding: { a: 83 }, data: [{ embedding: 'U1NO'.repeat(20) }] },
      { embedding: null, data: [{ embedding: null }] },
    ],
  ])('loses numbers that the API does not have: %s', (_, answer, expected) => {
    expect(mask(answer)).toEqual(expected);
  });

  it('loses them piece by piece in a stream', () => {
    const spelled = (content: string) => ({
      token_ids: ids(content),
      x: ids(content),
      y: content.charCodeAt(0),
      delta: { content, tokens: ids(content), x: ids(content), y: content.charCodeAt(0), z: ['53'] },
    });
    const out = maskEvents([...SSN].map((content) => ({ choices: [{ index: 0, ...spelled(content) }] })));
    expect(out).toContain('[US_SSN]');
    expect(out).not.toMatch(/\[\d|"[xyz]":\[?"?\d/);
  });

  it('loses them in events of other streams, and of sessions', () => {
    const events = [83, 84].map((x) => ({ type: 'response.new', x, y: [x], delta: x, item: { z: [x] } }));
    const messages = createMessageMasker('realtime', masker);
    const out = [
      maskEvents(events, findRoute('POST', '/v1/responses') as Route),
      ...events.flatMap((event) => messages.push(JSON.stringify(event))),
    ];
    expect(out.join('')).not.toMatch(/8[34]/);
  });

  it('keeps vectors, of whole numbers too', () => {
    const vectors = [
      [0.5, 1, -2, 0.25, 4821337, 6, 7, 8],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ];
    const data = vectors.map((embedding, index) => ({ object: 'embedding', index, embedding }));
    const several = { object: 'list', data: [...data, { index: 2, embeddings: vectors }] };
    expect(mask(several, embeddings)).toEqual(several);
    const line = `${JSON.stringify({ custom_id: 'a', response: { status_code: 200, body: { data } } })}\n`;
    expect([...new FileMasker(masker).mask(line)].join('')).toBe(line);
  });
});

describe('numbers that count or measure stay', () => {
  it('in what compatible servers answer', () => {
    const answer = {
      created: 1700000000,
      choices: [
        {
          index: 0,
          seed: 123456789,
          content_filter_results: { hate: { filtered: false, severity: 'safe' } },
        },
      ],
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: {} }],
      content_filter_offsets: { check_offset: 44, start_offset: 44, end_offset: 198 },
      usage: {
        ...{
          prompt_tokens: 5,
          completion_tokens: 7,
          total_tokens: 12,
          prompt_cache_hit_tokens: 3,
          cost: 0.00014,
        },
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 5, accepted_prediction_tokens: 0 },
        cost_details: { upstream_inference_cost: 0.1 },
        ...{ queue_time: 0.01, prompt_time: 0.002, num_sources_used: 2, native_tokens_prompt: 5 },
      },
      timings: {
        ...{ cache_n: 0, prompt_n: 12, prompt_ms: 30.9, prompt_per_token_ms: 2.5, prompt_per_second: 387.2 },
        ...{ predicted_n: 35, predicted_ms: 661.06, draft_n: 2, draft_n_accepted: 1 },
      },
      prompt_progress: { total: 9, cache: 2, processed: 4, time_ms: 12 },
      ...{
        id_slot: 0,
        tokens_predicted: 35,
        total_duration: 5043500667,
        eval_count: 113,
        _response_ms: 12.5,
      },
      time_info: { queue_time: 0.1, total_time: 0.2, created: 1700000000.5 },
      'amazon-bedrock-invocationMetrics': { inputTokenCount: 9, firstByteLatency: 12 },
      context: { citations: [{ rerank_score: 2.3, data_source_index: 0 }] },
      meta: { n_vocab: 128256, n_params: 8030261312, size: 4912898304 },
      error: { code: 400, status: 404 },
    };
    expect(mask(answer)).toEqual(answer);
  });

  it('in what the API has beside answers', () => {
    const answer = {
      results: [{ category_scores: { hate: 0.01, 'hate/threatening': 0.001 } }],
      file_counts: { in_progress: 0, completed: 1, failed: 0, cancelled: 0, total: 1 },
      errors: { data: [{ line: 4 }] },
      output: [{ action: { x: 10, y: 20, scroll_y: -5, path: [{ x: 83, y: 84 }] } }],
      tools: [
        { type: 'file_search', filters: { filters: [{ key: 'year', type: 'in', value: [2024, 2025] }] } },
      ],
    };
    expect(mask(answer)).toEqual(answer);
    const segment = {
      id: 0,
      seek: 0,
      start: 0.5,
      end: 1.5,
      text: 'hi',
      tokens: [50364, 2425],
      speaker_id: 1,
    };
    const transcript = { text: 'hi', segments: [segment], words: [{ word: 'hi', start: 0.5, end: 1.5 }] };
    expect(mask(transcript, findRoute('POST', '/v1/audio/transcriptions'))).toEqual(transcript);
    const model = { id: 'm', object: 'model', architecture: { experts: 8 }, pricing: { base: 0.1 } };
    expect(mask({ object: 'list', data: [model] }, findRoute('GET', '/v1/models'))).toEqual({
      object: 'list',
      data: [model],
    });
  });

  // Of one place alone, above; and of requests, of which answers say none again, and of programs.
  const ELSEWHERE = new Set(
    (
      'cancelled completed failed in_progress end start seek id line x y scroll_x scroll_y value hate harassment illicit sexual ' +
      'violence code status status_code progress n best_of input prompt embedding tokens bytes logprobs token_logprobs text_offset close starting_after ' +
      'output_compression initialDelay maxConcurrency maxDelay maxQueueSize maxRetries maxWait pollInterval pollIntervalMs'
    ).split(' '),
  );
  it('by all names that the SDK has for them', () => {
    const files = globSync(
      'node_modules/openai/resources/{*,chat/**/*,responses/**/*,realtime/**/*,audio/**/*,vector-stores/**/*,containers/**/*,uploads/**/*}.d.ts',
    );
    const names = files.flatMap((file) =>
      Array.from(
        readFileSync(file, 'utf8').matchAll(/^\s+(\w+)\??: [^;{]*\bnumber\b[^;{]*;/gm),
        ([, name = '']) => name,
      ),
    );
    expect(new Set(names).size).toBeGreaterThan(80);
    expect([...new Set(names)].filter((name) => !ELSEWHERE.has(name) && !isMeasure(name, 1, name))).toEqual(
      [],
    );
  });
});
