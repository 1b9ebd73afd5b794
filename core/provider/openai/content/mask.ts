import { addCounts, type FindingCounts, type Masker, type MaskStream } from '#core/phi/mask.ts';
import { type Naming, UNNAMED } from '../answer/naming.ts';
import { Rewrite } from '../answer/rewrite.ts';
import { Texts } from '../answer/texts.ts';
import { JsonError, parseJson } from '../json.ts';
import { hasSubtitles, maskSubtitles } from '../transcript/subtitles.ts';
import type { OpaqueGate } from './gate.ts';
import { keepMedia } from './inline-media.ts';

/** UTF-16 units that are masked at a stretch. */
const STRETCH = 256 * 1024;
/** UTF-16 units of subtitles, which are masked at one stretch: some ten hours of speech. Longer ones are text with times in it. */
const MAX_SUBTITLES = 1024 * 1024;
const LINE = /[^\n]*\n|[^\n]+$/g;

/**
 * Masks the text of a file as what it is: JSON as JSON, also line by line; the lines of a batch, which are requests and answers of
 * the API, as those; subtitles by what is said in them; anything else as text.
 */
export class FileMasker {
  /** What was masked so far. */
  readonly counts: FindingCounts = {};
  readonly #masker: Masker;
  readonly #gate: OpaqueGate | undefined;
  readonly #naming: Naming;

  /** `gate` takes media in the lines of a batch, and in data URLs of a text; `naming` is of those lines. */
  constructor(masker: Masker, gate?: OpaqueGate, naming = UNNAMED) {
    this.#masker = keepMedia(masker, (kind, type, bytes) => gate?.pass('content', kind, type, bytes));
    this.#gate = gate;
    this.#naming = naming;
  }

  /**
   * Yields the masked text piece by piece, so that others can have their turn between two of them.
   *
   * @throws ResponseError, OpaqueError: nothing of the file may be handed on then
   */
  *mask(text: string): Generator<string> {
    if (text.length <= MAX_SUBTITLES && hasSubtitles(text)) {
      const { pieces, counts } = maskSubtitles(text, this.#masker);
      addCounts(this.counts, counts);
      yield* pieces;
    } else if (isBatchLine(text)) {
      yield this.#batchLine(text);
    } else if (isJson(text)) {
      yield* this.#stream(this.#masker.jsonStream(), text);
    } else {
      yield* this.#lines(text);
    }
  }

  *#lines(text: string): Generator<string> {
    let plain = '';
    for (const [line] of text.matchAll(LINE)) {
      if (!isJson(line)) {
        plain += line;
        continue;
      }
      yield* this.#stream(this.#masker.stream(), plain);
      plain = '';
      if (isBatchLine(line)) yield this.#batchLine(line);
      else yield* this.#stream(this.#masker.jsonStream(), line);
    }
    yield* this.#stream(this.#masker.stream(), plain);
  }

  *#stream(stream: MaskStream, text: string): Generator<string> {
    for (let at = 0; at < text.length; at += STRETCH) yield stream.push(text.slice(at, at + STRETCH));
    yield stream.end();
    addCounts(this.counts, stream.counts);
  }

  #batchLine(line: string): string {
    const texts = new Texts(this.#masker, this.#gate, false, this.#naming);
    const came = JSON.parse(line);
    const rewrite = new Rewrite(texts, hasVectors(came.response?.body) ? 'embeddings' : undefined);
    const masked = rewrite.value(came, '', 'line');
    addCounts(this.counts, texts.counts);
    return rewrite.changed ? `${JSON.stringify(masked)}${line.endsWith('\n') ? '\n' : ''}` : line;
  }
}

/** True for a JSON object or array. A key may stand twice in it: as text its escapes would hide what they spell. */
function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** True for an answer of the embeddings API, which has no texts. */
function hasVectors(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null || !('data' in answer)) return false;
  return !('choices' in answer) && !('output' in answer);
}

/** True for a line of a batch's input, output or error file. */
function isBatchLine(line: string): boolean {
  if (!line.includes('"custom_id"')) return false;
  try {
    const value = parseJson(line);
    if (typeof value !== 'object' || value === null || !('custom_id' in value)) return false;
    return 'response' in value || 'error' in value || 'body' in value;
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}
