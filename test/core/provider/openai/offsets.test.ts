import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker, type Masker, OffsetMap } from '#core/phi/mask.ts';
import { createRestorer } from '#core/phi/token/restore.ts';
import { TokenMap } from '#core/phi/token/token-map.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { hideSecrets } from '#core/provider/openai/answer/secret-masker.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { Channel } from '#core/provider/openai/stream/channel.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { expectExact } from '../../phi/offsets.ts';
import { formatNamed, parseEvents } from './fixtures/sse.ts';

type Json = Record<string, unknown>;

const ROUTE = findRoute('POST', '/v1/responses') as Route;
const SECRET = 'canary-0001';
// Invented: nobody's data.
const map = new TokenMap(new Uint8Array(32).fill(4));
const [token, other] = ['Maria Beispiel', 'x "y" z'].map((value) => map.take('PERSON', value, value).token);
const masker = createMasker(createDetector(), MASK_ALL);
const MASKERS: readonly [string, Masker][] = [
  ['findings', masker],
  ['findings and secrets', hideSecrets(masker, [SECRET, 'SSN'])],
  ['tokens', createRestorer((name) => map.find(name))],
];

const piece = fc.constantFrom(
  'Dr. Ann Smith',
  'SSN 078-05-1120',
  '078-05-1120',
  'call 555-555-0142',
  'MRN 00123456',
  SECRET,
  'canary-0',
  token ?? '',
  other ?? '',
  '[1]',
  '{"a":"',
  '"}',
  'the leaflet.',
  '\n',
  '𝄞',
);
const pieces = fc
  .array(fc.tuple(piece, fc.constantFrom(' ', '', ', ')), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.map((part) => part.join('')))
  // What grows with each delta ends its stream.
  .filter((deltas) =>
    deltas.every((delta, index) => index === 0 || !delta.startsWith(deltas[index - 1] ?? '')),
  );

test.each(MASKERS)(
  'in a text that comes in deltas a place that is settled stays where it is: %s',
  (_what, masker) => {
    fc.assert(
      fc.property(pieces, fc.constantFrom('delta', 'arguments'), fc.boolean(), (deltas, key, goesOn) => {
        const channel = new Channel(masker, 'place', key);
        const settled = new Map<number, readonly number[]>();
        const moved = (place: number) => [
          channel.offsets.move(place, 'start'),
          channel.offsets.move(place, 'end'),
        ];
        for (const delta of deltas) {
          channel.push(delta);
          for (let place = 0; place <= channel.source.length; place++) {
            if (!channel.isSettled(place)) continue;
            expect(Math.max(...moved(place))).toBeLessThanOrEqual(channel.emitted.length);
            settled.set(place, settled.get(place) ?? moved(place));
          }
        }
        channel.end();
        // Goes on with what cannot change what it was.
        if (goesOn && key === 'delta') {
          channel.push('\n\n');
          channel.end();
        }
        for (const [place, places] of settled) expect(moved(place)).toEqual(places);
        expect(moved(channel.source.length)).toEqual([channel.emitted.length, channel.emitted.length]);
      }),
      { numRuns: 80 },
    );
  },
);

test('secrets: every place is moved to where it is once both are taken out', () => {
  const hiding = hideSecrets(masker, [SECRET, 'SSN']);
  fc.assert(
    fc.property(pieces, (deltas) => {
      const text = deltas.join('');
      const offsets = new OffsetMap();
      const stream = hiding.stream(offsets);
      const masked = deltas
        .map((delta) => stream.push(delta))
        .concat(stream.end())
        .join('');
      expectExact(text, masked, offsets);
      const whole = new OffsetMap();
      expect(hiding.mask(text, whole).text).toBe(masked);
      expectExact(text, masked, whole);
    }),
    { numRuns: 80 },
  );
});

/** A streamed response whose text is cited after one of its deltas. */
function citing(deltas: readonly string[], after: number, citation: Json): Json[] {
  const text = deltas.join('');
  const at = { output_index: 0, content_index: 0 };
  const item = {
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text, annotations: [citation] }],
  };
  const events = deltas.map((delta): Json => ({ type: 'response.output_text.delta', ...at, delta }));
  const added = {
    type: 'response.output_text.annotation.added',
    ...at,
    annotation_index: 0,
    annotation: citation,
  };
  events.splice(after, 0, added);
  return [
    ...events,
    { type: 'response.output_text.done', ...at, text },
    { type: 'response.completed', response: { status: 'completed', output: [item] } },
  ];
}

test.each(MASKERS)(
  'a citation says the same when it comes in a stream, in its end, and whole: %s',
  (_what, masker) => {
    fc.assert(
      fc.property(pieces, fc.nat(), fc.nat(), fc.nat(), (deltas, after, start, length) => {
        const { length: all } = deltas.join('');
        const from = start % (all + 2);
        const citation = {
          type: 'url_citation',
          start_index: from,
          end_index: from + (length % 12),
          title: 't',
          url: 'u',
        };
        const came = citing(deltas, 1 + (after % deltas.length), citation);
        const stream = createStreamMasker(ROUTE, masker);
        const events = parseEvents(Buffer.concat([stream.push(formatNamed(came)), stream.end()])) as Json[];
        const { response } = events.at(-1) as { response: Json };
        const [item] = response['output'] as [{ content: [{ annotations: [Json] }] }];
        const added = events.filter((event) => 'annotation' in event);
        expect(added.map((event) => event['annotation'])).toEqual(item.content[0].annotations);
        const body = Buffer.from(JSON.stringify((came.at(-1) as { response: Json }).response));
        expect(JSON.parse(Buffer.from(maskResponse(ROUTE, body, masker).body).toString()).output).toEqual(
          response['output'],
        );
      }),
      { numRuns: 100 },
    );
  },
);
