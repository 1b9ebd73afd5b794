import { Buffer } from 'node:buffer';
import {
  addCounts,
  type FindingCounts,
  type MaskedText,
  type Masker,
  type MaskStream,
  OffsetMap,
} from '#core/phi/mask.ts';
import { isBase64From } from '../base64.ts';
import { isJsonText, MIN_BASE64_CHARS } from '../structure.ts';
import { type OpaqueKind, readMediaType } from './kind.ts';
import { sniff } from './sniff.ts';
import { isWholeMedia } from './whole-media.ts';

/** What stands before base64 in a data URL. */
const PREFIX = /data:([\w.+/-]{0,100}(?:; ?[\w.+-]{1,30}="?[\w.+-]{1,30}"?){0,2}); ?base64,/i;
const MAX_PREFIX_CHARS = 256;
const MAX_TAIL_CHARS = 8 * MAX_PREFIX_CHARS;
/** Twelve bytes: six in a million are a text by chance. */
const MIN_TEXT_CHARS = 16;
const NO_DIGIT = /[^A-Za-z0-9+/_-]/;
const PADDING = '=';

/** Is told of what cannot be read; what it throws ends the text. */
export type OnMedia = (kind: OpaqueKind, mediaType: string, bytes: Uint8Array) => void;

/**
 * A masker that leaves the pictures and sounds alone that stand as data URLs in a text, such as a picture in Markdown: letters
 * of base64 are names by chance. It tells `onMedia` of them; what may be no picture, since it does not end as one, is masked as the
 * text that it is written in, too. A text that is encoded so is masked, and encoded again.
 */
export function keepMedia(masker: Masker, onMedia: OnMedia): Masker {
  const stream = (offsets?: OffsetMap, key?: string) =>
    new MediaStream(masker, (moved) => masker.stream(moved, key), onMedia, offsets);
  const jsonStream = (offsets?: OffsetMap) =>
    new MediaStream(masker, (moved) => masker.jsonStream(moved), onMedia, offsets);
  return {
    mask: (text, offsets) => (PREFIX.test(text) ? whole(stream(offsets), text) : masker.mask(text, offsets)),
    maskJson: (text, offsets) =>
      PREFIX.test(text) ? whole(jsonStream(offsets), text) : masker.maskJson(text, offsets),
    stream,
    jsonStream,
  };
}

function whole(masking: MaskStream, text: string): MaskedText {
  return { text: masking.push(text) + masking.end(), counts: masking.counts };
}

/** A stretch of base64 that is taken out of the text, and put in again behind what is masked before it. */
interface Taken {
  /** Where it stood, in the text without it and all others. */
  readonly at: number;
  readonly length: number;
  /** How much was taken out with it and before it. */
  readonly sum: number;
  /** As it goes out. */
  readonly put: string;
  readonly isChanged: boolean;
}

/** What is replaced in the text without what was taken out, told on in places of the whole text. */
class MovedOffsets extends OffsetMap {
  readonly taken: Taken[] = [];
  readonly #told: OffsetMap | undefined;
  /** What is added is open yet. */
  #isOpening = false;
  /** Of what was taken out, so many are told of. */
  #noted = 0;

  constructor(told: OffsetMap | undefined) {
    super();
    this.#told = told;
  }

