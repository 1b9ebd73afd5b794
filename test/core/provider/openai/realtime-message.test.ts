import { expect, test } from 'vitest';
import { readRealtimeMessage, restrain } from '#core/provider/openai/realtime/realtime-message.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';

const TARGET = readTarget('GET', '/v1/realtime?model=gpt-realtime', 'websocket') as Target;
const read = (event: unknown) => readRealtimeMessage(TARGET, Buffer.from(JSON.stringify(event)));

test('what is asked of a session or a response counts: its model, its tools, its texts', () => {
  const session = {
    model: 'gpt-other',
    instructions: 'be brief',
    tools: [
      { type: 'function', name: 'look_up' },
      { type: 'mcp', server_url: 'https://example.org' },
    ],
  };
  const { content } = read({ type: 'session.update', event_id: 'John Smith', session });
  expect(content).toMatchObject({ model: 'gpt-other', tools: ['look_up', 'mcp'], stream: true });
  expect(content.texts.map(({ text }) => text)).toEqual(
    expect.arrayContaining(['be brief', 'John Smith', 'https://example.org']),
  );
  const output = { type: 'function_call_output', call_id: 'call_1', output: 'x' };
  expect(read({ type: 'conversation.item.create', item: output }).content).toMatchObject({
    model: 'gpt-realtime',
    callIds: ['call_1'],
  });
});

test('text that comes as sound is read, and of sound it is said that it cannot be', () => {
  const append = (audio: string) => {
    const { content } = read({ type: 'input_audio_buffer.append', audio });
    return content.texts.map(({ text }) => text).join();
  };
  const words = 'Nothing but words, and among them SSN 078-05-1120, to and fro.';
  expect(append(Buffer.from(words).toString('base64'))).toContain('078-05-1120');
  expect(append(Buffer.alloc(300, 0xfe).toString('base64'))).toContain('cannot be read');
});

test.each([
  [{ type: 'input_audio_buffer.append', audio: 'AAAA' }, true],
  [{ type: 'input_audio_buffer.commit' }, false],
  [{ type: 'conversation.item.create', item: { content: [{ type: 'input_audio', audio: '' }] } }, true],
  [{ type: 'conversation.item.create', item: { content: [{ type: 'input_text', audio: 'AAAA' }] } }, true],
  [{ type: 'response.create', response: { input: [{ content: [{ type: 'input_audio' }] }] } }, true],
  [
    { type: 'response.create', response: { input: [{ content: [{ type: 'input_text', text: 'a' }] }] } },
    false,
  ],
])('%j brings sound: %s', (event, hasAudio) => {
  expect(read(event).hasAudio).toBe(hasAudio);
});

const TEXT = ['text'];
test.each<[object, object | undefined]>([
  [{ type: 'session.update', session: { output_modalities: ['text'] } }, undefined],
  [
    { type: 'session.update', session: {} },
    { type: 'session.update', session: { output_modalities: TEXT } },
  ],
  [
    { type: 'session.update', session: { output_modalities: ['audio'], voice: 'alloy' } },
    { type: 'session.update', session: { output_modalities: TEXT, voice: 'alloy' } },
  ],
  [
    { type: 'response.create', response: { modalities: ['audio', 'text'], output_modalities: ['text'] } },
    { type: 'response.create', response: { modalities: TEXT, output_modalities: TEXT } },
  ],
  [{ type: 'response.create' }, { type: 'response.create', response: { output_modalities: TEXT } }],
  [
    { type: 'response.create', response: 'x' },
    { type: 'response.create', response: { output_modalities: TEXT } },
  ],
  [{ type: 'session.update', session: { type: 'transcription' } }, undefined],
  [{ type: 'response.cancel' }, undefined],
])('%j is asked in text', (event, asked) => {
  expect(restrain(read(event), false)).toEqual(asked);
});

test('where sound may pass what is asked for stays, but for traces that the provider would keep', () => {
  const session = { output_modalities: ['audio'], tracing: 'auto' };
  expect(restrain(read({ type: 'session.update', session }), true)).toEqual({
    type: 'session.update',
    session: { output_modalities: ['audio'], tracing: null },
  });
  expect(restrain(read({ type: 'response.create' }), true)).toBeUndefined();
});

test.each([
  { type: 'session.destroy' },
  { type: 'toString' },
  {},
  [],
  { type: 'response.create', event_id: 1 },
  { type: 'session.update', session: { model: ['gpt-realtime'] } },
])('%j is refused', (event) => {
  expect(() => read(event)).toThrow();
});
