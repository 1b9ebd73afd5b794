import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { OpaqueError, OpaqueGate } from '#core/provider/openai/content/gate.ts';
import { createMessageMasker } from '#core/provider/openai/stream/messages.ts';

const detector = createDetector();
const masker = () => createMessageMasker('realtime', createMasker(detector, MASK_ALL));
type Event = { type: string; [member: string]: unknown };

// Published as examples, and never issued.
const TEXT = 'MRN 00482913, SSN 078-05-1120, and more';
const MASKED = 'MRN [MRN], SSN [US_SSN], and more';
const ARGUMENTS = JSON.stringify({ note: TEXT }).replace('078-05', '0\\u00378-05');
const RESPONSE = { response_id: 'resp_CTTzrUqbJ1dFZ2mG3qYc1' };
const ITEM = { ...RESPONSE, item_id: 'item_CTTzrr2UvNnlZ3aQ9d8Hx', output_index: 0 };
const PART = { ...ITEM, content_index: 0 };

function run(events: readonly Event[], messages = masker()) {
  const out = events.flatMap((event) => messages.push(JSON.stringify(event)));
  return { out: out.map((text) => JSON.parse(text) as Event), messages };
}

/** The deltas of a text, a character each. */
function deltas(type: string, text: string, where: object): Event[] {
  return Array.from(text, (delta) => ({ type: `${type}.delta`, ...where, delta }));
}

function joined(events: readonly Event[], type: string): string {
  return events.map((event) => (event.type === `${type}.delta` ? event['delta'] : '')).join('');
}

const TEXTS = [
  ['response.output_text', 'text'],
  ['response.output_audio_transcript', 'transcript'],
] as const;

describe.each(TEXTS)('%s', (stem, member) => {
  const content = [{ type: 'output', [member]: TEXT }];
  const item = { id: ITEM.item_id, type: 'message', content };
  const ends = [
    { type: `${stem}.done`, ...PART, [member]: TEXT },
    { type: 'response.content_part.done', ...PART, part: content[0] },
    { type: 'response.output_item.done', ...RESPONSE, output_index: 0, item },
    { type: 'conversation.item.done', item },
    { type: 'response.done', response: { id: RESPONSE.response_id, status: 'completed', output: [item] } },
  ] as Event[];

  test('says the same in its deltas, in what ends it, in its item and in its response, and counts once', () => {
    const { out, messages } = run(structuredClone([...deltas(stem, TEXT, PART), ...ends]));
    expect(joined(out, stem)).toBe(MASKED);
    const done = out.find(({ type }) => type === `${stem}.done`);
    expect(done?.[member]).toBe(MASKED);
    const repeated = JSON.stringify(out.slice(out.indexOf(done as Event)));
    expect(repeated.split(MASKED)).toHaveLength(ends.length + 1);
    expect(messages.counts).toMatchObject({ MRN: 1, US_SSN: 1 });
    expect(messages.complete && messages.quiet).toBe(true);
  });

  test('that is broken off is handed on to its end before its response is done', () => {
    const done = {
      type: 'response.done',
      response: { id: RESPONSE.response_id, status: 'cancelled', output: [] },
    };
    const { out } = run([...deltas(stem, 'MRN 00482913', PART), done]);
    expect(joined(out, stem)).toBe('MRN [MRN]');
    expect(out.at(-1)?.type).toBe('response.done');
  });
});

test('a transcript that is all that was said so far in each event is held back at its end', () => {
  const type = 'conversation.item.input_audio_transcription';
  const spoken = { item_id: 'item_CTTzqK3aUCaLhmZ0Pk8Rt', content_index: 0 };
  const partial = Array.from(TEXT, (_, at) => ({
    type: `${type}.text`,
    ...spoken,
    text: TEXT.slice(0, at + 1),
  }));
  const { out } = run([...partial, { type: `${type}.completed`, ...spoken, transcript: TEXT }]);
  expect(out).toHaveLength(partial.length + 1);
  for (const event of out) expect(MASKED.startsWith(String(event['text'] ?? ''))).toBe(true);
  expect(out.at(-1)?.['transcript']).toBe(MASKED);
});

test('instructions that grow are masked anew, whole, though what was a word before is an identifier now', () => {
  const texts = ['Ask for', 'Ask for MRN 00', 'Ask for MRN 00482913'];
  const { out } = run(texts.map((instructions) => ({ type: 'session.updated', session: { instructions } })));
  expect(out.map((event) => event['session'])).toEqual([
    { instructions: 'Ask for' },
    { instructions: 'Ask for MRN 00' },
    { instructions: 'Ask for MRN [MRN]' },
  ]);
});

test('arguments of a call are masked as the JSON that they are', () => {
  const stem = 'response.function_call_arguments';
  const { out } = run([
    ...deltas(stem, ARGUMENTS, ITEM),
    { type: `${stem}.done`, ...ITEM, name: 'file_note', arguments: ARGUMENTS },
  ]);
  expect(JSON.parse(joined(out, stem))).toEqual({ note: MASKED });
  expect(out.at(-1)?.['arguments']).toBe(joined(out, stem));
});

