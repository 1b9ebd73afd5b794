import { expect, test } from 'vitest';
import { readDelivery } from '../../../cli/transcript/answer.ts';
import { readAdded, readPrompt } from '../../../cli/transcript/turns.ts';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const frames = (...events: unknown[]) => events.map((event) => ({ data: bytes(event) }));

test('the messages of a Responses connection read as a stream does', () => {
  const item = { id: 'fc_1', type: 'function_call', name: 'look_up' };
  const delivery = frames(
    { type: 'response.created', response: { id: 'resp_1' } },
    { type: 'response.output_text.delta', item_id: 'm', content_index: 0, delta: 'Hel' },
    { type: 'response.output_text.delta', item_id: 'm', content_index: 0, delta: 'lo' },
    { type: 'response.output_item.added', item },
    { type: 'response.function_call_arguments.done', item_id: 'fc_1', arguments: '{}' },
  );
  expect(readDelivery(delivery)).toEqual([
    { speaker: 'assistant', text: 'Hello' },
    { speaker: 'call look_up', text: '{}' },
  ]);
  expect(readDelivery(frames({ type: 'error', error: { message: 'no' } }))).toEqual([
    { speaker: 'error', text: 'no' },
  ]);
  expect(readAdded(bytes({ type: 'response.create', instructions: 'Be brief.', input: 'one' }))).toEqual([
    { speaker: 'user', text: 'one' },
  ]);
});

test('a Realtime conversation: what was set, sent, heard and said', () => {
  const part = { item_id: 'item_1', content_index: 0 };
  const error = { message: 'too many' };
  const delivery = frames(
    { type: 'conversation.item.input_audio_transcription.completed', ...part, transcript: 'one' },
    { type: 'response.output_audio_transcript.delta', item_id: 'item_2', content_index: 0, delta: 'two' },
    { type: 'response.output_audio_transcript.done', item_id: 'item_2', content_index: 0, transcript: 'two' },
    { type: 'response.done', response: { status: 'failed', status_details: { error } } },
  );
  expect(readDelivery(delivery)).toEqual([
    { speaker: 'user', text: 'one' },
    { speaker: 'assistant', text: 'two' },
    { speaker: 'error', text: 'too many' },
  ]);
  const content = [{ type: 'input_text', text: 'hello' }];
  const asked: [unknown, object[]][] = [
    [
      { type: 'session.update', session: { instructions: 'Be brief.' } },
      [{ speaker: 'system', text: 'Be brief.' }],
    ],
    [
      { type: 'conversation.item.create', item: { type: 'message', role: 'user', content } },
      [{ speaker: 'user', text: 'hello' }],
    ],
    [{ type: 'response.create' }, [{ speaker: 'event', text: 'response.create' }]],
  ];
  for (const [event, turns] of asked) {
    expect(readAdded(bytes(event))).toEqual(turns);
    expect(readPrompt(bytes(event))).toEqual(turns);
  }
  const sound = JSON.stringify({ type: 'input_audio_buffer.append', audio: 'AAAA' });
  expect(readAdded(new TextEncoder().encode(`${sound}\n${sound}`))).toEqual([
    { speaker: 'sound', text: '3 bytes\n' },
    { speaker: 'sound', text: '3 bytes\n' },
  ]);
});
