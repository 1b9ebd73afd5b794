import type { FindingCounts, Masker } from '#core/phi/mask.ts';
import { replacedWhole } from '../answer/spans.ts';
import type { Texts } from '../answer/texts.ts';
import { maskPieces } from './pieces.ts';

type Json = Record<string, unknown>;

/**
 * Prepares a transcript for masking, which its JSON says up to four times: as a text, in segments, in words, and in the numbers
 * of tokens. Segments are masked as the one text that they are; where anything is masked, words and tokens are left out, since a
 * name or number that is cut into words is none.
 *
 * @returns the findings in segments of which there is no text beside them
 */
export function prepareTranscript(transcript: unknown, masker: Masker, texts: Texts): FindingCounts {
  if (!isObject(transcript)) return {};
  const { text } = transcript;
  const segments = list(transcript['segments']).map((segment) => (isObject(segment) ? segment : {}));
  const sources = segments.map(({ text }) => (typeof text === 'string' ? text : ''));
  const { pieces, counts } = maskPieces(masker, sources);
  for (const [index, source] of sources.entries()) {
    const piece = pieces[index] ?? '';
    texts.settle(`response.segments.${index}.text`, source, piece, replacedWhole(source, piece));
  }
  const isMasked =
    sources.some((source, index) => source !== pieces[index]) ||
    (typeof text === 'string' && texts.mask('response.text', 'text', text) !== text);
  if (isMasked) {
    if (Array.isArray(transcript['words'])) transcript['words'] = [];
    for (const segment of segments) if (Array.isArray(segment['tokens'])) segment['tokens'] = [];
  }
  return typeof text === 'string' ? {} : counts;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
