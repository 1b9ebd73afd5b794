import type { EntityName } from '../entities.ts';
import type { FindingCounts } from '../finding.ts';
import { addFinding } from '../mask/channel.ts';
import type { MaskStream } from '../mask/mask-stream.ts';
import type { OffsetMap } from '../mask/offset-map.ts';
import type { Masker } from '../mask.ts';
import { JsonDepth } from './json-depth.ts';
import { TOKEN, TOKEN_START } from './token.ts';

/** What a token stands for, where that may be shown. */
export type FindValue = (
  token: string,
) => { readonly entity: EntityName; readonly value: string } | undefined;

/** UTF-16 units of all values in one answer: what repeats a token without end must not fill the memory. */
export const MAX_RESTORED_CHARS = 32 * 1024 * 1024;

/** An answer holds its tokens so often that their values are too much text. */
class RestoreError extends Error {
  override readonly name = 'RestoreError';
}

/**
 * Puts values where their tokens stand, in texts as a masker puts tokens where values stand: the same however a text is cut. In
 * JSON, and in JSON within its strings, a value is escaped. Tokens that are not found stay.
 *
 * @throws RestoreError in all that it gives, when it has put more than MAX_RESTORED_CHARS
 */
export function createRestorer(find: FindValue): Masker {
  const budget = { left: MAX_RESTORED_CHARS };
  const open = (isJson: boolean, offsets: OffsetMap | undefined) =>
    new Restoring(find, budget, isJson ? new JsonDepth() : undefined, offsets);
  const whole = (stream: MaskStream, text: string) => ({
    text: stream.push(text) + stream.end(),
    counts: stream.counts,
  });
  return {
    mask: (text, offsets) => whole(open(false, offsets), text),
    maskJson: (text, offsets) => whole(open(true, offsets), text),
    stream: (offsets) => open(false, offsets),
    jsonStream: (offsets) => open(true, offsets),
  };
}

class Restoring implements MaskStream {
  readonly counts: FindingCounts = {};
  readonly #find: FindValue;
  readonly #budget: { left: number };
  readonly #json: JsonDepth | undefined;
  readonly #offsets: OffsetMap | undefined;
  #held = '';
  /** How much of the text was put out. */
  #from = 0;

  constructor(
    find: FindValue,
    budget: { left: number },
    json: JsonDepth | undefined,
    offsets: OffsetMap | undefined,
  ) {
    this.#find = find;
    this.#budget = budget;
    this.#json = json;
    this.#offsets = offsets;
  }

  push(chunk: string): string {
    const text = this.#held + chunk;
    const until = text.search(TOKEN_START);
    this.#held = until < 0 ? '' : text.slice(until);
    return this.#restore(until < 0 ? text : text.slice(0, until));
  }

  end(): string {
    const rest = this.#held;
    this.#held = '';
    return this.#restore(rest);
  }

  #restore(text: string): string {
    let out = '';
    let from = 0;
    for (const { 0: token, index } of text.matchAll(TOKEN)) {
      const before = text.slice(from, index);
      this.#json?.read(before);
      const put = this.#valueOf(token);
      out += before + put;
      this.#json?.read(token);
      from = index + token.length;
      if (put !== token) this.#offsets?.add(this.#from + index, this.#from + from, put.length);
    }
    this.#from += text.length;
    const rest = text.slice(from);
    this.#json?.read(rest);
    return out + rest;
  }

  #valueOf(token: string): string {
    const found = this.#find(token);
    if (found === undefined) return token;
    let { value } = found;
    for (let level = this.#json?.depth ?? 0; level > 0; level--) value = JSON.stringify(value).slice(1, -1);
    this.#budget.left -= value.length;
    if (this.#budget.left < 0) throw new RestoreError('The answer has too many tokens.');
    addFinding(this.counts, found.entity);
    return value;
  }
}
