import { describe, expect, it, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { createMessageMasker } from '#core/provider/openai/stream/messages.ts';
import { createStreamMasker, type StreamOptions } from '#core/provider/openai/stream/stream.ts';
import { formatChunks, parseEvents } from './fixtures/sse.ts';
import { createTestMasker } from './masker.ts';

type Json = Record<string, unknown>;

const masker = createTestMasker();
const routes = {
  responses: findRoute('POST', '/v1/responses') as Route,
  chat: findRoute('POST', '/v1/chat/completions') as Route,
  completions: findRoute('POST', '/v1/completions') as Route,
};

/** The events that come out of a stream, and why it ends before its end, if it does. */
function pass(
  route: keyof typeof routes,
  events: readonly Json[],
  options: StreamOptions = {},
): { out: Json[]; error: string } {
  const stream = createStreamMasker(routes[route], masker, options);
  const parts: Uint8Array[] = [];
  try {
    for (const event of events)
      parts.push(stream.push(formatChunks([event]).slice(0, -'data: [DONE]\n\n'.length)));
    parts.push(stream.push(formatChunks([])));
    return { out: parseEvents(Buffer.concat(parts)), error: '' };
  } catch (error) {
    return { out: parseEvents(Buffer.concat(parts)), error: (error as Error).name };
  }
}

/** All texts of the events, one behind the other, as who joins them would read them. */
function joined(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .filter(([key]) => key !== 'type' && key !== 'index')
    .map(([, inner]) => joined(inner))
    .join('');
}

const choice = (said: Json, index: unknown = 0) => ({ choices: [{ index, ...said }] });
const PIECES = ['an SSN: 123', '-45-', '6789', ' it is'];
describe('texts that go on are found across their pieces', () => {
  it.each<[string, keyof typeof routes, (piece: string) => Json]>([
    [
      'deltas of an event that is new',
      'responses',
      (delta) => ({ type: 'response.output_text.chunk', delta }),
    ],
    ['the text of a legacy completion in a chat', 'chat', (text) => choice({ text })],
    ['a delta in a legacy completion', 'completions', (content) => choice({ delta: { content } })],
    ['parts of a content', 'chat', (text) => choice({ delta: { content: [{ type: 'text', text }] } })],
  ])('%s', (_, route, event) => {
    const { out, error } = pass(route, PIECES.map(event));
    expect(error).toBe('');
    expect(joined(out)).toBe('an SSN: [US_SSN] it is');
  });
});

const inPart = (text: string, index?: number) =>
  choice({ delta: { content: [{ type: 'text', text, ...(index !== undefined && { index }) }] } });

test.each([
  [
    'a string that goes on in a part',
    [choice({ delta: { content: 'an SSN: 123-' } }), inPart('45-6789 it is')],
  ],
  [
    'a part that goes on in a string',
    [inPart('an SSN: 123-'), choice({ delta: { content: '45-6789 it is' } })],
  ],
  ['a part that goes on in the next one', [inPart('an SSN: 123-', 0), inPart('45-6789 it is', 1)]],
])('of a content %s is one text', (_, chunks) => {
  const { out, error } = pass('chat', chunks);
  expect(error).toBe('');
  expect(joined(out)).toBe('an SSN: [US_SSN] it is');
});

test('a choice is one text where one was asked for, whatever index its chunks have', () => {
  const chunks = PIECES.map((content, index) => choice({ delta: { content } }, index + 1));
  const last = choice({ delta: {}, finish_reason: 'stop' }, PIECES.length);
  expect(joined(pass('chat', [...chunks, last], { hasOneChoice: true }).out)).toBe(
    'an SSN: [US_SSN] it isstop',
  );
});

test('a part that goes on behind another one ends the stream', () => {
  const { out, error } = pass('chat', [inPart('SSN 123-', 0), inPart('.', 1), inPart('45-6789', 0)]);
  expect(error).toBe('ResponseError');
  expect(joined(out)).not.toContain('6789');
});

describe('what is not known to go on ends the stream when it does', () => {
  it.each<[string, keyof typeof routes, (piece: string) => Json]>([
    ['messages', 'chat', (content) => choice({ message: { content } })],
    ['members of a chunk', 'chat', (content) => ({ content })],
    [
      'names of tools',
      'chat',
      (name) => choice({ delta: { tool_calls: [{ index: 0, function: { name } }] } }),
    ],
    ['members of an event', 'responses', (note) => ({ type: 'response.note', note })],
  ])('%s', (_, route, event) => {
    const { out, error } = pass(route, PIECES.map(event));
    expect(error).toBe('ResponseError');
    expect(joined(out)).not.toContain('123-45-6789');
  });

  it('letters, some of them the same as the one before', () => {
    const number = '113-44-6779';
    const letters = [...`an SSN: ${number} it is`].map((content) => choice({ message: { content } }));
    const { out, error } = pass('chat', letters);
    expect(error).toBe('ResponseError');
    expect(joined(out)).not.toContain(number);
  });

  it('texts and then a number', () => {
    const { out, error } = pass('chat', [
      choice({ delta: { content: 'SSN ' } }),
      choice({ delta: { content: 123456789 } }),
    ]);
    expect(error).toBe('ResponseError');
    expect(joined(out)).not.toContain('123456789');
  });

  it.each([
    [
      'choices',
      (content: string) => ({
        choices: [
          { index: '0', delta: {} },
          { index: '1', delta: { content } },
        ],
      }),
    ],
    [
      'calls',
      (part: string) =>
        choice({ delta: { tool_calls: [{ index: '0' }, { index: '1', function: { arguments: part } }] } }),
    ],
  ])('%s that are told apart by what is no number', (_, event) => {
    const { error } = pass('chat', [event('123-45'), choice({ delta: { content: '-6789' } }, '1')]);
    expect(error).toBe('ResponseError');
  });
});

test.each([
  ['the same again', ['SSN 123-45-6789', 'SSN 123-45-6789']],
  ['all of it and more', ['no SSN 123-', 'no SSN 123-45-', 'no SSN 123-45-6789', 'no SSN 123-45-6789.']],
  ['other texts', ['5 of 10', '6 of 10', 'done']],
  ['other texts with findings', ['123-45-6789', '987-65-4321', 'it was 123-45-6789', '987-65-4321 it was']],
])('a text in the place of another may be %s', (_, texts) => {
  const { out, error } = pass(
    'chat',
    texts.map((content) => choice({ message: { content } })),
  );
  expect(error).toBe('');
  expect(out).toHaveLength(texts.length);
  expect(joined(out)).not.toMatch(/\d-\d\d-\d{4}/);
});

describe('a text that comes again with each piece, and more behind,', () => {
  const text = 'no SSN 123-45-6789, nor 987-65-4321';
  const sofar = Array.from(text, (_, i) => text.slice(0, i + 1));

  it('is held back at its end as deltas are, and whole in the end', () => {
    const stream = createStreamMasker(routes.chat, masker);
    const chunks = sofar.map((content) => choice({ message: { content } }));
    const end = choice({ message: { content: text }, finish_reason: 'stop' });
    const said = [...chunks, end].map((chunk) => {
      const out = Buffer.from(stream.push(formatChunks([chunk]).slice(0, -'data: [DONE]\n\n'.length)));
      return JSON.parse(out.toString().slice('data: '.length)).choices[0].message.content as string;
    });
    expect(said.join('|')).not.toMatch(/123-|987/);
    expect(said.at(-1)).toBe('no SSN [US_SSN], nor [US_SSN]');
    expect(stream.counts).toEqual({ US_SSN: 2 });
  });

  it.each([
    ['of a message', (content: string) => choice({ message: { content } })],
    ['of a part of one', (text: string) => choice({ message: { content: [{ text }] } })],
    ['of a call', (args: string) => choice({ message: { tool_calls: [{ function: { arguments: args } }] } })],
  ])('has the end of its first one held back as well: %s', (_, event) => {
    const { out, error } = pass('chat', [event('no SSN 123-45-67'), event('no SSN 123-45-6789 was')]);
    expect(error).toBe('');
    expect(out.map(joined).join('|')).toMatch(/^(?:no SSN )?\|(?:no SSN \[US_SSN\] was)?$/);
  });

  it('goes out as it came when it comes in pieces, though it might have grown', () => {
    const pieces = ['it is 12', '3 or 4', '5'].map((content) => choice({ message: { content } }));
    expect(joined(pass('chat', [...pieces, choice({ delta: {}, finish_reason: 'stop' })]).out)).toBe(
      'it is 123 or 45stop',
    );
  });

  it('is said whole before the end that does not say it', () => {
    const said = [
      choice({ message: { content: 'no SSN 123-45-67' } }),
      choice({ delta: {}, finish_reason: 'stop' }),
    ];
    expect(pass('chat', said).out.map(({ choices }) => (choices as Json[])[0])).toMatchObject([
      { message: { content: 'no SSN ' } },
      { index: 0, message: { content: 'no SSN 123-45-67' }, finish_reason: null },
      { finish_reason: 'stop' },
    ]);
  });

  it('and as deltas ends the stream', () => {
    const { out, error } = pass(
      'chat',
      sofar.map((content) => choice({ delta: { content } })),
    );
    expect(error).toBe('ResponseError');
    expect(joined(out)).not.toContain('123');
  });
});

describe('what a server says anew with each event does not end the stream:', () => {
  const real = createMasker(createDetector(), { default: 'placeholder', entities: {} });
  it.each<[string, Json[]]>([
    ['padding', ['abcdefghijklmnopqrstuvwxyz0123456', 'abc', 'abcdefghijklmnopqr'].map((p) => ({ p }))],
    ['states', ['1.2.3', '1.2.4', '1.2.5'].map((version) => ({ version }))],
    ['steps', [...'122222222222223333333'].map((step) => ({ step }))],
    ['versions over and over', ['1.2', '1.3', '1.3', '1.3', '1.3'].map((version) => ({ version }))],
    ['files', ['report_1.pdf', 'report_2.pdf'].map((name) => ({ name }))],
    ['titles', ['new york hospital', 'mass general', 'st. jude'].map((title) => ({ sources: [{ title }] }))],
    [
      'ids',
      ['req_8fj3kd93jf83jd93jf83', 'req_kd93jf83jd93jf83jd93', 'req_jf83jd93jf83jd93bbbb'].map((ref) => ({
        ref,
      })),
    ],
  ])('%s', (_, members) => {
    const stream = createStreamMasker(routes.chat, real);
    const out = members.map((member) => {
      const chunk = { ...choice({ delta: { content: 'a ' } }), ...member };
      return Buffer.from(stream.push(formatChunks([chunk]).slice(0, -'data: [DONE]\n\n'.length))).toString();
    });
    expect(out).toHaveLength(members.length);
    expect(out.join('')).not.toContain('"p"');
  });

  it('but other members of that name go on as they are', () => {
    expect(pass('chat', [{ ...choice({ delta: {} }), p: 'a word' }]).out).toEqual([
      { ...choice({ delta: {} }), p: 'a word' },
    ]);
  });
});

test('a key that stands twice does not come through beside a segment without a text', () => {
  const stream = createStreamMasker(routes.responses, masker);
  const event = '{"type":"transcript.text.segment","text":null,"ssn":123456789,"ssn":0}';
  const out = stream.push(new TextEncoder().encode(`data: ${event}\n\n`));
  expect(new TextDecoder().decode(out)).not.toContain('123456789');
});

test('the segments of what is spoken in a session are one text', () => {
  const real = createMasker(createDetector(), { default: 'placeholder', entities: {} });
  const messages = createMessageMasker('realtime', real);
  const push = (phase: string, said: Json): Json[] => {
    const type = `conversation.item.input_audio_transcription.${phase}`;
    return messages
      .push(JSON.stringify({ type, item_id: 'item_1', content_index: 0, ...said }))
      .map((message) => JSON.parse(message));
  };
  const texts = ['my MRN is 48', '2913 and my social is 078 05', '1120 ok'];
  const out = [
    ...texts.flatMap((text) => push('segment', { text })),
    ...push('completed', { transcript: texts.join(' ') }),
  ];
  expect(joined(out.map(({ text }) => text))).toBe('my MRN is [MRN] and my social is [US_SSN] ok');
  expect(out.at(-1)).toMatchObject({ transcript: 'my MRN is [MRN] and my social is [US_SSN] ok' });
});
