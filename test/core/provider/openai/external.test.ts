import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { Answers } from '#core/phi/external/answers.ts';
import { addAnswers } from '#core/phi/external/detector.ts';
import { readAnalysis } from '#core/phi/external/presidio.ts';
import { createScout } from '#core/phi/external/scout.ts';
import { createMasker } from '#core/phi/mask.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { analyze } from '../../../env/presidio.ts';
import { cut } from './cut.ts';
import { envelope, items, responsesEvents, SAID } from './fixtures/responses.ts';
import { formatNamed, parseEvents } from './fixtures/sse.ts';

type Json = Record<string, unknown>;

const ROUTE = findRoute('POST', '/v1/responses') as Route;
const PLAN = { default: 'placeholder', entities: {} } as const;
const SIZES = { least: 10, most: 40 };
const NAME = 'Zelda Quux';
const builtIn = createDetector();

/** What masks an answer after what goes ahead of it, and what answers in between. */
function lookAhead() {
  const answers = new Answers();
  const scout = createScout(SIZES);
  const answer = () => {
    for (const segment of answers.open(scout.take())) {
      const body = JSON.stringify(analyze(segment.context + segment.text, [NAME]));
      answers.add(segment, readAnalysis(body, segment));
    }
  };
  const masker = createMasker(addAnswers(builtIn, answers, SIZES), PLAN);
  return { scout: createMasker(scout, PLAN), answer, masker };
}

const ENCODED = `data:text/plain;base64,${Buffer.from(`SSN 078-05-1120 of ${NAME}`).toString('base64')}`;
const text = fc
  .array(
    fc.constantFrom(
      ENCODED,
      NAME,
      ' and ',
      '. ',
      '𝄞',
      'SSN 078-05-1120',
      '\n',
      '[1] ',
      'Zelda',
      'Dr. Ann Smith',
    ),
    {
      minLength: 1,
      maxLength: 10,
    },
  )
  .map((parts) => parts.join(''));

test('with both detectors a response says the same in its events and whole, and its citations point right', () => {
  fc.assert(
    fc.property(
      text,
      text,
      fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 4 }),
      (before, after, sizes) => {
        const said = {
          ...SAID,
          text: `The ${before} [1] ${after}`,
          arguments: JSON.stringify({ who: before, [`of ${after}`]: 1 }),
          refusal: after,
        };
        const streamed = lookAhead();
        const ahead = createStreamMasker(ROUTE, streamed.scout);
        const stream = createStreamMasker(ROUTE, streamed.masker);
        const parts = cut(formatNamed(responsesEvents(said)), sizes).map((part) => {
          ahead.push(part);
          streamed.answer();
          return stream.push(part);
        });
        ahead.end();
        streamed.answer();
        const events = parseEvents(Buffer.concat([...parts, stream.end()]));

        const look = lookAhead();
        const body = Buffer.from(JSON.stringify({ ...envelope(), status: 'completed', output: items(said) }));
        maskResponse(ROUTE, body, look.scout);
        look.answer();
        const masked = new TextDecoder().decode(maskResponse(ROUTE, body, look.masker).body);
        const { output } = JSON.parse(masked);

        expect(masked).not.toContain('Quux');
        expect(masked).not.toContain(ENCODED);
        expect(JSON.stringify(events)).not.toContain('Quux');
        expect((events.at(-1) as { response: Json }).response['output']).toEqual(output);
        const [{ text: content, annotations }] = output[1].content;
        const deltas = events.filter(({ type }) => type === 'response.output_text.delta');
        expect(deltas.map(({ delta }) => delta).join('')).toBe(content);
        if (!before.includes('[1]')) {
          expect(content.slice(annotations[0].start_index, annotations[0].end_index)).toBe('[1]');
        }
      },
    ),
    // What stands behind a name decides whether it is one.
    {
      numRuns: 150,
      examples: [
        [`${ENCODED} and Zelda Quux`, `${ENCODED},`, [50]],
        ['𝄞Zelda QuuxZelda Quux', 'Zelda Quux', [2000]],
      ],
    },
  );
});
