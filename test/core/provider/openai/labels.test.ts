import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { FileMasker } from '#core/provider/openai/content/mask.ts';
import { readTexts } from '#core/provider/openai/request/read-texts.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { formatNamed, parseEvents } from './fixtures/sse.ts';

const route = findRoute('POST', '/v1/responses') as Route;
const masker = createMasker(createDetector(), { default: 'placeholder', entities: {} });

function mask(answer: object): unknown {
  const body = new TextEncoder().encode(JSON.stringify(answer));
  return JSON.parse(new TextDecoder().decode(maskResponse(route, body, masker).body));
}

describe('a member that the API does not have is masked by its key', () => {
  test('in an answer, texts and numbers', () => {
    const record = { type: 'record', mrn: '482913', patient: { mrn: 482913, member_id: 'W12345678' } };
    expect(mask({ output: [record] })).toEqual({
      output: [{ type: 'record', mrn: '[MRN]', patient: { mrn: '[MRN]', member_id: '[HEALTH_PLAN_ID]' } }],
    });
  });

  test('in a list of numbers, as each of them alone', () => {
    expect(mask({ output: { mrn: 4821337, mrns: [4821337, 4821338] } })).toEqual({
      output: { mrn: '[MRN]', mrns: ['[MRN]', '[MRN]'] },
    });
  });

  test('in the comparisons of a filter, which say beside a value what it is', () => {
    const compare = (key: string, value: unknown) => ({ type: 'eq', key, value });
    const filters = (...mrns: unknown[]) => ({
      type: 'and',
      filters: [
        compare('mrn', mrns[0]),
        compare('mrn', mrns[1]),
        compare('year', 2024),
        compare('mrn', mrns[2]),
      ],
    });
    const tools = (one: object) => ({ tools: [{ type: 'file_search', filters: one }] });
    expect(mask(tools(filters(482913, '482914', [482915, '482916'])))).toEqual(
      tools(filters('[MRN]', '[MRN]', ['[MRN]', '[MRN]'])),
    );
  });

  test('in the keys that are pressed one by one', () => {
    const action = (keys: string[]) => ({
      output: [{ type: 'computer_call', action: { type: 'keypress', keys } }],
    });
    expect(mask(action([...'078-05-1120']))).toEqual(action([]));
    expect(mask(action(['CTRL', 'SHIFT', 'L']))).toEqual(action(['CTRL', 'SHIFT', 'L']));
  });

  test('in an event', () => {
    const stream = createStreamMasker(route, masker);
    const out = stream.push(formatNamed([{ type: 'response.record.found', mrn: '482913' }]));
    expect(parseEvents(out)).toEqual([{ type: 'response.record.found', mrn: '[MRN]' }]);
    expect(stream.counts).toEqual({ MRN: 1 });
  });

  test('in the line of a batch', () => {
    const line = '{"custom_id":"a","body":{"mrn":"482913"}}';
    expect([...new FileMasker(masker).mask(line)].join('')).toBe(line.replace('482913', '[MRN]'));
  });

  test('in a request', () => {
    const texts = readTexts({ input: [{ type: 'message', mrn: '482913', note: 'well' }] });
    expect(texts).toEqual([
      { place: 'input[0]', text: 'mrn\nnote', json: '{"mrn":null,"note":null}' },
      { place: 'input[0].mrn', text: 'mrn: 482913', json: '{"mrn":"482913"}' },
      { place: 'input[0].note', text: 'well' },
    ]);
  });
});

test('what the API counts in, and its own words, stay', () => {
  const answer = {
    created_at: 1700000000,
    seed: 123456789,
    size: '1024x1536',
    usage: { input_tokens: 48291300, cost: 0.00482913 },
    output: [{ type: 'message', name: '482913', content: [{ type: 'output_text', text: '482913' }] }],
  };
  expect(mask(answer)).toEqual(answer);
});

test('in deltas too, however it is cut', () => {
  const chat = findRoute('POST', '/v1/chat/completions') as Route;
  const call = (mrn: string) => ({ index: 0, function: { name: 'find', arguments: { mrn } } });
  const deltas = [
    { tool_calls: [call('482913')] },
    { tool_calls: [{ index: 1, function: { arguments: { mrn: '48' } } }] },
    { tool_calls: [{ index: 1, function: { arguments: { mrn: '2914' } } }] },
    { patient: { mrn: '482915' } },
  ];
  const stream = createStreamMasker(chat, masker);
  const chunks = deltas.map((delta) => JSON.stringify({ choices: [{ index: 0, delta }] }));
  const out = stream.push(
    new TextEncoder().encode([...chunks, '[DONE]'].map((data) => `data: ${data}\n\n`).join('')),
  );
  expect(new TextDecoder().decode(out)).not.toMatch(/48|291/);
  expect(stream.counts).toEqual({ MRN: 3 });
});

test('what other servers have thoughts under is masked in an answer as it is in its deltas', () => {
  const chat = findRoute('POST', '/v1/chat/completions') as Route;
  // Behind a label it would be an identifier.
  const thought = '11111';
  for (const key of ['reasoning_content', 'reasoning', 'thinking']) {
    const body = JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', [key]: thought } }] });
    const whole = new TextDecoder().decode(maskResponse(chat, new TextEncoder().encode(body), masker).body);
    const stream = createStreamMasker(chat, masker);
    const delta = { index: 0, delta: { [key]: thought }, finish_reason: 'stop' };
    const out = new TextDecoder().decode(
      stream.push(new TextEncoder().encode(`data: ${JSON.stringify({ choices: [delta] })}\n\n`)),
    );
    expect(JSON.parse(whole).choices[0].message[key]).toBe(thought);
    expect(JSON.parse(out.slice('data: '.length)).choices[0].delta[key]).toBe(thought);
  }
});
