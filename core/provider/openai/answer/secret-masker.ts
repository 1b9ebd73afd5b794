import { type MaskedText, type Masker, type MaskStream, OffsetMap } from '#core/phi/mask.ts';
import { REDACTED } from '../secrets.ts';
import { SecretSearch, type Span } from './secret-search.ts';

/**
 * A masker that takes these texts out as well: an answer, an error above all, may quote the credentials of the request. Both
 * are looked for in the text as it came, so that neither can hide a part of the other: a caller chooses what their credentials
 * are, and one that is the label of a number must not keep the number from being found. Where they overlap all that either
 * covers is taken out.
 *
 * @param secrets as they stand in the request
 * @param credentials with which the provider was called. It may quote them in texts that are whole, as errors are; the model does not
 *   know them, so that nothing of what comes in pieces is held back for their sake
 */
export function hideSecrets(
  masker: Masker,
  secrets: readonly string[],
  credentials: readonly string[] = [],
): Masker {
  const inPieces = hide(masker, secrets);
  const isQuoting = (text: string) => credentials.some((credential) => text.includes(credential));
  // Hardly any text does.
  const maskerOf = (text: string) =>
    isQuoting(text) ? hide(masker, [...secrets, ...credentials]) : inPieces;
  return {
    ...inPieces,
    mask: (text, offsets) => maskerOf(text).mask(text, offsets),
    maskJson: (text, offsets) => maskerOf(text).maskJson(text, offsets),
  };
}

function hide(masker: Masker, secrets: readonly string[]): Masker {
  if (secrets.length === 0) return masker;
  const search = new SecretSearch(secrets);
  const stream = (offsets?: OffsetMap, key?: string) =>
    new HidingStream((replaced) => masker.stream(replaced, key), search, offsets);
  const jsonStream = (offsets?: OffsetMap) =>
    new HidingStream((replaced) => masker.jsonStream(replaced), search, offsets);
  return {
    mask: (text, offsets) => whole(stream(offsets), text),
    maskJson: (text, offsets) => whole(jsonStream(offsets), text),
    stream,
    jsonStream,
  };
}

function whole(masking: MaskStream, text: string): MaskedText {
  return { text: masking.push(text) + masking.end(), counts: masking.counts };
}

/** What a masker has replaced, in the order of the text. */
class Replaced extends OffsetMap {
  readonly spans: (Span & { readonly length: number })[] = [];

  override add(start: number, end: number, length: number): void {
    this.spans.push({ start, end, length });
  }
}

/** Holds back what could still become a secret, what the masker holds back, and what overlaps either. */
class HidingStream implements MaskStream {
  readonly #inner: MaskStream;
  readonly #search: SecretSearch;
  readonly #offsets: OffsetMap | undefined;
  readonly #replaced = new Replaced();
  /** The text that has not gone out, and where it begins. */
  #held = '';
  #from = 0;
  /** What the masker has put for stretches of it. */
  #puts: (Span & { readonly text: string })[] = [];
  /** How far the masker has decided. */
  #maskedTo = 0;
  /** Secrets in it, in order; of those that overlap, the whole. */
  #secrets: Span[] = [];
  /** How far the stretch goes that is taken out, as far as is known, where its end is not passed. */
  #open: number | undefined;
  #state = 0;
  #read = 0;

  constructor(
    open: (replaced: OffsetMap) => MaskStream,
    search: SecretSearch,
    offsets: OffsetMap | undefined,
  ) {
    this.#inner = open(this.#replaced);
    this.#search = search;
    this.#offsets = offsets;
  }

  get counts() {
    return this.#inner.counts;
  }

  push(chunk: string): string {
    this.#held += chunk;
    for (let at = 0; at < chunk.length; at++) this.#readUnit(chunk.charCodeAt(at));
    this.#takeMasked(this.#inner.push(chunk));
    return this.#pass(Math.min(this.#maskedTo, this.#read - this.#search.pending(this.#state)));
  }

  end(): string {
    this.#takeMasked(this.#inner.end());
    return this.#pass(this.#read);
  }

  #readUnit(unit: number): void {
    this.#state = this.#search.step(this.#state, unit);
    this.#read++;
    const length = this.#search.endsHere(this.#state);
    if (length === 0) return;
    let start = this.#read - length;
    while ((this.#secrets.at(-1)?.end ?? 0) > start) {
      start = Math.min(start, this.#secrets.pop()?.start ?? start);
    }
    this.#secrets.push({ start, end: this.#read });
  }

  /** Tells what stands for a stretch from what stands for itself. */
  #takeMasked(masked: string): void {
    let at = 0;
    for (const { start, end, length } of this.#replaced.spans.splice(0)) {
      at += start - this.#maskedTo;
      this.#puts.push({ start, end, text: masked.slice(at, at + length) });
      at += length;
      this.#maskedTo = end;
    }
    this.#maskedTo += masked.length - at;
  }

  /**
   * What goes out of the text before a place, before which no secret and no replacement begins that is not known. A stretch with a
   * secret in it is taken out as soon as it begins there, though others may yet overlap it without end.
   */
  #pass(until: number): string {
    const held = this.#held;
    const base = this.#from;
    let out = '';
    let at = base;
    for (;;) {
      if (this.#open !== undefined) {
        at = this.#goOn(this.#open, until);
        if (this.#open !== undefined) break;
      }
      const start = Math.min(this.#puts[0]?.start ?? until, this.#secrets[0]?.start ?? until, until);
      out += held.slice(at - base, start - base);
      at = start;
      if (start === until) break;
      const secret = this.#secrets[0];
      const put = this.#puts[0];
      const isPut = put !== undefined && (secret === undefined || put.end <= secret.start);
      if (isPut && put.end > until) break;
      if (isPut) {
        this.#puts.shift();
        this.#offsets?.add(start, put.end, put.text.length);
        out += put.text;
        at = put.end;
      } else {
        this.#open = start + 1;
        this.#offsets?.open(start, this.#open, REDACTED.length);
        out += REDACTED;
      }
    }
    this.#held = held.slice(at - base);
    this.#from = at;
    return out;
  }

  /** Goes on to the end of the stretch that is taken out, or to a place before which all is known. */
  #goOn(open: number, until: number): number {
    let end = open;
    for (;;) {
      if ((this.#puts[0]?.start ?? end) < end) end = Math.max(end, this.#puts.shift()?.end ?? end);
      else if ((this.#secrets[0]?.start ?? end) < end) end = Math.max(end, this.#secrets.shift()?.end ?? end);
      else break;
    }
    const isOver = end <= until;
    this.#offsets?.extend(end, isOver);
    this.#open = isOver ? undefined : end;
    return Math.min(end, until);
  }
}
