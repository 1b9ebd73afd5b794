import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { readSchemaKeys } from '#core/provider/openai/request/schema-keys.ts';

const schema = (key: string, inner: object = { type: 'string' }) => ({
  type: 'object',
  properties: { [key]: inner },
});

test.each([
  ['tools of Responses', { tools: [{ type: 'function', parameters: schema('labs_2024') }] }],
  ['tools of chats', { tools: [{ type: 'function', function: { parameters: schema('labs_2024') } }] }],
  ['tools of a namespace', { tools: [{ type: 'namespace', tools: [{ parameters: schema('labs_2024') }] }] }],
  [
    'tools among the input',
    { input: [{ type: 'additional_tools', tools: [{ parameters: schema('labs_2024') }] }] },
  ],
  ['legacy functions', { functions: [{ parameters: schema('labs_2024') }] }],
  ['the format of a chat', { response_format: { json_schema: { schema: schema('labs_2024') } } }],
  ['the format of a response', { text: { format: { type: 'json_schema', schema: schema('labs_2024') } } }],
  ['lists and definitions', { tools: [{ parameters: { $defs: { a: { items: schema('labs_2024') } } } }] }],
])('the keys of %s are known', (_what, request) => {
  expect([...readSchemaKeys(request)]).toEqual(['labs_2024']);
});

test('within other keys as well, and of nothing else', () => {
  const parameters = schema('visit', schema('labs_2024'));
  const messages = [{ role: 'user', content: [schema('maria')] }];
  const request = { tools: [{ parameters }], messages, input: [schema('maria')], metadata: schema('maria') };
  expect([...readSchemaKeys(request)]).toEqual(['visit', 'labs_2024']);
});

const masker = createMasker(createDetector(), MASK_ALL, undefined, new Set(['labs_2024', 'é"x']));

test.each([
  ['stays', '{"labs_2024":"MRN 482913"}', '{"labs_2024":"MRN [MRN]"}'],
  [
    'stays as it is written',
    '{"labs_20\\u00324":{"\\u00e9\\"x":1}}',
    '{"labs_20\\u00324":{"\\u00e9\\"x":1}}',
  ],
  ['stays in JSON within JSON', '{"a":"{\\"labs_2024\\":1}"}', '{"a":"{\\"labs_2024\\":1}"}'],
  ['is another with more behind', '{"labs_2024_482913":1}', '{"labs_[UNIQUE_ID]":1}'],
  ['is masked where it is none of them', '{"labs_2023":1}', '{"labs_[UNIQUE_ID]":1}'],
  ['is no value', '{"a":"labs_2024"}', '{"a":"labs_[UNIQUE_ID]"}'],
  ['is none where no JSON goes on', '{"labs_2024 of Maria Okafor', '{"labs_[UNIQUE_ID] of [PERSON]'],
])('a key of a schema %s, whole and in pieces', (_what, json, masked) => {
  expect(masker.maskJson(json).text).toBe(masked);
  const stream = masker.jsonStream();
  expect([...json].map((piece) => stream.push(piece)).join('') + stream.end()).toBe(masked);
});
