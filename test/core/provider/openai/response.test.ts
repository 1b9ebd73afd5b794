import { describe, expect, it } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { maskResponse, ResponseError } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { processorMs } from '../../../env/processor-time.ts';
import { SSN } from './fixtures/responses.ts';
import { createTestMasker } from './masker.ts';

const route = findRoute('POST', '/v1/responses') as Route;
const models = findRoute('GET', '/v1/models') as Route;
const masker = createTestMasker();
const encode = (text: string) => new TextEncoder().encode(text);
const mask = (body: string, on = route) => {
  const answer = maskResponse(on, encode(body), masker);
  return { ...answer, body: new TextDecoder().decode(answer.body) };
};

describe('maskResponse', () => {
  it('leaves a body without findings as it came', () => {
    const body = '{ "id": "resp_0123456789abcdef",\n "temperature": 1.0, "seed": 12345678901234567890 }';
    expect(mask(body)).toEqual({
      body,
      counts: {},
      facts: expect.objectContaining({
        responseId: 'resp_0123456789abcdef',
        callIds: [],
        usage: undefined,
        failed: false,
      }),
    });
  });

  it('leaves the list of models as it came, whatever their names look like', () => {
    const detecting = createMasker(createDetector(), { default: 'placeholder', entities: {} });
    const ids = ['gpt-4o-2024-08-06', 'claude-3-5-sonnet-20241022', 'gpt-4-0613', 'ft:gpt-4o:acme::Abc123'];
    const listOf = (names: readonly string[]) => ({
      object: 'list',
      data: names.map((id) => ({ id, object: 'model', created: 1, owned_by: 'system', root: id })),
      first_id: names[0],
    });
    const body = JSON.stringify(listOf(ids));
    const masked = maskResponse(models, encode(body), detecting);
    expect(new TextDecoder().decode(masked.body)).toBe(body);
    const none = mask(JSON.stringify(listOf([SSN])), models);
    expect(none.body).toBe(JSON.stringify(listOf(['[US_SSN]'])));
  });

  it('masks an error that quotes the prompt', () => {
    const body = `{"error":{"message":"Invalid value: '${SSN}'","type":"invalid_request_error","param":"input","code":null}}`;
    expect(mask(body)).toEqual({
      body: body.replace(SSN, '[US_SSN]'),
      counts: { US_SSN: 1 },
      facts: expect.objectContaining({ responseId: undefined, callIds: [], usage: undefined, failed: true }),
    });
  });

  it('reports a failed response', () => {
    expect(
      mask('{"id":"resp_0123456789abcdef","status":"failed","error":{"message":"x"}}').facts.failed,
    ).toBe(true);
  });

  it('masks ids and words of the API that are none', () => {
    const body = JSON.stringify({
      id: SSN,
      type: `SSN ${SSN}`,
      role: SSN,
      encrypted_content: `x ${SSN}`,
      result: SSN,
    });
    expect(mask(body).body).not.toContain(SSN);
  });

  it('masks maps of the caller with their keys, and what stands in JSON in a string', () => {
    const inner = JSON.stringify({ a: '\u0031\u0032\u0033-45-6789' }).replace('123', '\\u0031\\u0032\\u0033');
    const body = JSON.stringify({
      metadata: { [SSN]: true, note: SSN },
      output: [{ type: 'x', output: inner }],
    });
    expect(JSON.parse(mask(body).body)).toEqual({
      metadata: { '[US_SSN]': true, note: '[US_SSN]' },
      output: [{ type: 'x', output: '{"a":"[US_SSN]"}' }],
    });
  });

  it('keeps apart keys that become the same', () => {
    expect(
      JSON.parse(mask(`{"x":{"${SSN}":"1","a ${SSN}":"2","${SSN.replace('1', '9')}":"3"}}`).body),
    ).toEqual({
      x: { '[US_SSN]': '1', 'a [US_SSN]': '2', '[US_SSN]_2': '3' },
    });
  });

  it('tells thousands of keys apart that become the same, without trying every number for each', () => {
    const keys = Array.from({ length: 8_900 }, (_, number) => `"078-05-${1001 + number}":true`);
    let body = '';
    const run = () => {
      body = mask(`{${keys.join(',')}}`).body;
    };
    expect(processorMs(run)).toBeLessThan(3_000);
    const answer = JSON.parse(body);
    expect(Object.keys(answer)).toHaveLength(keys.length);
    expect(answer[`[US_SSN]_${keys.length}`]).toBe(true);
  });

  it('moves the offsets of citations, to the edge of what was masked where they point into it', () => {
    const annotation = (start: number, end: number) => ({
      url_citation: { start_index: start, end_index: end },
    });
    const content = `a ${SSN} [1] b`;
    const at = content.indexOf('[1]');
    const message = { content, annotations: [annotation(at, at + 3), annotation(0, 1), annotation(5, 8)] };
    const answer = JSON.parse(mask(JSON.stringify({ choices: [{ index: 0, message }] })).body);
    const { content: text, annotations } = answer.choices[0].message;
    const cited = annotations.map(({ url_citation: at }: ReturnType<typeof annotation>) =>
      text.slice(at.start_index, at.end_index),
    );
    expect(cited).toEqual(['[1]', 'a', '[US_SSN]']);
  });

  it.each([
    [
      'parts, with others between them',
      [
        { text: `an SSN: ${SSN.slice(0, 7)}` },
        { reference_id: 1 },
        { text: SSN.slice(7) },
        { text: ' it is' },
      ],
      [{ text: 'an SSN: [US_SSN]' }, { reference_id: null }, { text: '' }, { text: ' it is' }],
    ],
    ['strings', [`an SSN: ${SSN.slice(0, 2)}`, `${SSN.slice(2)} it is`], ['an SSN: [US_SSN]', ' it is']],
    ['one text', [`an SSN: ${SSN}`], ['an SSN: [US_SSN]']],
  ])(
    'masks the content of a chat in parts as one text, as a stream of it is: %s',
    (_what, content, masked) => {
      const chat = findRoute('POST', '/v1/chat/completions') as Route;
      const answer = mask(JSON.stringify({ choices: [{ index: 0, message: { content } }] }), chat);
      expect(JSON.parse(answer.body)).toEqual({ choices: [{ index: 0, message: { content: masked } }] });
      expect(answer.counts).toEqual({ US_SSN: 1 });
    },
  );

  it.each([
    ['not JSON', encode('<html>')],
    ['empty', encode('')],
    ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['a key twice', encode(`{"a":"${SSN}","a":1}`)],
    ['too deep', encode(`${'['.repeat(1000)}${']'.repeat(1000)}`)],
  ])('refuses a body that is %s', (_what, body) => {
    expect(() => maskResponse(route, body, masker)).toThrow(ResponseError);
  });
});
