import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendEvents, wholeResponse } from '../env/answers.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { sendJson } from '../env/provider.ts';
import { connectTo, takeSockets } from '../env/sockets.ts';

// A name and a key that are masked elsewhere.
const CALL = {
  type: 'function_call',
  call_id: 'call_1',
  name: 'ask_maria',
  arguments: '{"labs_2024":"all"}',
};
const MASKED = { name: 'ask_[PERSON]', arguments: '{"labs_[UNIQUE_ID]":"all"}' };
const TOOL = {
  type: 'function',
  name: 'ask_maria',
  parameters: { type: 'object', properties: { labs_2024: { type: 'string' } } },
};
/** What the provider keeps under this id has the tool, of which no request says a word. */
const PROMPT = { model: 'gpt-test', prompt: { id: 'pmpt_0123456789abcdef' } };

const answer = (tools: readonly object[]) => ({ ...wholeResponse(''), tools, output: [CALL] });
const events = (tools: readonly object[]) => [
  { type: 'response.created', response: { ...answer(tools), output: [] } },
  { type: 'response.output_item.done', output_index: 0, item: CALL },
  { type: 'response.completed', response: answer(tools) },
];

const READING = `
apiVersion: sworn/v1
kind: Policy
name: reading
spec:
  groups: [clinicians]
  routes: [responses.retrieve, responses.cancel]
  rules: [{ name: ordinary, allow: {} }]
`;

let env: Env;
beforeAll(async () => {
  env = await startEnv({ policies: [TEST_POLICY, READING] });
  env.provider.behave(({ body }, response) => {
    const asked = body === '' ? {} : JSON.parse(body);
    const tools = asked.input === 'without tools' ? [] : [TOOL];
    if (asked.stream !== true) sendJson(response, 200, answer(tools));
    else
      sendEvents(
        response,
        events(tools).map((event) => `data: ${JSON.stringify(event)}\n\n`),
      );
  });
  takeSockets(env.provider, (end) => {
    end.socket.on('message', () => {
      for (const event of events([TOOL])) end.send(event);
    });
  });
});
afterAll(() => env.close());

test('a tool of a stored prompt is called by its name and with its keys, whole, streamed and over WebSocket', async () => {
  const whole = await env.openai().responses.create(PROMPT);
  expect(whole).toMatchObject({ output: [CALL], tools: [TOOL] });
  for await (const event of await env.openai().responses.create({ ...PROMPT, stream: true })) {
    if (event.type === 'response.output_item.done') expect(event.item).toEqual(CALL);
    if (event.type === 'response.completed')
      expect(event.response).toMatchObject({ output: [CALL], tools: [TOOL] });
  }
  const caller = await connectTo(env, '/responses');
  caller.send({ type: 'response.create', ...PROMPT });
  expect((await caller.until('response.completed')).at(-1)).toMatchObject({ response: { output: [CALL] } });
  caller.socket.terminate();
});

test('a tool of an answer that is read again is called so too', async () => {
  expect(await env.openai().responses.retrieve('resp_0123456789abcdef')).toMatchObject({ output: [CALL] });
  expect(await env.openai().responses.cancel('resp_0123456789abcdef')).toMatchObject({ output: [CALL] });
});

test('what is the name of no tool is masked, and so it is where the request brings its tools', async () => {
  const none = await env.openai().responses.create({ ...PROMPT, input: 'without tools' });
  expect(none.output).toMatchObject([MASKED]);
  const own = await env.openai().responses.create({ model: 'gpt-test', input: 'x' });
  expect(own.output).toMatchObject([MASKED]);
});
