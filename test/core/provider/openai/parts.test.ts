import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker, type OffsetMap } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { maskResponse, ResponseError } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { FileMasker } from '#core/provider/openai/content/mask.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { formatNamed, parseEvents } from './fixtures/sse.ts';

type Json = Record<string, unknown>;

const create = findRoute('POST', '/v1/responses') as Route;
const masker = createMasker(createDetector(), MASK_ALL);
const SSN = '078-05-1120';

const messageOf = (texts: readonly string[], rest: object = {}) => ({
  type: 'message',
  role: 'assistant',
  content: texts.map((text) => ({ type: 'output_text', text, annotations: [], ...rest })),
});
const textsOf = (message: unknown) =>
  (message as ReturnType<typeof messageOf>).content.map(({ text }) => text);
/** An event, as far as it is looked at. */
interface Seen {
  readonly type: string;
  readonly sequence_number?: number;
  readonly content_index: number;
  readonly delta: string;
  readonly text: string;
  readonly part: { readonly text: string };
  readonly item: unknown;
  readonly response: { readonly output: readonly unknown[] };
  readonly annotation: { readonly start_index: number; readonly end_index: number };
}
const seen = (bytes: Uint8Array) => parseEvents(bytes) as unknown as Seen[];
const read = (body: Uint8Array) => JSON.parse(Buffer.from(body).toString());

function maskWhole(texts: readonly string[]) {
  const { body, counts } = maskResponse(
    create,
    Buffer.from(JSON.stringify({ output: [messageOf(texts)] })),
    masker,
  );
  return { texts: textsOf(read(body).output[0]), counts };
}

describe('the parts of a message are one text', () => {
  const CUT = [`an SSN: ${SSN.slice(0, 7)}`, `${SSN.slice(7)} it is`];
  const MASKED = ['an SSN: [US_SSN]', ' it is'];

  test.each([
    ['of a response', create, (message: object) => ({ output: [message] })],
    [
      'of a page of items',
      findRoute('GET', '/v1/conversations/conv_1/items'),
      (message: object) => ({ data: [message] }),
    ],
    ['of one item', findRoute('GET', '/v1/conversations/conv_1/items/msg_1'), (message: object) => message],
  ])('%s', (_what, route, wrap) => {
    const { body, counts } = maskResponse(
      route as Route,
      Buffer.from(JSON.stringify(wrap(messageOf(CUT)))),
      masker,
    );
    expect(read(body)).toEqual(wrap(messageOf(MASKED)));
    expect(counts).toEqual({ US_SSN: 1 });
  });

  test('of a line of a batch', () => {
    const line = (texts: string[]) =>
      JSON.stringify({ custom_id: 'a', response: { body: { output: [messageOf(texts)] } } });
    expect([...new FileMasker(masker).mask(line(CUT))].join('')).toBe(line(MASKED));
  });

  test('and a label says what a part behind it is', () => {
    expect(maskWhole(['Social security number:', ' 078051120'])).toEqual({
      texts: ['Social security number:', ' [US_SSN]'],
      counts: { US_SSN: 1 },
    });
  });

  test('and citations point where they did', () => {
    const text = `${SSN.slice(7)} it is [1], SSN ${SSN} [2]`;
    const cited = (of: string, mark: string) => ({
      start_index: of.indexOf(mark),
      end_index: of.indexOf(mark) + 3,
    });
    const annotations = [cited(text, '[1]'), cited(text, '[2]')];
    const content = [{ text: CUT[0] }, { text, annotations }];
    const { body } = maskResponse(create, Buffer.from(JSON.stringify({ output: [{ content }] })), masker);
    const masked = ' it is [1], SSN [US_SSN] [2]';
    expect(read(body).output[0].content).toEqual([
      { text: MASKED[0] },
      { text: masked, annotations: [cited(masked, '[1]'), cited(masked, '[2]')] },
    ]);
  });
});

