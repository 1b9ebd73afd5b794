import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { type Env, startEnv } from '../../env/env.ts';
import { type Mock, mockProvider } from '../../env/mock.ts';
import { ANSWER, MASKED_ANSWER } from '../../env/filing-agent.ts';

let env: Env;
let mock: Mock;
beforeAll(async () => {
  env = await startEnv({ dataPlane: { holdHeaders: 0, holdComments: 20 } });
  mock = await mockProvider(env.provider);
});
afterAll(async () => {
  await mock.close();
  await env.close();
});

test('try', async () => {
  mock.fixtures.on({ userMessage: /.*/s }, { content: ANSWER }, { chunkSize: 3 });
  const token = await env.stack.token({ user: 'clinician' });
  const client = env.openai().withOptions({ apiKey: token });
  const ws = new ResponsesWS(client);
  const events: unknown[] = [];
  ws.on('error', (error) => events.push(error));
  ws.send({ type: 'response.create', model: 'gpt-test', input: 'hello' });
  for await (const event of ws.stream()) {
    console.log(event.type, JSON.stringify(event.type === 'message' ? event.message : event));
    if (event.type === 'message' && event.message.type === 'response.completed') break;
    if (event.type === 'close' || event.type==='error') break;
  }
  ws.close();
});
