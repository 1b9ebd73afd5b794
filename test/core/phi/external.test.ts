import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { Answers } from '#core/phi/external/answers.ts';
import { addAnswers } from '#core/phi/external/detector.ts';
import { AnalysisError, analysisRequest, readAnalysis } from '#core/phi/external/presidio.ts';
import { createScout } from '#core/phi/external/scout.ts';
import { ANSWER_SEGMENTS, type Segment, Segmenter } from '#core/phi/external/segment.ts';
import { createMasker, type MaskStream } from '#core/phi/mask.ts';
import { isSpecial } from '#core/phi/normalise/normalise.ts';
import { analyze } from '../../env/presidio.ts';
import { clinicalText, cut, fractions } from './text.ts';

const PLAN = { default: 'placeholder', entities: {} } as const;
/** Two that nothing but a dictionary knows; one that lies in a number and one that reaches beyond a name. */
const NAMES = ['Zelda Quux', '😀Ödön', '8-05-1', 'Smith, SSN'];
const SIZES = { least: 20, most: 60 };
const builtIn = createDetector();

const texts = fc
  .array(
    fc.oneof(clinicalText, fc.constantFrom(...NAMES, ' ', '. ', '\n', '😀', 'Patient: John Smith, SSN: ')),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(''));

/** Both streams of one text: what goes ahead, and what masks once that is answered. */
function openText(kind: 'stream' | 'jsonStream', sizes = SIZES) {
  const answers = new Answers();
  const scout = createScout(sizes);
  const ahead: MaskStream = createMasker(scout, PLAN)[kind]();
  const masked: MaskStream = createMasker(addAnswers(builtIn, answers, sizes), PLAN)[kind]();
  const answer = () => {
    for (const segment of answers.open(scout.take())) {
      const body = JSON.stringify(analyze(segment.context + segment.text, NAMES));
      answers.add(segment, readAnalysis(body, segment));
    }
  };
  return {
    push: (chunk: string) => {
      ahead.push(chunk);
      answer();
      return masked.push(chunk);
    },
    end: () => {
      ahead.end();
      answer();
      return masked.end();
    },
    masked,
  };
}

function feed(kind: 'stream' | 'jsonStream', chunks: readonly string[]) {
  const both = openText(kind);
  let text = '';
  for (const chunk of chunks) text += both.push(chunk);
  return { text: text + both.end(), counts: both.masked.counts };
}

