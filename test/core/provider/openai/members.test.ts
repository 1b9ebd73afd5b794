import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { isKnownMember } from '#core/provider/openai/members.ts';
import { readTexts } from '#core/provider/openai/request/read-texts.ts';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { findTokenEdits } from '#core/provider/openai/request/tokenize.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { countFindings } from '../../../../data-plane/inspect/findings.ts';

const detector = createDetector();
const masker = createMasker(detector, MASK_ALL);
const chat = findRoute('POST', '/v1/chat/completions') as Route;
const encode = (text: string) => new TextEncoder().encode(text);

/** Names that nothing is found in otherwise: words with `_` between them. */
const NAME = 'Anna_Meier';
const REQUESTS = {
  'a schema of vLLM': { guided_json: { type: 'object', properties: { [NAME]: { type: 'string' } } } },
  'a schema of Ollama': { format: { properties: { [NAME]: {} } } },
  'a schema': {
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'x', schema: { properties: { [NAME]: {} } } },
    },
  },
  'a schema without a holder': { response_format: { type: 'json_object', [NAME]: true } },
  'settings of a template': { chat_template_kwargs: { [NAME]: false } },
  'a member of the request': { [NAME]: null },
  'a member of a message': { messages: [{ role: 'user', content: '', [NAME]: 1 }] },
  metadata: { metadata: { [NAME]: '' } },
};

test.each(Object.entries(REQUESTS))('the keys of a request are read: %s', async (_, request) => {
  const counts = await countFindings(detector, readTexts(request));
  expect(counts.filter((count) => count.PERSON === 1)).toHaveLength(1);
  expect(() => [...findTokenEdits(request, [], masker)]).toThrow(/has one in a key/);
});

test('so are numbers that are long, under keys that the API does not have', async () => {
  const request = {
    ...{
      seed: 123456789,
      max_tokens: 100_000,
      options: { num_ctx: 131_072 },
      thinking: { budget_tokens: 32_000 },
    },
    input: [{ type: 'message', content: 'well', mrn: 4821337, mrns: [4821338] }],
  };
  const texts = readTexts(request);
  const numbers = texts.filter(({ text }) => /\d/.test(text));
  expect(numbers.map(({ place, text }) => [place, text])).toEqual([
    ['input[0].mrn', 'mrn: 4821337'],
    ['input[0].mrns[0]', 'mrns: 4821338'],
  ]);
  expect(await countFindings(detector, numbers)).toEqual([{ MRN: 1 }, { MRN: 1 }]);
  const edits = [...findTokenEdits(request, [], masker)].filter((edit) => edit !== undefined);
  expect(edits.map(({ path, value }) => [path.join('.'), value])).toEqual([
    ['input.0.mrn', '[MRN]'],
    ['input.0.mrns.0', '[MRN]'],
  ]);
});

test('the keys of an answer are masked, whole and streamed', () => {
  const answer = JSON.stringify({ choices: [{ index: 0, delta: { [NAME]: 'x' }, [NAME]: true }] });
  const whole = maskResponse(chat, encode(answer), masker);
  const stream = createStreamMasker(chat, masker);
  const out = [whole.body, stream.push(encode(`data: ${answer}\n\n`))].map((bytes) =>
    new TextDecoder().decode(bytes),
  );
  for (const text of out) expect(text).not.toContain(NAME);
  expect(whole.counts).toEqual({ PERSON: 2 });
});

test.each(['input', 'prompt', 'input_ids', 'prompt_token_ids'])(
  'numbers of tokens in %s are refused',
  (name) => {
    const read = (body: object) =>
      readRequest(readTarget('POST', '/v1/completions') as Target, encode(JSON.stringify(body)));
    expect(() => read({ [name]: [83, 84] })).toThrow(/holds tokens/);
    expect(() => read({ [name]: [[83]] })).toThrow(/holds tokens/);
    expect(() => read({ stop_token_ids: [83] })).not.toThrow();
  },
);

test('the names that the API has are those of the SDK', () => {
  const served =
    '{batches,completions,embeddings,files,images,models,moderations,chat/**/*,responses/**/*,realtime/**/*,audio/**/*,vector-stores/**/*,containers/**/*,uploads/**/*,conversations/**/*}';
  const files = globSync(`node_modules/openai/resources/${served}.d.ts`);
  const names = files.flatMap((file) =>
    Array.from(readFileSync(file, 'utf8').matchAll(/^\s+'?([a-z_]\w*)'?\??:/gm), ([, name = '']) => name),
  );
  // Members of the SDK's own, in camel case, and what its streams tell.
  const own = new Set([
    'close',
    'raw',
    'before',
    'always',
    'never',
    'parsed',
    'parsed_arguments',
    'shutdown_date',
    'socket',
    'unsent',
    'reconnect',
    'reconnected',
    'reconnecting',
  ]);
  const missing = new Set(
    names.filter((name) => !/[A-Z]/.test(name) && !own.has(name) && !isKnownMember(name)),
  );
  expect(names.length).toBeGreaterThan(1_000);
  expect([...missing]).toEqual([]);
});
