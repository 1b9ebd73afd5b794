import type { FindingCounts, Masker, MaskStream, OffsetMap } from '#core/phi/mask.ts';

const SSN = /\d{3}-\d{2}-\d{4}/g;
const SSN_START = /(?:\d{1,3}|\d{3}-\d{0,2}|\d{3}-\d{2}-\d{0,3})$/;

/**
 * A masker that knows one entity, a US social security number in its plain form, and holds back exactly
 * what could still become one. It keeps every promise of the Masker interface.
 */
export function createTestMasker(): Masker {
  return {
    mask,
    maskJson,
    stream: (offsets) => new TextStream(offsets),
    jsonStream: (offsets) => new JsonStream(offsets),
  };
}

/** `from` is where the text begins in the one that `offsets` is about. */
function mask(text: string, offsets?: OffsetMap, from = 0): { text: string; counts: FindingCounts } {
  let count = 0;
  const masked = text.replace(SSN, (found, index: number) => {
    count++;
    offsets?.add(from + index, from + index + found.length, '[US_SSN]'.length);
    return '[US_SSN]';
  });
  return { text: masked, counts: count === 0 ? {} : { US_SSN: count } };
}

function maskJson(text: string, offsets?: OffsetMap): { text: string; counts: FindingCounts } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return mask(text, offsets);
  }
  let count = 0;
  const maskString = (item: string) => {
    const result = mask(item);
    count += result.counts.US_SSN ?? 0;
    return result.text;
  };
  const maskValue = (item: unknown): unknown => {
    if (typeof item === 'string') return maskString(item);
    if (Array.isArray(item)) return item.map(maskValue);
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(
      Object.entries(item).map(([key, inner]) => [maskString(key), maskValue(inner)]),
    );
  };
  const masked = JSON.stringify(maskValue(value));
  if (count === 0) return { text, counts: {} };
  // Written anew as a whole.
  offsets?.add(0, text.length, masked.length);
  return { text: masked, counts: { US_SSN: count } };
}

class TextStream implements MaskStream {
  counts: FindingCounts = {};
  readonly #offsets: OffsetMap | undefined;
  #held = '';
  #from = 0;

  constructor(offsets: OffsetMap | undefined) {
    this.#offsets = offsets;
  }

  push(chunk: string): string {
    const text = this.#held + chunk;
    let certain = 0;
    for (const match of text.matchAll(SSN)) certain = match.index + match[0].length;
    const start = SSN_START.exec(text.slice(certain));
    const end = start === null ? text.length : certain + start.index;
    this.#held = text.slice(end);
    return this.#release(text.slice(0, end));
  }

  end(): string {
    const rest = this.#held;
    this.#held = '';
    return this.#release(rest);
  }

  #release(text: string): string {
    const result = mask(text, this.#offsets, this.#from);
    this.#from += text.length;
    const count = (this.counts.US_SSN ?? 0) + (result.counts.US_SSN ?? 0);
    if (count > 0) this.counts = { US_SSN: count };
    return result.text;
  }
}

/** Holds the whole document back, since only then is it known to be JSON. */
class JsonStream implements MaskStream {
  counts: FindingCounts = {};
  readonly #offsets: OffsetMap | undefined;
  #text = '';

  constructor(offsets: OffsetMap | undefined) {
    this.#offsets = offsets;
  }

  push(chunk: string): string {
    this.#text += chunk;
    return '';
  }

  end(): string {
    const result = maskJson(this.#text, this.#offsets);
    this.#text = '';
    this.counts = result.counts;
    return result.text;
  }
}
