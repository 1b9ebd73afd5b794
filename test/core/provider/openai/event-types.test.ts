import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { chatChunks } from './fixtures/chat.ts';
import { responsesEvents, SSN } from './fixtures/responses.ts';
import { formatChunks, formatNamed, parseEvents } from './fixtures/sse.ts';
import { createTestMasker } from './masker.ts';

type Json = Record<string, unknown>;

/** An event of the installed SDK's types: its type, and its members with theirs. */
interface EventType {
  readonly type: string;
  readonly members: readonly (readonly [name: string, type: string])[];
}

const TYPES = readEventTypes();
const responses = findRoute('POST', '/responses') as Route;
const chat = findRoute('POST', '/chat/completions') as Route;
const encode = (text: string) => new TextEncoder().encode(text);

function readEventTypes(): EventType[] {
  const path = createRequire(import.meta.url).resolve('openai/resources/responses/responses');
  const types = readFileSync(path.replace(/\.m?js$/, '.d.ts'), 'utf8');
  const [, union = ''] = /export type ResponseStreamEvent = ([^;]+);/.exec(types) ?? [];
  return union.split('|').map((name) => {
    const [, body = ''] = new RegExp(`export interface ${name.trim()} \\{(.*?)\\n\\}`, 's').exec(types) ?? [];
    const members = [...body.matchAll(/^ {4}(\w+)\??: ([^;]+);/gm)].map(
      ([, member = '', type = '']) => [member, type] as const,
    );
    const type = members.find(([member]) => member === 'type')?.[1].replaceAll("'", '') ?? '';
    return { type, members: members.filter(([member]) => member !== 'type' && member !== 'sequence_number') };
  });
}

function mask(route: Route, wire: Uint8Array, masker = createTestMasker()) {
  const stream = createStreamMasker(route, masker);
  const bytes = Buffer.concat([stream.push(wire), stream.end()]);
  return { bytes, text: bytes.toString(), events: parseEvents(bytes) };
}

/** A value of a member that says `text` wherever it can. */
function sayValue(name: string, type: string, text: string): unknown {
  if (/^(?:Array<|\w+\[\])/.test(type)) return [{ token: text, text, stdout: text }];
  if (type === 'number') return 0;
  if (name.endsWith('_id')) return 'msg_0123456789abcdef';
  if (/^string\b/.test(type)) return text;
  return {
    type: 'output_text',
    text,
    stdout: text,
    output: [{ text }],
    error: { message: text },
  };
}

const end = (number: number): Json => ({ type: 'response.completed', sequence_number: number, response: {} });

function sample({ type, members }: EventType, number: number, text: string): Json {
  const values = members.map(([name, kind]) => [name, sayValue(name, kind, text)]);
  return { type, sequence_number: number, ...Object.fromEntries(values) };
}

describe('every event of the Responses API that the SDK knows', () => {
  test('is known here: what comes with a newer SDK shows up as a case', () => {
    expect(TYPES.length).toBeGreaterThanOrEqual(58);
    expect(TYPES.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['error', 'response.compaction.compacting']),
    );
    expect(TYPES.every(({ type }) => /^(?:error|response\.[a-z_.]+)$/.test(type))).toBe(true);
  });

  test.each(TYPES.map((type) => [type.type, type] as const))(
    '%s is masked in every member',
    (_name, type) => {
      const { text, events } = mask(responses, formatNamed([sample(type, 0, `a ${SSN} b`), end(1)]));
      expect(text).not.toContain(SSN);
      expect(text).not.toContain('"obfuscation"');
      expect(events[0]?.['type']).toBe(type.type);
      const isSilent = !type.members.some(
        ([name, kind]) => !name.endsWith('_id') && kind !== 'number' && name !== 'obfuscation',
      );
      if (!isSilent) expect(text).toContain('[US_SSN]');
    },
  );

  const deltas = TYPES.filter(({ type }) => type.endsWith('.delta'));
  test.each(deltas.map((type) => [type.type, type] as const))(
    '%s is masked over its pieces',
    (_name, type) => {
      const { text, events } = mask(
        responses,
        formatNamed([sample(type, 0, 'a 123-4'), sample(type, 1, '5-67'), sample(type, 2, '89 b'), end(3)]),
      );
      expect(text).not.toMatch(/123-4|5-67|89 b/);
      expect(text).toContain('[US_SSN] b');
      expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_, index) => index));
    },
  );
});

