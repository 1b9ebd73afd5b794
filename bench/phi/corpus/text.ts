import type { BuiltInEntity } from '#core/phi/entities.ts';

/** An identifier in a text: UTF-16 offsets, the end exclusive. */
export interface LabelledSpan {
  readonly entity: BuiltInEntity;
  readonly start: number;
  readonly end: number;
}

/** A text and the identifiers in it, in order and without overlap; a `negative` text has none. */
export interface LabelledText {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly spans: readonly LabelledSpan[];
  /** Of a negative text: the entity that its numbers or words may be taken for. */
  readonly near?: BuiltInEntity;
}

/** A stretch of a text: an identifier, or what stands between two. */
export interface Piece {
  readonly text: string;
  readonly entity?: BuiltInEntity;
}

/** An identifier. */
export function mark(entity: BuiltInEntity, text: string): Piece {
  return { entity, text };
}

/** Puts pieces together, and notes where the identifiers are. */
export function join(pieces: readonly Piece[]): Pick<LabelledText, 'text' | 'spans'> {
  const spans: LabelledSpan[] = [];
  let text = '';
  for (const piece of pieces) {
    if (piece.entity !== undefined) {
      spans.push({ entity: piece.entity, start: text.length, end: text.length + piece.text.length });
    }
    text += piece.text;
  }
  return { text, spans };
}
