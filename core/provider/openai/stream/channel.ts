import { type FindingCounts, type Masker, type MaskStream, OffsetMap } from '#core/phi/mask.ts';
import { ResponseError } from '../answer/response-error.ts';
import { isLabel } from '../labels.ts';
import { isJsonText, isKindCertain } from '../structure.ts';

/** A delta so long that has grown, and grows once more, does so by no chance. */
const GROWN_CHARS = 4;

/**
 * One text that arrives in deltas: what came, what went out masked, and the mask stream between them,
 * which holds back what could still turn out to be PHI.
 */
export class Channel {
  /** Of the parts of a content, where the one stands that goes on. */
  place: string;
  readonly key: string;
  /** All text that came. */
  source = '';
  /** All text that went out; once ended it is the mask of the source. */
  emitted = '';
  readonly #masker: Masker;
  #stream: MaskStream | undefined;
  #offsets = new OffsetMap();
  #open = true;
  /** What the present stream has put out, while it repeats an earlier one (see #reopen). */
  #repeated: string | undefined;
  /** The last delta, and whether it was the one before it with more behind. */
  #last = '';
  #hasGrown = false;

  /** `place` tells this text from all others of the answer; `key`, its member name, how it is read. */
  constructor(masker: Masker, place: string, key: string) {
    this.#masker = masker;
    this.place = place;
    this.key = key;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Where places of the source are in what went out, as far as it did. */
  get offsets(): OffsetMap {
    return this.#offsets;
  }

  /** Whether all of the source up to a place went out, so that `offsets` knows it. */
  isSettled(place: number): boolean {
    if (!this.#open) return true;
    return this.#offsets.move(place, 'end') <= (this.#repeated ?? this.emitted).length;
  }

  get counts(): FindingCounts {
    return this.#stream?.counts ?? {};
  }

  /** Takes the next delta; what may go out now, possibly nothing. */
  push(chunk: string): string {
    if (chunk === '') return '';
    this.#requireMore(chunk);
    this.source += chunk;
    if (!this.#open) this.#reopen();
    if (this.#stream !== undefined) return this.#release(this.#stream.push(chunk));
    if (!isKindCertain(this.key, this.source)) return '';
    return this.#release(this.#start().push(this.source));
  }

  /** The text is whole; what was held back. */
  end(): string {
    if (!this.#open) return '';
    this.#open = false;
    if (this.#stream !== undefined) return this.#release(this.#stream.end());
    if (this.source === '') return '';
    const stream = this.#start();
    return this.#release(stream.push(this.source) + stream.end());
  }

  /**
   * Some servers say all of the text so far in each delta. Read as its next piece that would be a text in which no value is whole
   * but in the caller's eyes. Throws ResponseError.
   */
  #requireMore(chunk: string): void {
    const last = this.#last;
    const grows = chunk.length > last.length && chunk.startsWith(last) && /[\p{L}\p{N}]/u.test(last);
    if (grows && this.#hasGrown && last.length >= GROWN_CHARS)
      throw new ResponseError('The provider repeats the text so far in each delta.');
    this.#last = chunk;
    this.#hasGrown = grows;
  }

  #start(): MaskStream {
    const json = isJsonText(this.key, this.source);
    const label = isLabel(this.key) ? this.key : '';
    this.#stream = json ? this.#masker.jsonStream(this.#offsets) : this.#masker.stream(this.#offsets, label);
    return this.#stream;
  }

  /**
   * Text after the end: the whole is masked anew and what is already out is left off, provided that the
   * new result begins with it. If it does not, the end had given away the start of a finding.
   */
  #reopen(): void {
    this.#open = true;
    this.#stream = undefined;
    this.#offsets = new OffsetMap();
    this.#repeated = '';
  }

  #release(out: string): string {
    if (this.#repeated === undefined) {
      this.emitted += out;
      return out;
    }
    this.#repeated += out;
    if (this.#repeated.length <= this.emitted.length) {
      if (!this.emitted.startsWith(this.#repeated)) throw conflict();
      return '';
    }
    if (!this.#repeated.startsWith(this.emitted)) throw conflict();
    const rest = this.#repeated.slice(this.emitted.length);
    this.emitted = this.#repeated;
    this.#repeated = undefined;
    return rest;
  }
}

function conflict(): ResponseError {
  return new ResponseError('The provider went on with a text that it had ended.');
}
