import { RealtimeAgent, RealtimeSession, tool } from '@openai/agents/realtime';
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { type Env, startEnv } from '../../env/env.ts';
import { type Mock, mockProvider } from '../../env/mock.ts';
import { connectTo, takeSockets } from '../../env/sockets.ts';

let env: Env;
let mock: Mock;
beforeAll(async () => {
  env = await startEnv({ dataPlane: { holdHeaders: 0, holdComments: 20, maxBody: 64 * 1024 } });
  mock = await mockProvider(env.provider);
});
afterAll(async () => {
  await mock.close();
  await env.close();
});

test('try', async () => {
  mock.fixtures.on({ userMessage: /.*/s }, { content: 'SSN 078-05-1120 is on file' }, { chunkSize: 3 });
  const caller = await connectTo(env, '/v1/realtime?model=gpt-realtime');
  console.log(JSON.stringify(await caller.next()));
  caller.send({ type: 'session.update', session: { type: 'realtime', instructions: 'be brief' } });
  console.log(JSON.stringify(await caller.next()));
  caller.send({
    type: 'conversation.item.create',
    item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] },
  });
  caller.send({ type: 'response.create' });
  for (const e of await caller.until('response.done')) console.log(JSON.stringify(e));
  caller.socket.close();
}, 30000);