/** The events of a streamed message of these parts, in deltas of so many characters. */
function eventsOf(texts: readonly string[], length: number, endsParts = true): Json[] {
  const item = messageOf(texts);
  const parts = texts.flatMap((text, index): Json[] => {
    const at = { output_index: 0, content_index: index };
    const deltas = text.match(new RegExp(`.{1,${length}}`, 'gsu')) ?? [];
    return [
      { type: 'response.content_part.added', ...at, part: { ...item.content[index], text: '' } },
      ...deltas.map((delta) => ({ type: 'response.output_text.delta', ...at, delta })),
      ...(endsParts
        ? [
            { type: 'response.output_text.done', ...at, text },
            { type: 'response.content_part.done', ...at, part: item.content[index] },
          ]
        : []),
    ];
  });
  return [
    ...parts,
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { output: [item] } },
  ].map((event, index) => ({ ...event, sequence_number: index }));
}

/** What a stream says of each part: in deltas, at its end, in its item, in the response. Undefined where it ends in a refusal; what went out before. */
function maskStream(texts: readonly string[], length: number, endsParts = true) {
  const stream = createStreamMasker(create, masker);
  let out = '';
  let refused: unknown;
  try {
    for (const event of eventsOf(texts, length, endsParts))
      out += Buffer.from(stream.push(formatNamed([event]))).toString();
  } catch (error) {
    refused = error;
  }
  const events = seen(Buffer.from(out));
  const deltas = texts.map(() => '');
  for (const { type, content_index: index, delta } of events)
    if (type === 'response.output_text.delta') deltas[index] += delta;
  if (refused !== undefined) return { refused, deltas };
  const ended = events.filter(({ type }) => type === 'response.output_text.done').map(({ text }) => text);
  const parts = events
    .filter(({ type }) => type === 'response.content_part.done')
    .map(({ part }) => part.text);
  const [item, response] = events.slice(-2);
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  return {
    deltas,
    said: [...(endsParts ? [ended, parts] : []), textsOf(item?.item), textsOf(response?.response.output[0])],
    counts: stream.counts,
  };
}