describe('a stream in which nothing is found', () => {
  /** The same stream with nothing to mask, to drop or to hold back in it. */
  function harmless(events: readonly Json[]): Json[] {
    const text = JSON.stringify(events, (key, value) => {
      if (key === 'obfuscation') return undefined;
      if (key === 'logprobs') return Array.isArray(value) ? [] : null;
      return value;
    });
    // Digits in texts are held back as the beginning of a number.
    const said = text.replaceAll(SSN, 'somebody').replace(/"(?:[^"\\]|\\.)*"/g, (literal) => {
      return /^"[a-z]+[_-][0-9a-f_A-Za-z-]{10,}"$/.test(literal) ? literal : literal.replaceAll(/\d/g, 'x');
    });
    return JSON.parse(said) as Json[];
  }

  test.each([
    ['of the Responses API', responses, formatNamed(harmless(responsesEvents()))],
    ['of Chat Completions', chat, formatChunks(harmless(chatChunks()))],
  ])('goes on byte for byte: %s', (_what, route, wire) => {
    // The test masker holds JSON back whole.
    const masker = createTestMasker();
    const { bytes } = mask(route, wire, { ...masker, jsonStream: () => masker.stream() });
    expect(bytes.toString()).toBe(Buffer.from(wire).toString());
  });
});

describe('citations of a streamed chat completion', () => {
  const chunk = (delta: Json, finish: string | null = null) => {
    return { id: 'chatcmpl-0123456789abcdef', choices: [{ index: 0, delta, finish_reason: finish }] };
  };
  const cite = (start: number, end: number) => {
    const url_citation = {
      start_index: start,
      end_index: end,
      title: `Chart of ${SSN}`,
      url: 'https://a.example',
    };
    return { annotations: [{ type: 'url_citation', url_citation }] };
  };
  const told = (chunks: readonly Json[]) => {
    const { text, events } = mask(chat, formatChunks(chunks));
    expect(text).not.toContain(SSN);
    const deltas = events
      .flatMap((event) => (event['choices'] as Json[] | undefined) ?? [])
      .map((choice) => choice['delta'] as Json);
    const content = deltas.map((delta) => delta['content'] ?? '').join('');
    const found = deltas.flatMap(
      (delta) => (delta['annotations'] as { url_citation: Json }[] | undefined) ?? [],
    );
    return found.map(({ url_citation: at }) =>
      content.slice(Number(at['start_index']), Number(at['end_index'])),
    );
  };

  test.each([
    [
      'before the end of the text',
      [chunk({ content: `${SSN} see [1], and 12` }), chunk(cite(16, 19)), chunk({}, 'stop')],
    ],
    ['with the end of the text', [chunk({ content: `${SSN} see [1], and 12` }), chunk(cite(16, 19), 'stop')]],
    ['with its text', [chunk({ content: `${SSN} see [1]`, ...cite(16, 19) }), chunk({}, 'stop')]],
    [
      'before the text that it points at is certain',
      [
        chunk({ content: `${SSN} see [1` }),
        chunk(cite(16, 19)),
        chunk({ content: '] 12' }),
        chunk({}, 'stop'),
      ],
    ],
    ['where no finish_reason comes', [chunk({ content: `${SSN} see [1] 1` }), chunk(cite(16, 19))]],
    [
      'where nothing is masked',
      [chunk({ content: 'xxx-xx-xxxx see [1] ' }), chunk(cite(16, 19)), chunk({}, 'stop')],
    ],
  ])('stay on their words: %s', (_where, chunks) => {
    expect(told(chunks)).toEqual(['[1]']);
  });

  test('go on as they are where nothing is masked', () => {
    const wire = encode(
      `data: ${JSON.stringify(chunk({ content: 'see [1] ' }))}\n\ndata: {"choices": [{"index":0,"delta":{"annotations":[{"type":"url_citation","url_citation":{"start_index":4,"end_index":7}}]}}]}\n\n`,
    );
    expect(mask(chat, wire).text).toBe(Buffer.from(wire).toString());
  });
});
