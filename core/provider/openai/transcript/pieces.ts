import type { FindingCounts, Masker } from '#core/phi/mask.ts';

/** Texts that are one text, cut. */
export interface MaskedPieces {
  readonly pieces: readonly string[];
  readonly counts: FindingCounts;
}

/**
 * Masks the pieces of one text (segments, subtitles) as that text: a number that goes on in the next piece is found. Where
 * a finding stands across a cut, texts may move from one piece to the next.
 */
export function maskPieces(masker: Masker, pieces: readonly string[]): MaskedPieces {
  const glued = pieces.map((piece, index) => `${glueBetween(pieces[index - 1], piece)}${piece}`);
  const stream = masker.stream();
  const flowing = glued.map((piece, index) => {
    const out = stream.push(piece);
    return index === glued.length - 1 ? out + stream.end() : out;
  });
  const alone = pieces.map((piece) => masker.mask(piece).text);
  // A mask does not go across the cuts in most texts: then each piece keeps its own.
  const same = alone
    .map((piece, index) => glueBetween(pieces[index - 1], pieces[index] ?? '') + piece)
    .join('');
  if (same === flowing.join('')) return { pieces: alone, counts: stream.counts };
  return { pieces: flowing.map((piece) => piece.trimStart()), counts: stream.counts };
}

/** What stands between two pieces when they are read as one text. */
export function glueBetween(before: string | undefined, piece: string): string {
  return before === undefined || before === '' || /\s$/.test(before) || /^\s/.test(piece) ? '' : ' ';
}
