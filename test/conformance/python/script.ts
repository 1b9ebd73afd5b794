import type { LLMock } from '@copilotkit/aimock';
import { ANSWER, FILE_ARGUMENTS, MASKED_ANSWER, MASKED_NOTE, NOTE } from '../../env/filing-agent.ts';

/** What the scenarios expect to get. */
export const TEXTS = { note: MASKED_NOTE, answer: MASKED_ANSWER };

/** What the provider says to what the scenarios ask; the first that fits. */
export function script(mock: LLMock): void {
  const fileNote = (args: string) => ({ name: 'file_note', arguments: args });
  const fails = (pattern: RegExp, chaos: Parameters<LLMock['setChaos']>[0], always = false) =>
    mock.on(
      { userMessage: pattern, ...(always ? {} : { sequenceIndex: 0 }) },
      { content: ANSWER },
      { chaos },
    );
  mock.onEmbedding(/.*/s, { embedding: [0.25, -0.5, 0.125] });
  mock.on({ toolResultContains: 'filed as number' }, { content: ANSWER });
  mock.on({ systemMessage: 'the nurse' }, { content: ANSWER });
  mock.on({ systemMessage: 'the desk' }, { toolCalls: [{ name: 'transfer_to_nurse', arguments: '{}' }] });
  mock.on(
    { userMessage: /File two/ },
    { toolCalls: [fileNote(FILE_ARGUMENTS), fileNote(JSON.stringify({ note: 'MRN 00482913' }))] },
  );
  mock.on({ userMessage: /File the note/ }, { toolCalls: [fileNote(FILE_ARGUMENTS)] });
  mock.on(
    { userMessage: /structured output/ },
    { content: { summary: NOTE, visits: 3, urgency: 'routine' } },
  );
  fails(/Be limited once\./, { rateLimitRate: 1 });
  fails(/Be cut once\./, { disconnectRate: 1 });
  fails(/Be cut once, agent/, { disconnectRate: 1 });
  for (const api of ['responses', 'chat']) {
    fails(new RegExp(`Be limited once, ${api} agent`), { rateLimitRate: 1 });
    fails(new RegExp(`Be dropped once, ${api} agent`), { dropRate: 1 });
    fails(new RegExp(`Be cut once, ${api} agent`), { disconnectRate: 1 });
    fails(new RegExp(`Be malformed once, ${api} agent`), { malformedRate: 1 });
  }
  fails(/Fail once, chat/, { dropRate: 1 });
  fails(/Fail once, please/, { disconnectRate: 1 });
  // Whoever waits for it has gone by then.
  fails(/Begin late/, { latencyMs: 5_000 }, true);
  fails(/Always fail/, { dropRate: 1 }, true);
  fails(/Be malformed\./, { malformedRate: 1 }, true);
  mock.on({ userMessage: /Be cut in mid-stream/ }, { content: ANSWER }, { truncateAfterChunks: 8 });
  mock.on({ userMessage: /slowly/ }, { content: ANSWER }, { chunkSize: 2, latency: 100 });
  mock.on({ userMessage: /.*/s }, { content: ANSWER });
}
