import { Agent, type RunStreamEvent, tool } from '@openai/agents';
import { z } from 'zod';
import type { Application } from './application.ts';
import type { Mock } from './mock.ts';

// Invented data: no real person's.
export const NOTE = 'Patient: Maria Beispiel\nSSN: 078-05-1120, "call" (555) 010-4477';
export const MASKED_NOTE = 'Patient: [PERSON]\nSSN: [US_SSN], "call" [PHONE_NUMBER]';
export const ANSWER = 'Filed for Patient: Maria Beispiel, MRN 00482913, SSN 078-05-1120.';
export const MASKED_ANSWER = 'Filed for Patient: [PERSON], MRN [MRN], SSN [US_SSN].';
// A digit of the number is written as an escape: whoever looks at the JSON text alone does not see the number.
export const FILE_ARGUMENTS = JSON.stringify({ note: NOTE }).replace('078-05', '0\\u00378-05');
export const SECRETS = /Beispiel|078-05|0\\u00378|00482913|010-4477/;

/** An agent that files notes with a tool of its own, and the notes that the tool got. */
export function filingAgent() {
  const filed: string[] = [];
  const fileNote = tool({
    name: 'file_note',
    description: 'Files a note.',
    parameters: z.object({ note: z.string() }),
    execute: ({ note }) => {
      filed.push(note);
      return `filed as number ${filed.length}`;
    },
  });
  const agent = new Agent({
    name: 'Clerk',
    instructions: 'File what you are told.',
    model: 'gpt-test',
    tools: [fileNote],
  });
  return { agent, filed };
}

/** The model calls the tool, and answers when it has the result. */
export function scriptFiling(mock: Mock, chunkSize = 4, calls: readonly string[] = [FILE_ARGUMENTS]): void {
  const toolCalls = calls.map((args) => ({ name: 'file_note', arguments: args }));
  mock.fixtures.on({ toolResultContains: 'filed as number' }, { content: ANSWER }, { chunkSize });
  mock.fixtures.on({ userMessage: /.*/s }, { toolCalls }, { chunkSize });
}

/** Runs an agent to its end; the events are those of a streamed run. */
export async function runThrough(
  app: Application,
  agent: Agent,
  stream: boolean,
  input = 'File the note of the visit.',
) {
  const events: RunStreamEvent[] = [];
  if (!stream) {
    const { finalOutput, lastResponseId } = await app.runner.run(agent, input);
    return { finalOutput, lastResponseId, events };
  }
  const result = await app.runner.run(agent, input, { stream: true });
  for await (const event of result) events.push(event);
  await result.completed;
  return { finalOutput: result.finalOutput, lastResponseId: result.lastResponseId, events };
}

/** The provider's own events, as they reached the application. */
export function rawEvents(events: readonly RunStreamEvent[]): { type: string; [key: string]: unknown }[] {
  return events.flatMap((event) =>
    event.type === 'raw_model_stream_event' && event.data.type === 'model' ? [event.data.event] : [],
  );
}
