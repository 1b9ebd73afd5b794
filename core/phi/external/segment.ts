/** A stretch of a text that is looked at by itself, and what stands before it. */
export interface Segment {
  /** Where it begins in its text, in UTF-16 units. */
  readonly start: number;
  /** The text before it, as much as says what it is about; it has been looked at with the segment before. */
  readonly context: string;
  readonly text: string;
}

/** How long segments are, in UTF-16 units. */
export interface SegmentSizes {
  /** Shorter ones are joined with what follows. */
  readonly least: number;
  /** After so much a segment ends without the end of a sentence. */
  readonly most: number;
}

/** For answers: about a sentence each, so that a stream can go on. */
export const ANSWER_SEGMENTS: SegmentSizes = { least: 80, most: 600 };
/** For prompts, which are here whole. */
export const PROMPT_SEGMENTS: SegmentSizes = { least: 4_000, most: 8_000 };

const CONTEXT_CHARACTERS = 200;
const SENTENCE_ENDS = '.!?:;';

/** What stands before the text that follows this one. */
export function contextAfter(context: string, text: string): string {
  return (context + text).slice(-CONTEXT_CHARACTERS);
}

/**
 * Cuts a text that comes in pieces into segments: at the end of a line or sentence, or between words where there is
 * none. Where it cuts depends on the text alone and never on the pieces.
 */
export class Segmenter {
  readonly #sizes: SegmentSizes;
  #context: string;
  #start = 0;
  /** The segment that is not whole yet, and how far an end of it was looked for. */
  #text = '';
  #looked = 0;

  /** @param context what stands before the text. */
  constructor(sizes: SegmentSizes, context: string) {
    this.#sizes = sizes;
    this.#context = contextAfter('', context);
  }

  /** Adds a piece; the segments that are whole now. */
  push(chunk: string): Segment[] {
    this.#text += chunk;
    const segments: Segment[] = [];
    for (let end = this.#findEnd(); end > 0; end = this.#findEnd()) segments.push(this.#cut(end));
    return segments;
  }

  /** The text has ended; its last segment, if it has one. */
  end(): Segment[] {
    return this.#text === '' ? [] : [this.#cut(this.#text.length)];
  }

  /** How long the next segment is; 0 when that is not known yet. */
  #findEnd(): number {
    const { least, most } = this.#sizes;
    const text = this.#text;
    const until = Math.min(text.length, most);
    for (let end = Math.max(this.#looked + 1, least); end <= until; end++) {
      const last = text.charAt(end - 1);
      if (last === '\n' || (isSpace(last) && SENTENCE_ENDS.includes(text.charAt(end - 2)))) return end;
    }
    this.#looked = until;
    if (text.length <= most) return 0;
    for (let end = most; end > least; end--) {
      if (isSpace(text.charAt(end - 1))) return end;
    }
    return isLowSurrogate(text.charCodeAt(most)) ? most - 1 : most;
  }

  #cut(end: number): Segment {
    const segment = { start: this.#start, context: this.#context, text: this.#text.slice(0, end) };
    this.#context = contextAfter(this.#context, segment.text);
    this.#start += end;
    this.#text = this.#text.slice(end);
    this.#looked = 0;
    return segment;
  }
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r';
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
