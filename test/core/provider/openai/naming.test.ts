import { expect, test } from 'vitest';
import { learnNames, type Naming, renameId, UNNAMED } from '#core/provider/openai/answer/naming.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { isDrawnId } from '#core/provider/openai/request/request-names.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { SSN } from './fixtures/responses.ts';
import { formatChunks, parseEvents } from './fixtures/sse.ts';
import { createTestMasker } from './masker.ts';

const chat = findRoute('POST', '/v1/chat/completions') as Route;
const masker = createTestMasker();
const KEY = new Uint8Array(32).fill(7);

interface Message {
  readonly content?: string;
  readonly tool_calls: readonly { readonly id?: string; readonly function?: { readonly name?: string } }[];
}

/** Messages of an answer, as they come of it whole, and of each chunk of a stream that has it. */
function messagesOf(message: object, naming: Naming): Message[] {
  const body = new TextEncoder().encode(JSON.stringify({ choices: [{ index: 0, message }] }));
  const whole = maskResponse(chat, body, masker, undefined, naming).body;
  const stream = createStreamMasker(chat, masker, { naming });
  const chunks = stream.push(formatChunks([{ choices: [{ index: 0, delta: message }] }]));
  return [JSON.parse(new TextDecoder().decode(whole)), ...parseEvents(chunks).slice(0, 1)].map(
    ({ choices: [choice] }) => choice.message ?? choice.delta,
  );
}

test.each([
  ['one of the request', [`get_${SSN}`], `get_${SSN}`],
  ['none of it', ['get', `get_${SSN}_`], 'get_[US_SSN]'],
])('the name of a tool that is %s', (_what, tools, shown) => {
  const call = { index: 0, id: 'call_N1h1bCCzmPXgdGqqqqqq', function: { name: `get_${SSN}` } };
  const message = { name: SSN, tool_calls: [call] };
  for (const { tool_calls: calls, ...rest } of messagesOf(message, { ...UNNAMED, tools: new Set(tools) })) {
    expect(calls[0]?.function?.name).toBe(shown);
    expect(rest).toMatchObject({ name: '[US_SSN]' });
  }
});

test('of what an answer says it was asked with, names are learnt where the request does not have all of them', () => {
  const names = (learns: boolean) => {
    const naming = { tools: new Set(['own']), schemaKeys: new Set<string>(), learns };
    const parameters = { properties: { labs_2024: {}, 'labs of Maria': {} } };
    const format = { schema: { properties: { visits_2024: {} } } };
    learnNames(naming, {
      tools: [{ type: 'function', name: SSN, parameters }, { name: `SSN ${SSN}` }],
      text: { format },
    });
    for (const other of [undefined, null, 'tools', { tools: 'tools', text: 1 }]) learnNames(naming, other);
    return [[...naming.tools], [...naming.schemaKeys]];
  };
  expect(names(true)).toEqual([
    ['own', SSN],
    ['labs_2024', 'visits_2024'],
  ]);
  expect(names(false)).toEqual([['own'], []]);
});

test('calls of tools have ids of their own, where something is masked in those, and the same in every answer', () => {
  const ids = ['078-05-1120', '078-05-1121', '078-05-1120', 'N1h1bCCzmPXgdGqqqqqq'].map((id) => `call_${id}`);
  const message = { tool_calls: ids.map((id, index) => ({ index, id, function: { name: 'f' } })) };
  for (const { tool_calls: calls } of messagesOf(message, { ...UNNAMED, key: KEY })) {
    const [one, another, again, plain] = calls.map(({ id }) => id);
    expect([one, another]).toEqual([
      expect.stringMatching(/^call_[a-z]{16}$/),
      expect.stringMatching(/^call_[a-z]{16}$/),
    ]);
    expect(another).not.toBe(one);
    expect(again).toBe(one);
    expect(plain).toBe(ids[3]);
    expect(one).toBe(renameId('call_078-05-1120', KEY));
  }
});

test.each([
  ['call_78250904', /^call_[b-v]{16}$/],
  ['D681PevKs', /^[b-v]{9}$/],
  ['maria_78250904', /^id_[b-v]{16}$/],
  ['function-call-5646448719196717325', /^id_[b-v]{16}$/],
])('of %s a server takes back what stands for it, and nothing is found in that', (id, form) => {
  const name = renameId(id, KEY);
  expect(name).toMatch(form);
  expect(renameId(id, new Uint8Array(32))).not.toBe(name);
  if (name.length > id.length) expect(isDrawnId(name)).toBe(true);
});