describe('in a stream', () => {
  const word = fc.constantFrom(
    'SSN',
    SSN,
    'Dr. Maria Beispiel',
    'the leaflet.',
    '078051120',
    'Seen by',
    '\n',
    ',',
  );
  /** Sentences, cut somewhere. */
  const texts = fc
    .tuple(fc.array(word, { minLength: 1, maxLength: 6 }), fc.nat(), fc.nat())
    .map(([words, ...cuts]) => {
      const text = `${words.join(' ')} `;
      const [one = 0, other = 0] = cuts
        .map((cut) => 1 + (cut % text.length))
        .sort((left, right) => left - right);
      return [text.slice(0, one), text.slice(one, other), text.slice(other)].filter((part) => part !== '');
    })
    .filter((parts) => parts.length > 1);

  test('they are one text as well, or the stream ends before the rest of what goes on in the next one', () => {
    let refusals = 0;
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 12 }), fc.boolean(), (texts, length, endsParts) => {
        const whole = masker.mask(texts.join(''));
        const { refused, deltas, said, counts } = maskStream(texts, length, endsParts);
        if (refused === undefined) {
          expect(said).toEqual(said?.map(() => deltas));
          expect(deltas.join('')).toBe(whole.text);
          expect(counts).toEqual(whole.counts);
        } else {
          refusals++;
          expect(refused).toBeInstanceOf(ResponseError);
        }
        expect(deltas.join('')).not.toMatch(/078-05-1120|Maria Beispiel/);
      }),
      { numRuns: 300 },
    );
    expect(refusals).toBeGreaterThan(0);
    expect(refusals).toBeLessThan(250);
  });

  test('and whole they have nothing of it either, or go nowhere', () => {
    fc.assert(
      fc.property(texts, (texts) => {
        let masked: readonly string[] = [];
        try {
          masked = maskWhole(texts).texts;
        } catch (error) {
          expect(error).toBeInstanceOf(ResponseError);
        }
        expect(masked.join('')).not.toMatch(/078-05-1120|Maria Beispiel/);
        for (const [index, text] of texts.entries()) {
          if (masker.mask(text).text !== text) expect(masked[index]).not.toBe(text);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('what stands whole in its part is masked there, and a name that goes on is one', () => {
    const { said } = maskStream([`SSN ${SSN}.`, 'Seen by Dr. Maria', ' Beispiel today.'], 5);
    expect(said?.[0]).toEqual(['SSN [US_SSN].', 'Seen by Dr. [PERSON]', ' today.']);
  });

  test('a citation in a part behind another one points where it did', () => {
    const first = `SSN ${SSN}. `;
    const text = `SSN ${SSN}, see [1].`;
    const citation = {
      type: 'url_citation',
      start_index: text.indexOf('[1]'),
      end_index: text.indexOf('[1]') + 3,
    };
    const added = {
      type: 'response.output_text.annotation.added',
      output_index: 0,
      content_index: 1,
      annotation: citation,
    };
    const events = eventsOf([first, text], 4);
    const at = events.findIndex(
      ({ type, content_index: index }) => type === 'response.output_text.done' && index === 1,
    );
    const stream = createStreamMasker(create, masker);
    const sent = [...events.slice(0, at), added, ...events.slice(at)].map((event) =>
      Buffer.from(stream.push(formatNamed([event]))),
    );
    const [cited] = seen(Buffer.concat(sent)).filter(({ type }) => type === added.type);
    const masked = 'SSN [US_SSN], see [1].';
    expect(masked.slice(cited?.annotation.start_index, cited?.annotation.end_index)).toBe('[1]');
  });

  test('a part that goes on behind another one ends the stream', () => {
    const stream = createStreamMasker(create, masker);
    const delta = (index: number) =>
      formatNamed([
        { type: 'response.output_text.delta', output_index: 0, content_index: index, delta: 'a' },
      ]);
    for (const index of [0, 1]) stream.push(delta(index));
    expect(() => stream.push(delta(0))).toThrow(ResponseError);
  });
});

describe('what stands at the end of a part is masked also where the next one begins with a letter', () => {
  const CUT = [`SSN ${SSN}`, 'Next visit'];
  const chat = findRoute('POST', '/v1/chat/completions') as Route;

  test('in Responses, whole and streamed', () => {
    expect(maskWhole(CUT)).toEqual({ texts: ['SSN [US_SSN]', 'Next visit'], counts: { US_SSN: 1 } });
    const { deltas } = maskStream(CUT, 4);
    expect(deltas[0]).toBe('SSN [US_SSN]');
  });

  test('in chats, whole; and the stream of one ends', () => {
    const content = CUT.map((text, index) => ({ type: 'text', index, text }));
    const answer = { choices: [{ index: 0, message: { content } }] };
    const { body } = maskResponse(chat, Buffer.from(JSON.stringify(answer)), masker);
    expect(textsOf(read(body).choices[0].message)).toEqual(['SSN [US_SSN]', 'Next visit']);
    const stream = createStreamMasker(chat, masker);
    const chunk = (delta: object, finish_reason: string | null = null) =>
      Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
    let out = '';
    expect(() => {
      for (const part of content) out += Buffer.from(stream.push(chunk({ content: [part] }))).toString();
      out += Buffer.from(stream.push(chunk({}, 'stop'))).toString();
    }).toThrow(ResponseError);
    expect(out).not.toContain(SSN);
  });

  test('where neither the parts nor all of them together say it all, the answer goes nowhere', () => {
    const mask = (text: string, offsets?: OffsetMap) => {
      const masked = text.replace(/12(?![a-z])|a-b/g, (found, at: number) => {
        offsets?.add(at, at + found.length, 1);
        return 'X';
      });
      return { text: masked, counts: {} };
    };
    const output = [messageOf(['a', '-b 12', 'c'])];
    const body = Buffer.from(JSON.stringify({ output }));
    expect(() => maskResponse(create, body, { ...masker, mask })).toThrow(ResponseError);
  });
});
