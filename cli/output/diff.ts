import { diff } from 'node:util';
import type { Output } from './output.ts';
import { sanitise } from './sanitise.ts';

/** Node says 1 of what only the first has, and -1 of what only the second has. */
const MARKS = { '1': '-', '0': ' ', '-1': '+' } as const;
const COLORS = { '-': '\u001b[31m', '+': '\u001b[32m', ' ': '' } as const;
const RESET = '\u001b[0m';

/** Lines with their marks, as `diff -u` has them, all of them. */
export function diffLines(before: string, after: string): string[] {
  const [left, right] = [before, after].map((text) => text.split('\n').filter((line) => line !== ''));
  return diff(left ?? [], right ?? []).map(
    ([operation, line]) => `${MARKS[`${operation}`]}${sanitise(line)}`,
  );
}

/** Such lines as a text, in colour on a terminal. */
export function renderDiff(output: Pick<Output, 'color'>, lines: readonly string[]): string {
  const shown = lines.map((line) => {
    const color = output.color ? COLORS[line[0] as keyof typeof COLORS] : '';
    return color === '' ? line : `${color}${line}${RESET}`;
  });
  return shown.map((line) => `${line}\n`).join('');
}
