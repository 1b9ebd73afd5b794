import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { createRestorer } from '#core/phi/token/restore.ts';
import { TokenMap } from '#core/phi/token/token-map.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { ROUTES } from '#core/provider/openai/catalogue.ts';
import type { Route } from '#core/provider/openai/routes/route.ts';
import { createStreamMasker, type StreamMasker } from '#core/provider/openai/stream/stream.ts';
import { completionEvents, responseEvents, wholeCompletion, wholeResponse } from '../../../env/answers.ts';

const map = new TokenMap(new Uint8Array(32).fill(4));
// Invented: nobody's data.
const VALUES = ['Maria Beispiel', '00482913', '12 Hafenweg "B" \\ 4'];
const TOKENS = VALUES.map((value) => map.take('PERSON', value, value).token);
const masker = createMasker(createDetector(), MASK_ALL);
const restorer = createRestorer((token) => map.find(token));
const routeOf = (id: string) => ROUTES.find((route) => route.id === id) as Route;

const API = [
  { route: routeOf('responses.create'), events: responseEvents, whole: wholeResponse },
  { route: routeOf('chat.completions.create'), events: completionEvents, whole: wholeCompletion },
] as const;

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(...TOKENS, '[PERSON_bbbbbbbb]', '[', '[PERSON', ' '),
      fc.constantFrom('SSN 078-05-1120', 'Dr. Max Muster', 'is well', '{"a":"', '"}', '\\', '\n'),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(' '));

/** Both passes of a stream: what records have, and what the caller gets. */
function pass(route: Route, events: readonly string[], cut: number): { kept: string; shown: string } {
  const bytes = Buffer.from(events.join(''));
  const stream = createStreamMasker(route, masker);
  const shown = createStreamMasker(route, restorer);
  const out: { kept: Uint8Array[]; shown: Uint8Array[] } = { kept: [], shown: [] };
  const put = (piece: Uint8Array, to: StreamMasker) => {
    out.kept.push(piece);
    out.shown.push(to.push(piece));
  };
  for (let at = 0; at < bytes.length; at += cut) put(stream.push(bytes.subarray(at, at + cut)), shown);
  put(stream.end(), shown);
  out.shown.push(shown.end());
  expect([stream.complete, shown.complete]).toEqual([true, true]);
  return { kept: Buffer.concat(out.kept).toString(), shown: Buffer.concat(out.shown).toString() };
}

interface Event {
  readonly delta?: unknown;
  readonly text?: unknown;
  readonly sequence_number?: number;
  readonly choices?: readonly { readonly delta?: { readonly content?: string } }[];
}

function read(stream: string) {
  const events: Event[] = [...stream.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
  const deltas = events.map(({ delta, choices }) => delta ?? choices?.[0]?.delta?.content ?? '');
  const numbers = events.flatMap(({ sequence_number: number }) => number ?? []);
  return { deltas: deltas.join(''), done: events.flatMap((event) => event.text ?? []), numbers };
}

test.each(API)('$route.id: what is restored is what the whole answer says, however it comes', (api) => {
  const { route, events, whole } = api;
  fc.assert(
    fc.property(
      text,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 400 }),
      (said, length, cut) => {
        // What begins like JSON is restored as JSON.
        const isJson = /^\s*[[{]/.test(said);
        const masked = masker.mask(said);
        const { kept, shown } = pass(route, events(said, length), cut);
        for (const value of VALUES) expect(kept).not.toContain(value);
        const { deltas, done, numbers } = read(shown);
        const once = maskResponse(route, Buffer.from(JSON.stringify(whole(said))), masker);
        expect(Buffer.from(once.body).toString()).not.toMatch(/Beispiel|00482913|Hafenweg/);
        const twice = JSON.parse(Buffer.from(maskResponse(route, once.body, restorer).body).toString());
        const answer = twice.output?.[0].content[0].text ?? twice.choices[0].message.content;
        expect(deltas).toBe(answer);
        for (const one of done) expect(one).toBe(answer);
        expect(numbers).toEqual(numbers.map((_, index) => index));
        if (!isJson) expect(answer).toBe(map.expand(masked.text));
      },
    ),
    { numRuns: 80 },
  );
});

test('events without a token go on byte for byte', () => {
  for (const { route, events } of API) {
    const { kept, shown } = pass(route, events('Nothing [here] to restore.', 4), 64);
    expect(read(shown).deltas).toBe(read(kept).deltas);
    expect(shown.length).toBeLessThanOrEqual(kept.length);
  }
  const { kept, shown } = pass(routeOf('chat.completions.create'), completionEvents('plain words', 4), 64);
  expect(shown).toBe(kept);
});

test('citations point at the same words once values stand there', () => {
  const said = `See ${TOKENS[0]} and the leaflet.`;
  const cited = said.indexOf('leaflet');
  const answer = wholeResponse(said);
  const citation = {
    type: 'url_citation',
    url: 'https://x',
    title: 't',
    start_index: cited,
    end_index: cited + 7,
  };
  const content = [{ ...answer.output[0]?.content[0], annotations: [citation] }];
  const body = Buffer.from(JSON.stringify({ ...answer, output: [{ ...answer.output[0], content }] }));
  const route = routeOf('responses.create');
  const shown = JSON.parse(Buffer.from(maskResponse(route, body, restorer).body).toString());
  const [{ text: out, annotations }] = shown.output[0].content;
  expect(out.slice(annotations[0].start_index, annotations[0].end_index)).toBe('leaflet');
  expect(out).toContain('Maria Beispiel');
});