describe('segments', () => {
  test('are the text, whatever its pieces, and none is too long', () => {
    fc.assert(
      fc.property(texts, fractions, fc.string({ maxLength: 10 }), (text, places, context) => {
        const whole = new Segmenter(SIZES, context);
        const pieces = new Segmenter(SIZES, context);
        const segments = [...whole.push(text), ...whole.end()];
        const again = cut(text, places).flatMap((piece) => pieces.push(piece));
        expect([...again, ...pieces.end()]).toEqual(segments);
        expect(segments.map((segment) => segment.text).join('')).toBe(text);
        for (const { start, text: part, context: before } of segments) {
          expect(text.startsWith(part, start)).toBe(true);
          expect((context + text.slice(0, start)).endsWith(before)).toBe(true);
          expect(part.length).toBeLessThanOrEqual(SIZES.most);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('end with a sentence or a line, else between words, else anywhere but in a character', () => {
    const cuts = (text: string) =>
      new Segmenter({ least: 10, most: 20 }, '').push(text).map((part) => part.text);
    expect(cuts('Short. And a longer one. More')).toEqual(['Short. And a longer ']);
    expect(cuts('Pain for days. None now')).toEqual(['Pain for days. ']);
    expect(cuts('BP 120/80 mm\n97 %')).toEqual(['BP 120/80 mm\n']);
    expect(cuts(`${'x'.repeat(19)}😀y`)).toEqual(['x'.repeat(19)]);
    expect(cuts('x'.repeat(20))).toEqual([]);
  });
});

describe('both detectors', () => {
  test('give the same whatever the chunking, in text and in JSON', () => {
    fc.assert(
      fc.property(texts, fractions, (text, places) => {
        expect(feed('stream', cut(text, places))).toEqual(feed('stream', [text]));
        const json = JSON.stringify({ note: text, [text]: [1, text] });
        const whole = feed('jsonStream', [json]);
        expect(feed('jsonStream', cut(json, places))).toEqual(whole);
        JSON.parse(whole.text);
      }),
      { numRuns: 500 },
    );
  });

  test('replace what either of them finds, and nothing else', () => {
    fc.assert(
      fc.property(texts, (text) => {
        fc.pre(!isSpecial(text));
        const segmenter = new Segmenter(SIZES, '');
        const external = [...segmenter.push(text), ...segmenter.end()].flatMap((segment) =>
          readAnalysis(JSON.stringify(analyze(segment.context + segment.text, NAMES)), segment).map(
            (finding) => ({
              start: segment.start + finding.start,
              end: segment.start + finding.end,
            }),
          ),
        );
        const hidden = new Set<number>();
        for (const { start, end } of [...builtIn.scan(text), ...external]) {
          for (let at = start; at < end; at++) hidden.add(at);
        }
        let expected = '';
        for (let at = 0; at < text.length; at++) {
          if (!hidden.has(at)) expected += text.charAt(at);
          else if (!hidden.has(at - 1)) expected += '#';
        }
        expect(feed('stream', [text]).text.replace(/(?:\[[A-Z_]+\])+/g, '#')).toBe(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a finding that only one of them knows, one inside another, and one across the end of another', () => {
    expect(feed('stream', ['Zelda Quux has 078-05-1120.'])).toEqual({
      text: '[PERSON] has [US_SSN].',
      counts: { PERSON: 1, US_SSN: 1 },
    });
    expect(feed('stream', ['Patient: John Smith, SSN 078-05-1120']).text).toBe(
      'Patient: [PERSON][PERSON] [US_SSN]',
    );
  });

  test('text waits until its segment is whole, and what is not answered never comes out', () => {
    const both = openText('stream', ANSWER_SEGMENTS);
    expect(both.push('Nothing here that anybody would look for, only many ordinary words in a row')).toBe('');
    expect(both.push(', and the end. Ze')).toBe(
      'Nothing here that anybody would look for, only many ordinary words in a row, and the end. ',
    );
    expect(both.push('lda Quux')).toBe('');
    expect(both.end()).toBe('[PERSON]');
    const unseen = createMasker(addAnswers(builtIn, new Answers(), SIZES), PLAN);
    expect(() => unseen.mask('some text')).toThrow('has not seen');
    expect(unseen.mask(' -- ').text).toBe(' -- ');
  });

  test('what a policy leaves hides nothing, whoever found it', () => {
    const answers = new Answers();
    const text = 'Zelda Quux';
    answers.add({ start: 0, context: '', text }, [
      { entity: 'PERSON', start: 0, end: 10, score: 0.9, rule: 'external.person' },
      { entity: 'CITY', start: 6, end: 10, score: 0.5, rule: 'external.location' },
    ]);
    const plan = { default: 'placeholder', entities: { PERSON: 'none' } } as const;
    expect(createMasker(addAnswers(builtIn, answers, SIZES), plan).mask(text).text).toBe('Zelda [CITY]');
  });

  test('the beginning of a text that was seen is known', () => {
    const answers = new Answers();
    const text = 'Zelda Quux';
    const segment = { start: 0, context: '', text };
    answers.add(segment, [{ entity: 'PERSON', start: 0, end: 10, score: 0.9, rule: 'external.person' }]);
    expect(answers.of({ ...segment, text: 'Zelda' })).toMatchObject([{ start: 0, end: 5 }]);
    const next = { start: 10, context: text, text: ' of' };
    answers.add(next, [{ entity: 'CITY', start: 1, end: 3, score: 0.9, rule: 'external.location' }]);
    expect(answers.of({ ...segment, text: 'Zelda Quux o' })).toMatchObject([
      { start: 0, end: 10 },
      { start: 11, end: 12 },
    ]);
    expect(() => answers.of({ ...segment, text: 'Zelda Quux in' })).toThrow('has not seen');
    expect(() => answers.of({ ...segment, text: 'elda' })).toThrow('has not seen');
    expect(() => answers.of({ ...segment, context: 'x' })).toThrow('has not seen');
  });
});

describe("Presidio's API", () => {
  const segment: Segment = { start: 40, context: 'Mr 😀 ', text: '𝒜da Lee, 😀\ud83d' };

  test('asks about a segment with what stands before it, without half characters', () => {
    expect(JSON.parse(analysisRequest(segment))).toEqual({
      text: 'Mr 😀 𝒜da Lee, 😀\ufffd',
      language: 'en',
      score_threshold: 0.5,
    });
  });

  test('places are code points of all that was sent; what lies before the segment is left off', () => {
    const body = JSON.stringify([
      { entity_type: 'PERSON', start: 5, end: 12, score: 0.85, analysis_explanation: null },
      { entity_type: 'LOCATION', start: 0, end: 2, score: 0.85 },
      { entity_type: 'DATE_TIME', start: 3, end: 8, score: 0.9 },
      { entity_type: 'US_SSN', start: 5, end: 8, score: 0.05 },
      { entity_type: 'NRP', start: 5, end: 8, score: 1 },
      { entity_type: 'WARD_CODE', start: 14, end: 16, score: 1 },
    ]);
    const found = readAnalysis(body, segment);
    expect(found.map(({ entity, start, end }) => [entity, segment.text.slice(start, end)])).toEqual([
      ['PERSON', '𝒜da Lee'],
      ['DATE', '𝒜da'],
      ['UNIQUE_ID', '😀\ud83d'],
    ]);
    expect(found[0]).toMatchObject({ score: 0.85, rule: 'external.person' });
  });

  test.each([
    ['nothing', ''],
    ['no list', '{"error":"busy"}'],
    ['no object', '[1]'],
    ['no type', '[{"start":0,"end":1,"score":1}]'],
    ['a type that is text', '[{"entity_type":"Ada Lee","start":0,"end":1,"score":1}]'],
    ['a place that is text', '[{"entity_type":"PERSON","start":"0","end":1,"score":1}]'],
    ['a place between two', '[{"entity_type":"PERSON","start":0.5,"end":1,"score":1}]'],
    ['a place before the text', '[{"entity_type":"PERSON","start":-1,"end":1,"score":1}]'],
    ['a place behind the text', '[{"entity_type":"PERSON","start":0,"end":17,"score":1}]'],
    ['an end before its start', '[{"entity_type":"PERSON","start":2,"end":1,"score":1}]'],
    ['no score', '[{"entity_type":"PERSON","start":0,"end":1}]'],
    ['a score of nothing', '[{"entity_type":"PERSON","start":0,"end":1,"score":null}]'],
  ])('an answer of %s is malformed, and is not quoted', (_name, body) => {
    expect(() => readAnalysis(body, segment)).toThrow(AnalysisError);
    expect(() => readAnalysis(body, segment)).not.toThrow(/Lee/);
  });
});
