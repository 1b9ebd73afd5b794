import { sanitise } from './sanitise.ts';
import { wrapWords } from './width.ts';

/** A label and its value; fields whose value is empty are left out. */
export type Field = readonly [label: string, value: string];

/**
 * Labels and values one under the other, values aligned; further lines of a value are indented alike.
 * @param columns of the terminal, into which values are folded at blanks; undefined when there is none
 */
export function renderFields(fields: readonly Field[], columns?: number): string {
  const shown = fields.filter(([, value]) => value !== '');
  const width = Math.max(0, ...shown.map(([label]) => label.length)) + 2;
  return shown
    .map(([label, value]) => {
      const lines = sanitise(value)
        .split('\n')
        .flatMap((line) => (columns === undefined ? [line] : wrapWords(line, columns - width)));
      return `${label.padEnd(width)}${lines.join(`\n${' '.repeat(width)}`)}\n`;
    })
    .join('');
}

/**
 * A titled block of text, indented: a prompt, an answer.
 * @param highlight adds what a terminal shows, once the text is safe
 */
export function renderBlock(
  title: string,
  text: string,
  highlight: (text: string) => string = (plain) => plain,
): string {
  const body = highlight(sanitise(text))
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`))
    .join('\n');
  return `\n${sanitise(title)}\n${body}\n`;
}