  override add(start: number, end: number, length: number): void {
    super.add(start, end, length);
    this.note(start);
    const [from, to] = [this.#move(start, true), this.#move(end, false)];
    if (this.#isOpening) this.#told?.open(from, to, length);
    else this.#told?.add(from, to, length);
  }

  override open(start: number, end: number, length: number): void {
    this.#isOpening = true;
    super.open(start, end, length);
    this.#isOpening = false;
  }

  override extend(end: number, isClosed: boolean): void {
    super.extend(end, isClosed);
    this.#told?.extend(this.#move(end, false), isClosed);
  }

  /** Tells of what was taken out up to a place, and is put in changed: in order with all else. */
  note(until: number): void {
    for (
      let one = this.taken[this.#noted];
      one !== undefined && one.at <= until;
      one = this.taken[this.#noted]
    ) {
      const at = this.#move(one.at, false);
      this.#noted++;
      if (one.isChanged && !this.swallows(one.at)) this.#told?.add(at, at + one.length, one.put.length);
    }
  }

  /** Something is found across a place, so that what stood there is in it. */
  swallows(at: number): boolean {
    return this.move(at, 'start') !== this.move(at, 'end');
  }

  #move(at: number, isBehind: boolean): number {
    const { taken } = this;
    const until = isBehind ? at + 1 : at;
    let count = 0;
    for (let most = taken.length; count < most; ) {
      const middle = (count + most) >> 1;
      if ((taken[middle] as Taken).at < until) count = middle + 1;
      else most = middle;
    }
    return at + (taken[count - 1]?.sum ?? 0);
  }
}

class MediaStream implements MaskStream {
  readonly #masker: Masker;
  readonly #inner: MaskStream;
  readonly #onMedia: OnMedia;
  readonly #offsets: MovedOffsets;
  /** Of texts that were encoded. */
  readonly #counts: FindingCounts = {};
  /** The end of the text, where a URL may begin. */
  #tail = '';
  /** The declared type of the URL that is under way, and its base64. */
  #type: string | undefined;
  #run = '';
  /** Its end is padding. Looked up in the whole it would take time for each piece. */
  #isPadded = false;
  /** How much was read without what is taken out, and how much of that went out. */
  #read = 0;
  #went = 0;
  /** What was taken out and did not go out yet, by its number. */
  #next = 0;

  constructor(
    masker: Masker,
    open: (offsets: OffsetMap) => MaskStream,
    onMedia: OnMedia,
    offsets: OffsetMap | undefined,
  ) {
    this.#masker = masker;
    this.#offsets = new MovedOffsets(offsets);
    this.#inner = open(this.#offsets);
    this.#onMedia = onMedia;
  }

  get counts(): FindingCounts {
    const counts = { ...this.#inner.counts };
    addCounts(counts, this.#counts);
    return counts;
  }

  push(chunk: string): string {
    let out = '';
    for (let rest = chunk; rest !== ''; ) {
      const isText = this.#type === undefined;
      const end = isText ? this.#findRun(rest) : this.#findEnd(rest);
      const piece = end < 0 ? rest : rest.slice(0, end);
      rest = rest.slice(piece.length);
      if (isText) {
        out += this.#feed(piece);
      } else {
        this.#run += piece;
        if (piece !== '') this.#isPadded = piece.endsWith(PADDING);
        if (end >= 0) out += this.#endRun();
      }
    }
    return out;
  }

  end(): string {
    const out = this.#endRun() + this.#release(this.#inner.end());
    this.#offsets.note(this.#read);
    return out;
  }

  /** Where base64 begins in the next piece of the text; below 0 where it does not. */
  #findRun(piece: string): number {
    const text = this.#tail + piece;
    const mayEnd = piece.includes('4,') || piece.startsWith(',');
    const match = mayEnd ? PREFIX.exec(text) : null;
    if (match === null) {
      // Cut now and then, since that takes longer than to put together.
      this.#tail = text.length > MAX_TAIL_CHARS ? text.slice(-MAX_PREFIX_CHARS) : text;
      return -1;
    }
    const end = match.index + match[0].length - this.#tail.length;
    this.#type = match[1] ?? '';
    this.#tail = '';
    return end;
  }

  /** Where the base64 that is under way ends, its padding included; below 0 where it may go on. */
  #findEnd(piece: string): number {
    let end = this.#isPadded ? 0 : piece.search(NO_DIGIT);
    if (end < 0 || (end > 0 && piece[end] !== PADDING)) return end;
    while (piece[end] === PADDING) end++;
    return end === piece.length ? -1 : end;
  }

  #endRun(): string {
    const [type, run] = [this.#type, this.#run];
    this.#type = undefined;
    this.#run = '';
    this.#isPadded = false;
    const put = type === undefined ? undefined : this.#read64(type, run);
    if (put === undefined) return run === '' ? '' : this.#feed(run);
    const { taken } = this.#offsets;
    const { length } = run;
    const sum = (taken.at(-1)?.sum ?? 0) + length;
    taken.push({ at: this.#read, length, sum, put, isChanged: put !== run });
    return this.#release('');
  }

  /**
   * What goes out in the place of base64; undefined where it is read as the text that it is written in. Which of the two does not
   * depend on what is found: what goes ahead of the masking finds nothing, and has to read the same.
   */
  #read64(type: string, run: string): string | undefined {
    if (run.length < MIN_TEXT_CHARS || !isBase64From(run, 0, 'any')) return undefined;
    const bytes = Buffer.from(run, 'base64');
    const { text, kind } = sniff(bytes);
    if (text === undefined) {
      if (run.length < MIN_BASE64_CHARS) return undefined;
      this.#onMedia(kind, readMediaType(type), bytes);
      return isWholeMedia(bytes) ? run : undefined;
    }
    const masked = isJsonText('', text) ? this.#masker.maskJson(text) : this.#masker.mask(text);
    addCounts(this.#counts, masked.counts);
    return masked.text === text ? run : Buffer.from(masked.text).toString('base64');
  }

  #feed(text: string): string {
    this.#read += text.length;
    return this.#release(this.#inner.push(text));
  }

  /** Puts in what was taken out, where all before it is masked. */
  #release(out: string): string {
    let put = '';
    let done = 0;
    const { taken } = this.#offsets;
    for (let one = taken[this.#next]; one !== undefined; one = taken[++this.#next]) {
      const at = this.#offsets.move(one.at, 'end') - this.#went;
      if (at > out.length) break;
      put += out.slice(done, at);
      done = Math.max(done, at);
      if (!this.#offsets.swallows(one.at)) put += one.put;
    }
    this.#went += out.length;
    return put + out.slice(done);
  }
}
