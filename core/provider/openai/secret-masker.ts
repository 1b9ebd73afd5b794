import { type Masker, type MaskStream, OffsetMap } from '#core/phi/mask.ts';
import { REDACTED } from './secrets.ts';

/**
 * A masker that takes these texts out before it does what the given one does: an answer, an error above all, may quote the
 * credentials of the request.
 *
 * @param secrets as they stand in the request; of several that begin at one place the longest counts
 */
export function hideSecrets(masker: Masker, secrets: readonly string[]): Masker {
  if (secrets.length === 0) return masker;
  const open = (offsets: OffsetMap | undefined) => {
    if (offsets === undefined) return new Hider(secrets);
    const hidden = new OffsetMap();
    offsets.follow(hidden);
    return new Hider(secrets, hidden);
  };
  const whole = (text: string, offsets: OffsetMap | undefined) => {
    const hider = open(offsets);
    return hider.push(text) + hider.end();
  };
  return {
    mask: (text, offsets) => masker.mask(whole(text, offsets), offsets),
    maskJson: (text, offsets) => masker.maskJson(whole(text, offsets), offsets),
    stream: (offsets, key) => new HidingStream(masker.stream(offsets, key), open(offsets)),
    jsonStream: (offsets) => new HidingStream(masker.jsonStream(offsets), open(offsets)),
  };
}

class HidingStream implements MaskStream {
  readonly #inner: MaskStream;
  readonly #hider: Hider;

  constructor(inner: MaskStream, hider: Hider) {
    this.#inner = inner;
    this.#hider = hider;
  }

  get counts() {
    return this.#inner.counts;
  }

  push(chunk: string): string {
    return this.#inner.push(this.#hider.push(chunk));
  }

  end(): string {
    return this.#inner.push(this.#hider.end()) + this.#inner.end();
  }
}

/** Replaces texts in a text that comes in pieces, the same however it is cut. Holds back what could still become one. */
class Hider {
  readonly #secrets: readonly string[];
  readonly #offsets: OffsetMap | undefined;
  #held = '';
  /** Where the text that is held back begins. */
  #from = 0;

  constructor(secrets: readonly string[], offsets?: OffsetMap) {
    this.#offsets = offsets;
    this.#secrets = secrets.toSorted((left, right) => right.length - left.length);
  }

  push(chunk: string): string {
    return this.#pass(this.#held + chunk, false);
  }

  end(): string {
    return this.#pass(this.#held, true);
  }

  #pass(text: string, isEnd: boolean): string {
    let out = '';
    let at = 0;
    while (at < text.length) {
      const next = this.#nextStart(text, at);
      out += text.slice(at, next);
      at = next;
      if (at === text.length) break;
      const rest = text.slice(at, at + (this.#secrets[0]?.length ?? 0));
      if (!isEnd && this.#secrets.some((secret) => secret.length > rest.length && secret.startsWith(rest)))
        break;
      const found = this.#secrets.find((secret) => rest.startsWith(secret));
      if (found === undefined) {
        out += text[at];
        at += 1;
        continue;
      }
      const start = this.#from + at;
      this.#offsets?.add(start, start + found.length, REDACTED.length);
      out += REDACTED;
      at += found.length;
    }
    this.#from += at;
    this.#held = text.slice(at);
    return out;
  }

  /** Where the first letter of some secret comes next. */
  #nextStart(text: string, from: number): number {
    const starts = this.#secrets
      .map((secret) => text.indexOf(secret[0] ?? '', from))
      .filter((start) => start >= 0);
    return Math.min(text.length, ...starts);
  }
}
