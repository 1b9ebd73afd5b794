// An application on the Agents SDK that exports its traces to Sworn: run as a program of its own, because the SDK does not
// trace within tests. Of what it is told by environment: BASE_URL, TOKEN, API, GROUP. It prints the exchanges that it had, one a line.
import { Agent, OpenAIProvider, Runner, tool, withTrace } from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';
import { traceToSworn } from '../../examples/tracing/sworn-tracing.ts';

const { BASE_URL = '', TOKEN = '', API, GROUP } = process.env;
const exchanges: string[] = [];
traceToSworn(BASE_URL, async () => TOKEN);
const client = new OpenAI({
  baseURL: BASE_URL,
  apiKey: async () => TOKEN,
  fetch: async (url, init) => {
    const response = await fetch(url, init);
    exchanges.push(response.headers.get('x-request-id') ?? '');
    return response;
  },
});

const weigh = tool({
  name: 'look_up_weight',
  description: 'Looks a weight up.',
  parameters: z.object({ patient: z.string() }),
  execute: ({ patient }) => `The weight of ${patient} is 70 kg.`,
});
const nurse = new Agent({
  name: 'Nurse',
  instructions: 'You are the nurse.',
  model: 'gpt-test',
  tools: [weigh],
});
const desk = new Agent({
  name: 'Desk',
  instructions: 'You are the desk.',
  model: 'gpt-test',
  handoffs: [nurse],
});
const clerk = new Agent({ name: 'Clerk', instructions: 'You are the clerk.', model: 'gpt-test' });

const runner = new Runner({
  modelProvider: new OpenAIProvider({ openAIClient: client, useResponses: API !== 'chat' }),
  workflowName: 'Round of Maria Beispiel',
  ...(GROUP === undefined ? {} : { groupId: GROUP }),
});
const traced = GROUP === undefined ? {} : { groupId: GROUP };
// Two runs that have nothing in common but the trace around them.
await withTrace(
  'Round of Maria Beispiel',
  async () => {
    await Promise.all([runner.run(desk, 'How heavy is she?'), runner.run(clerk, 'Write the bill.')]);
  },
  traced,
);
process.stdout.write(exchanges.join('\n'));
