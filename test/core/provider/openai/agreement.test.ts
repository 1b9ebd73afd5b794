import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker, type Masker } from '#core/phi/mask.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { sessionOf } from '../../phi/replace/session.ts';
import { cut } from './cut.ts';
import { chunk } from './fixtures/chat.ts';
import { envelope, items, responsesEvents, type Said } from './fixtures/responses.ts';
import { formatChunks, formatNamed, parseEvents, tokens } from './fixtures/sse.ts';
import { createTestMasker } from './masker.ts';

type Json = Record<string, unknown>;

const responses = findRoute('POST', '/v1/responses') as Route;
const chat = findRoute('POST', '/v1/chat/completions') as Route;
const maskers: [string, Masker][] = [
  ['the test masker', createTestMasker()],
  ['the real masker', createMasker(createDetector(), { default: 'placeholder', entities: {} })],
  ['numbers', createMasker(createDetector(), { default: 'numbered', entities: {} }, sessionOf())],
];

const fragment = fc.constantFrom(
  '123-45-6789',
  'SSN: 123 45 6789',
  'MRN: 00123456',
  'Dr. Ann Smith',
  'Patient: John Q. Public',
  'ann@example.org',
  '(555) 123-4567',
  'born 1980-05-01',
  'Müller 𝄞',
  ' and then ',
  '. ',
  '\n',
  '{"name":"Ann Smith",',
  '[1] ',
  '12',
  '-',
);
const text = fc.array(fragment, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
const json = fc.record({ mrn: text, note: text, n: fc.integer() }).map((value) => JSON.stringify(value));
const said: fc.Arbitrary<Said> = fc.record({
  text: text.map((value) => `${value} [1] ${value}`),
  refusal: text,
  reasoning: text,
  summary: text,
  arguments: json,
  mcpArguments: json,
  customInput: fc.oneof(text, json),
  code: text,
  command: text,
  stdout: text,
  transcript: text,
});

/** The strings of the item members that come in deltas, in the order of the fixture's items. */
function saidWhole(output: unknown): unknown[] {
  return [
    pick(output, 0, 'summary', 0, 'text'),
    pick(output, 0, 'content', 0, 'text'),
    pick(output, 1, 'content', 0, 'text'),
    pick(output, 1, 'content', 1, 'refusal'),
    pick(output, 2, 'arguments'),
    pick(output, 3, 'arguments'),
    pick(output, 4, 'input'),
    pick(output, 5, 'code'),
    pick(output, 6, 'action', 'commands', 0),
    pick(output, 7, 'output', 0, 'stdout'),
  ];
}

function pick(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce((inner, step) => (inner as Record<string | number, unknown> | undefined)?.[step], value);
}

/** The same strings, put together from deltas alone. */
function saidInDeltas(events: readonly Json[]): string[] {
  const types = [
    'reasoning_summary_text',
    'reasoning_text',
    'output_text',
    'refusal',
    'function_call_arguments',
    'mcp_call_arguments',
    'custom_tool_call_input',
    'code_interpreter_call_code',
    'shell_call_command',
    'shell_call_output_content',
  ];
  return types.map((type) =>
    events
      .map((event) => {
        if (event['type'] === `response.${type}.added`) return event['command'];
        if (event['type'] !== `response.${type}.delta`) return '';
        return typeof event['delta'] === 'string' ? event['delta'] : (event['delta'] as Json)['stdout'];
      })
      .join(''),
  );
}

describe.each(maskers)('with %s', (_name, masker) => {
  it('a response says the same in its deltas, its items and the whole answer', () => {
    fc.assert(
      fc.property(
        said,
        fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 4 }),
        (texts, sizes) => {
          const stream = createStreamMasker(responses, masker);
          const parts = cut(formatNamed(responsesEvents(texts)), sizes).map((part) => stream.push(part));
          const events = parseEvents(Buffer.concat([...parts, stream.end()]));
          const body = { ...envelope(), status: 'completed', output: items(texts) };
          const answer = maskResponse(responses, new TextEncoder().encode(JSON.stringify(body)), masker);
          const whole = saidWhole(JSON.parse(new TextDecoder().decode(answer.body)).output);

          expect(saidInDeltas(events)).toEqual(whole);
          expect(saidWhole(pick(events.at(-1), 'response', 'output'))).toEqual(whole);
          const done = events.filter((event) => event['type'] === 'response.output_item.done');
          expect(saidWhole(done.map((event) => event['item']))).toEqual(whole);
          expect(whole[2]).toBe(
            (/^\s*[[{]/.test(texts.text) ? masker.maskJson : masker.mask)(texts.text).text,
          );
          expect(whole[4]).toBe(masker.maskJson(texts.arguments).text);
          expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_, index) => index));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a chat completion says the same in its deltas and the whole answer', () => {
    fc.assert(
      fc.property(said, fc.integer({ min: 1, max: 9 }), (texts, size) => {
        const call = (piece: string) => ({ tool_calls: [{ index: 0, function: { arguments: piece } }] });
        const chunks = [
          ...tokens(texts.text, size).map((content) => chunk(0, { content })),
          ...tokens(texts.refusal, size).map((refusal) => chunk(1, { refusal })),
          ...tokens(texts.arguments, size).map((piece) => chunk(0, call(piece))),
          chunk(0, {}, 'tool_calls'),
          chunk(1, {}, 'stop'),
        ];
        const stream = createStreamMasker(chat, masker);
        const choices = parseEvents(stream.push(formatChunks(chunks))).flatMap(
          (event) => event['choices'] as Json[],
        );
        const join = (...path: (string | number)[]) =>
          choices.map((choice) => pick(choice, 'delta', ...path) ?? '').join('');
        const message = {
          content: texts.text,
          refusal: texts.refusal,
          tool_calls: [{ type: 'function', function: { name: 'f', arguments: texts.arguments } }],
        };
        const body = JSON.stringify({ choices: [{ index: 0, message }] });
        const answer = maskResponse(chat, new TextEncoder().encode(body), masker);
        const whole = JSON.parse(new TextDecoder().decode(answer.body)).choices[0].message;

        expect(join('content')).toBe(whole.content);
        expect(join('refusal')).toBe(whole.refusal);
        expect(join('tool_calls', 0, 'function', 'arguments')).toBe(whole.tool_calls[0].function.arguments);
        expect(stream.counts).toEqual(answer.counts);
      }),
      { numRuns: 60 },
    );
  });
});
