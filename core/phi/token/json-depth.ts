/** JSON in a string of JSON in a string of JSON. */
const MAX_LEVELS = 3;
/** All that JSON has outside of strings. */
const OUTSIDE = /^[\s{}[\],:0-9+\-.eEtrufalsn]$/;
const SPACE = /^\s$/;
const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Follows a text that may be JSON, and says how often a text that is put in at the present place has to be escaped: once in a
 * string, twice in a string of a JSON text that is a string itself. From the first character on that JSON does not have, the
 * text counts as none.
 */
export class JsonDepth {
  readonly #level: number;
  #isText = false;
  #hasBegun = false;
  #inString = false;
  #escape = '';
  #inner: JsonDepth | undefined;

  constructor(level = 1) {
    this.#level = level;
  }

  /** How often; 0 outside of strings and in what is no JSON. */
  get depth(): number {
    return this.#isText || !this.#inString ? 0 : 1 + (this.#inner?.depth ?? 0);
  }

  /** Goes on by a text. */
  read(text: string): void {
    for (let at = 0; at < text.length && !this.#isText; at++) this.#unit(text.charAt(at));
  }

  #unit(unit: string): void {
    if (!this.#inString) this.#outside(unit);
    else if (this.#escape !== '') this.#escaped(unit);
    else if (unit === '\\') this.#escape = unit;
    else if (unit === '"') this.#inString = false;
    else this.#inner?.read(unit);
  }

  #outside(unit: string): void {
    // A text within a string is taken for JSON where it begins as an object or an array.
    if (this.#level > 1 && !this.#hasBegun && !SPACE.test(unit) && unit !== '{' && unit !== '[')
      this.#isText = true;
    else if (unit === '"') {
      this.#inString = true;
      this.#inner = this.#level < MAX_LEVELS ? new JsonDepth(this.#level + 1) : undefined;
    } else if (!OUTSIDE.test(unit)) this.#isText = true;
    if (!SPACE.test(unit)) this.#hasBegun = true;
  }

  #escaped(unit: string): void {
    const read = this.#escape + unit;
    const isWhole = read[1] !== 'u' || read.length === 6;
    this.#escape = isWhole ? '' : read;
    if (!isWhole) return;
    const code = Number.parseInt(read.slice(2), 16);
    this.#inner?.read(read[1] === 'u' ? String.fromCharCode(code) : (ESCAPED[unit] ?? unit));
  }
}
