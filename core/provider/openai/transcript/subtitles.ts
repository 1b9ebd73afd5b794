import type { Masker } from '#core/phi/mask.ts';
import { type MaskedPieces, maskPieces } from './pieces.ts';

/** `00:01:02,345 --> 00:01:05,678`, of SubRip and WebVTT. */
const TIMING = /^(?:\d{2,3}:)?\d{2}:\d{2}[,.]\d{3} --> (?:\d{2,3}:)?\d{2}:\d{2}[,.]\d{3}$/;
const NUMBER = /^\d{1,6}$/;

/** True for a text that has times of subtitles in it. */
export function hasSubtitles(text: string): boolean {
  return text.includes(' --> ') && text.split(/\r?\n/).some((line) => TIMING.test(line));
}

/** Masks subtitles (SubRip, WebVTT): what they say is read as one text, without the times and numbers between. */
export function maskSubtitles(text: string, masker: Masker): MaskedPieces {
  const lines = text.split('\n');
  const spoken = lines.flatMap((line, index) => (isSpoken(line, lines[index + 1], index) ? [index] : []));
  const masked = maskPieces(
    masker,
    spoken.map((index) => (lines[index] ?? '').replace(/\r$/, '')),
  );
  for (const [piece, index] of spoken.entries()) {
    const end = lines[index]?.endsWith('\r') ? '\r' : '';
    lines[index] = `${masked.pieces[piece] ?? ''}${end}`;
  }
  return { pieces: [lines.join('\n')], counts: masked.counts };
}

function isSpoken(came: string, next: string | undefined, index: number): boolean {
  const line = came.replace(/\r$/, '');
  if (line === '' || TIMING.test(line) || (index === 0 && line === 'WEBVTT')) return false;
  return !(NUMBER.test(line) && TIMING.test(next?.replace(/\r$/, '') ?? ''));
}
