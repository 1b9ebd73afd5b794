/**
 * Marks that take no column, and characters that take two (the wide blocks of Unicode's East Asian Width table
 * and emoji). Near enough for a table: a miss shifts a column, it loses nothing.
 */
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const DOUBLE_WIDTH =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$|^\p{Emoji_Presentation}$/u;
const ELLIPSIS = '…';

function characterWidth(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0;
  return DOUBLE_WIDTH.test(character) ? 2 : 1;
}

/** How many terminal columns the text takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** The text cut to at most `width` columns, ending in `…` where something was cut off. */
export function fitText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width - 1) break;
    kept += character;
  }
  return kept + ELLIPSIS;
}

/** The text in lines of at most `width` columns, broken at blanks, or else after commas, where there are any; never none. */
export function wrapText(text: string, width: number): string[] {
  return wrapWords(text, width).flatMap((line) => {
    const lines: string[] = [];
    let rest = line;
    while (textWidth(rest) > width) {
      const head = headOf(rest, width);
      lines.push(head);
      rest = rest.slice(head.length);
    }
    return [...lines, rest];
  });
}

/** The text in lines of at most `width` columns, broken at blanks; a word that is longer has a line of its own. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(' ')) {
    const joined = line === undefined ? word : `${line} ${word}`;
    if (line === undefined || textWidth(joined) <= width) {
      line = joined;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line ?? ''];
}

/** As many characters from the beginning as fit, one at least; up to the last comma among them. */
function headOf(text: string, width: number): string {
  let head = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width && head !== '') break;
    head += character;
  }
  return head.slice(0, head.lastIndexOf(',') + 1) || head;
}
