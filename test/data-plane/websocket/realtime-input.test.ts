import { expect, test } from 'vitest';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import type { Verdict } from '../../../data-plane/exchange.ts';
import { Inbox } from '../../../data-plane/upstream/inbox.ts';
import type { Incoming } from '../../../data-plane/websocket/caller-socket.ts';
import { gatherAudio, readInput } from '../../../data-plane/websocket/realtime-input.ts';

const TARGET = readTarget('GET', '/v1/realtime?model=gpt-realtime', 'websocket') as Target;
const NOTHING = { edits: [] } as unknown as Verdict;
const AUDIO = { edits: [], opaque: new Set(['audio']) } as unknown as Verdict;
const bytes = (event: unknown) => Buffer.from(JSON.stringify(event));
const text = (body: Uint8Array) => Buffer.from(body).toString('utf8');

function socketWith(...events: unknown[]) {
  const inbox = new Inbox<Incoming>({ pause: () => {}, resume: () => {} }, { messages: 100, bytes: 1e6 });
  for (const event of events) inbox.put({ kind: 'text', data: bytes(event) }, 1);
  return {
    take: (signal: AbortSignal) => inbox.take(signal),
    untake: (message: Incoming) => inbox.untake(message, 1),
    gone: new AbortController().signal,
  };
}

test('pieces of sound that come one after the other are one prompt, and go on one by one', async () => {
  const sound = ['AAAA', 'BBBB', 'CCCC'].map((audio) => ({ type: 'input_audio_buffer.append', audio }));
  const commit = { type: 'input_audio_buffer.commit' };
  const socket = socketWith(sound[1], sound[2], commit, sound[0]);
  const input = await gatherAudio(TARGET, bytes(sound[0]), socket);
  expect(text(input.received.body)).toBe(sound.map((event) => JSON.stringify(event)).join('\n'));
  expect(input.forward(AUDIO).map(text)).toEqual(sound.map((event) => JSON.stringify(event)));
  expect(input.hasAudio).toBe(true);
  // What came behind it still waits, in its order.
  expect(await socket.take(socket.gone)).toEqual({ kind: 'text', data: bytes(commit) });
  expect(await socket.take(socket.gone)).toEqual({ kind: 'text', data: bytes(sound[0]) });
});

test('sound among other events is found, and speech is asked for only where sound may pass', () => {
  const part = { type: 'input_audio', audio: 'AAAA' };
  const item = { type: 'conversation.item.create', item: { content: [part] } };
  expect(readInput(TARGET, bytes(item)).hasAudio).toBe(true);
  const asked = '{ "type": "response.create" }';
  const input = readInput(TARGET, Buffer.from(asked));
  expect(input.forward(AUDIO).map(text)).toEqual([asked]);
  expect(input.forward(NOTHING).map(text)).toEqual([
    '{"type":"response.create","response":{"output_modalities":["text"]}}',
  ]);
  // The prompt on record is what the caller sent.
  expect(text(input.received.body)).toBe(asked);
});