test('the transcript of the caller goes on while the model answers', () => {
  const stem = 'conversation.item.input_audio_transcription';
  const spoken = { item_id: 'item_CTTzqK3aUCaLhmZ0Pk8Rt', content_index: 0 };
  const heard = deltas(stem, TEXT, spoken);
  const said = deltas('response.output_text', TEXT, PART);
  const { out, messages } = run([
    ...heard.flatMap((event, index) => [event, said[index] as Event]),
    { type: 'response.done', response: { id: RESPONSE.response_id, status: 'completed', output: [] } },
  ]);
  expect(joined(out, 'response.output_text')).toBe(MASKED);
  expect(messages.quiet).toBe(false);
  const { out: rest } = run([{ type: `${stem}.completed`, ...spoken, transcript: TEXT }], messages);
  expect(joined([...out, ...rest], stem)).toBe(MASKED);
  expect(rest.at(-1)?.['transcript']).toBe(MASKED);
  expect(messages.quiet).toBe(true);
});

test('events that are new are masked in every string, and in keys', () => {
  const { out } = run([
    { type: 'gossip.delta', words: { deep: [TEXT] }, [TEXT]: 1, delta: { note: TEXT } },
    { type: 'error', error: { message: TEXT, event_id: 'mine' } },
    { type: 'session.updated', session: { instructions: TEXT, tools: [{ description: TEXT }] } },
    {
      type: 'conversation.item.added',
      item: { id: 'item_1', content: [{ transcript: TEXT }], output: TEXT },
    },
  ]);
  expect(JSON.stringify(out)).not.toMatch(/00482913|078-05/);
});

test.each(['marin', 'alloy'])('the voice %s is a word of the API, and nobody', (voice) => {
  const session = { audio: { output: { voice, speed: 1 } }, voice };
  expect(run([{ type: 'session.updated', session }]).out).toEqual([{ type: 'session.updated', session }]);
  const { out } = run([{ type: 'session.updated', session: { voice: 'maria okafor', role: 'marin' } }]);
  expect(out[0]?.['session']).toEqual({ voice: '[PERSON]', role: '[PERSON]' });
});

test('what has nothing to mask goes on as it came, sound included', () => {
  const sound = `{ "type": "response.output_audio.delta", "item_id": "item_1",\t"delta": "${'UklGRg+/'.repeat(20)}" }`;
  const limits = '{"type":"rate_limits.updated", "rate_limits":[{"name":"tokens","limit":1.50}]}';
  const messages = masker();
  expect([sound, limits].flatMap((text) => messages.push(text))).toEqual([sound, limits]);
});

describe('sound under whatever name', () => {
  // Samples without any marks.
  const sound = Buffer.from(Array.from({ length: 120 }, (_, i) => (i * 37) % 251)).toString('base64');
  const SOUNDS: [string, Event][] = [
    ['of an API before this one', { type: 'response.audio.delta', delta: sound }],
    ['of a translation', { type: 'session.output_audio.delta', delta: sound }],
    ['in pieces too short to be seen as such', { type: 'session.output_audio.delta', delta: 'AAAA' }],
    ['silent', { type: 'gossip.delta', ...PART, delta: Buffer.alloc(90).toString('base64') }],
    ['in events that are new', { type: 'gossip.delta', ...PART, delta: sound }],
    ['in members that are new', { type: 'gossip', chunk: sound }],
    ['in members of a delta that are new', { type: 'gossip.delta', delta: { chunk: sound } }],
    ['in members of an item that are new', { type: 'conversation.item.added', item: { chunk: sound } }],
  ];

  test.each(SOUNDS)('passes the gate: %s', (_, event) => {
    const closed = masker();
    closed.use(new OpaqueGate(new Set(['image']), false));
    expect(() => closed.push(JSON.stringify(event))).toThrow(OpaqueError);
    const open = masker();
    const gate = new OpaqueGate(new Set(['audio']), false);
    open.use(gate);
    open.push(JSON.stringify(event));
    expect(gate.contents).toMatchObject([{ kind: 'audio' }]);
  });

  test('is not what is text: words, digests, an id', () => {
    const messages = masker();
    messages.use(new OpaqueGate(new Set(), false));
    const digest = 'c0ffee'.repeat(12);
    const events = [
      { type: 'gossip.delta', ...PART, delta: 'word' },
      { type: 'gossip.done', ...PART, text: 'word', checksum: digest },
      { type: 'response.output_text.delta', ...PART, delta: digest },
      { type: 'response.output_text.done', ...PART, text: digest },
    ];
    expect(run(events, messages).out).toEqual(events);
  });
});

test.each(['{"type":"a","note":"x","note":"y"}', 'hello', '', `${'['.repeat(100)}${']'.repeat(100)}`])(
  'what cannot be read in one way is not handed on: %s',
  (message) => {
    expect(() => masker().push(message)).toThrow('not accepted');
  },
);

test.each(['responses', 'realtime'] as const)(
  'an index that is an object, which may not even be written as text, tells nothing apart: %s',
  (api) => {
    const messages = createMessageMasker(api, createMasker(detector, MASK_ALL));
    const odd = { toString: 'x' };
    const where = {
      item_id: odd,
      output_index: odd,
      content_index: odd,
      summary_index: [odd],
      command_index: odd,
    };
    for (const type of ['response.output_text.done', 'response.other.done']) {
      const [out] = messages.push(JSON.stringify({ type, ...where, text: TEXT }));
      expect(JSON.parse(String(out))).toMatchObject({ type, text: MASKED });
    }
  },
);
