/**
 * Control characters other than line feed and tab, and the bidirectional controls with which text can be made
 * to read as something else (CVE-2021-42574). A terminal would obey them: prompts and answers are the words of
 * strangers, and must not move the cursor, recolour a decision or set the window's title.
 */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** The text with every character that a terminal could obey written out: ESC becomes `\x1b`. Keeps line feeds and tabs. */
export function sanitise(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === '\n' || character === '\t') return character;
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** As `sanitise`, on one line: line feeds and tabs become spaces. */
export function sanitiseLine(text: string): string {
  return sanitise(text).replace(/[\n\t]+/g, ' ');
}
