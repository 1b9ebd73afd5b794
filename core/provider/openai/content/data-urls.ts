import { Buffer } from 'node:buffer';
import type { Encoded } from './encoded.ts';

/** What stands before base64 in a data URL, as lenient readers take it. */
const PREFIX =
  /data:([\w.+/-]{0,100}(?:\s{0,9};\s{0,9}[\w.+-]{1,30}="?[\w.+-]{1,30}"?){0,4})\s{0,9};\s{0,9}base64\s{0,9},/gi;
const NO_DIGIT = /[^A-Za-z0-9+/_-]/g;
/** Digits and padding in percents. */
const IN_PERCENTS = /%(?:2b|2f|3d)/iy;
/** Base64 in lines has so many characters in each but the last: RFC 2045 has 76, RFC 7468 64. */
const MIN_LINE_CHARS = 60;
const LINE_END = /\r?\n[ \t]{0,9}/y;
/** Six bytes: less is no text that says anything of anybody. */
const MIN_CHARS = 8;

/**
 * What the data URLs hold that stand in a text, wherever. Of base64 in lines both that with its last line and that without: a line of
 * words may be taken for one.
 */
export function* findDataUrls(text: string): Generator<Encoded> {
  for (const { 0: prefix, 1: type = '', index } of text.matchAll(PREFIX)) {
    const start = index + prefix.length;
    for (const end of endsOfBase64(text, index, start)) {
      if (end - start < MIN_CHARS) continue;
      const base64 = text.slice(start, end).replace(/%[23]./g, decodeURIComponent);
      yield { type, bytes: Buffer.from(base64, 'base64'), prefix, loose: true };
    }
  }
}

/**
 * Where base64 ends; and without its last line, where it has several. By hand: an expression for all of it takes stack for each digit.
 *
 * @param line where the URL begins, which may be broken as a whole
 */
function endsOfBase64(text: string, line: number, start: number): number[] {
  let lineStart = line;
  let before: number | undefined;
  for (let at = start; ; ) {
    NO_DIGIT.lastIndex = at;
    const end = NO_DIGIT.exec(text)?.index ?? text.length;
    if (text[end] === '%') {
      at = endOf(IN_PERCENTS, text, end);
    } else if (end === start || end - lineStart >= MIN_LINE_CHARS) {
      lineStart = at = endOf(LINE_END, text, end);
      if (at > end) before = end;
    } else {
      at = end;
    }
    if (at === end) return before === undefined ? [end] : [end, before];
  }
}

/** Where what a sticky expression finds at a place ends; the place itself where it finds nothing. */
function endOf(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : at;
}
