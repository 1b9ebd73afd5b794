import { describe, expect, it } from 'vitest';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { SSN } from './fixtures/responses.ts';
import { formatNamed, parseEvents } from './fixtures/sse.ts';
import { createTestMasker } from './masker.ts';

type Json = Record<string, unknown>;

const route = findRoute('POST', '/v1/responses') as Route;

describe('a citation of a streamed response', () => {
  const mask = (events: readonly Json[]) => {
    const stream = createStreamMasker(route, createTestMasker());
    return parseEvents(Buffer.concat([stream.push(formatNamed(events)), stream.end()]));
  };
  const delta = (text: string, number: number): Json => ({
    type: 'response.output_text.delta',
    sequence_number: number,
    output_index: 0,
    content_index: 0,
    delta: text,
  });
  const cite = (start: number, end: number, number: number): Json => ({
    type: 'response.output_text.annotation.added',
    sequence_number: number,
    output_index: 0,
    content_index: 0,
    annotation_index: 0,
    annotation: { type: 'url_citation', start_index: start, end_index: end, title: 't', url: 'u' },
  });
  const done = (text: string, number: number): Json => ({
    type: 'response.output_text.done',
    sequence_number: number,
    output_index: 0,
    content_index: 0,
    text,
  });
  const told = (events: readonly Json[]) =>
    events.map((event) => {
      const annotation = event['annotation'] as Json | undefined;
      return annotation
        ? [annotation['start_index'], annotation['end_index']]
        : (event['delta'] ?? event['text']);
    });

  it('goes out at once where the text before it is certain', () => {
    const events = mask([delta('see [1] ', 0), cite(4, 7, 1), delta('12', 2), done('see [1] 12', 3)]);
    expect(told(events)).toEqual(['see [1] ', [4, 7], '12', 'see [1] 12']);
  });

  it('is moved at once where all before it went out', () => {
    const text = `${SSN} [1] 12`;
    const events = mask([delta(`${SSN} [1] 1`, 5), cite(12, 15, 6), delta('2', 7), done(text, 8)]);
    expect(told(events)).toEqual(['[US_SSN] [1] ', [9, 12], '12', '[US_SSN] [1] 12']);
    expect(events.map((event) => event['sequence_number'])).toEqual([5, 6, 7, 8]);
  });

  it('waits for text that is held back, and is moved with it', () => {
    const text = `${SSN} [1] 12`;
    const events = mask([delta(`${SSN} [1]`, 5), cite(12, 18, 6), delta(' 12', 7), done(text, 8)]);
    expect(told(events)).toEqual(['[US_SSN] [1]', ' ', '12', [9, 15], '[US_SSN] [1] 12']);
    expect(events.map((event) => event['sequence_number'])).toEqual([5, 6, 7, 8, 9]);
  });

  it('of what is beyond the text is of its end', () => {
    const events = mask([delta(SSN, 0), done(SSN, 1), cite(99, 100, 2)]);
    expect(told(events)).toEqual(['[US_SSN]', '[US_SSN]', [8, 8]]);
  });

  it('is moved at once where its text is done', () => {
    const text = `${SSN} [1]`;
    const events = mask([delta(text, 0), done(text, 1), cite(12, 15, 2)]);
    expect(told(events)).toEqual(['[US_SSN] [1]', '[US_SSN] [1]', [9, 12]]);
  });
});
