import { type Command, InvalidArgumentError } from 'commander';

/** Lines of a help have at most so many columns. */
const HELP_WIDTH = 100;

/** Whether a global option means something else for this command: its own, wherever it stands on the line. */
export function hasOwn({ options }: Command, long: string): boolean {
  return options.some((option) => option.long === long);
}

/** Adds the examples to a command's help. Each is `[command, what it does]`; a whole line can be pasted into a shell. */
export function withExamples(command: Command, ...examples: readonly (readonly [string, string])[]): Command {
  const room = HELP_WIDTH - 8 - Math.max(...examples.map(([, meaning]) => meaning.length));
  const width = Math.max(0, ...examples.map(([line]) => line.length).filter((length) => length <= room));
  const lines = examples.map(([line, meaning]) => {
    const [first = '', ...others] = breakCommand(line);
    // What is too long for the column of meanings has its own below.
    const comment = meaning === '' ? [] : [`# ${meaning}`];
    if (line.length <= width) return [[`  $ ${line.padEnd(width)}`, ...comment].join('  ').trimEnd()];
    const below = [...others, ...comment];
    return [`  $ ${first}`, ...below.map((part) => `      ${part}`)];
  });
  return command.addHelpText('after', `\nExamples:\n${lines.flat().join('\n')}\n`);
}

/** A command in lines as a shell takes them, broken before options where it is too long. */
function breakCommand(line: string): string[] {
  const lines: string[] = [];
  for (const part of line.split(/ (?=--)/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length <= HELP_WIDTH - 9)
      lines.push(`${lines.pop()} ${part}`);
    else lines.push(part);
  }
  return lines.map((part, index) => (index < lines.length - 1 ? `${part} \\` : part));
}

/** Adds `--limit`, `--all` and `--page-token`, which `readPages` takes. */
export function withPages(command: Command): Command {
  return command
    .option('--limit <number>', 'at most this many (default: 100)')
    .option('--all', 'everything, however much')
    .option('--page-token <token>', 'go on where the last list ended (nextPageToken)');
}

/** Adds `--reason` to a change that may become a proposal; invocation.ts reads it. */
export function withReason(command: Command): Command {
  return command.option(
    '--reason <text>',
    'why, for the admin who has to approve it, where there is one',
    '',
  );
}

/** Collects an option that may be repeated. */
export function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

/** What narrows a command down. Empty, as a variable that is not set is, it would do more than was meant. */
export function parseGiven(typed: string): string {
  if (typed !== '') return typed;
  throw new InvalidArgumentError('it is empty; leave the option out where it says nothing.');
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time as typed, in milliseconds: `90s`, `5m`, `1h`, `7d`. */
export function parseLength(typed: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(typed) ?? [];
  const lengthMs = Number(count) * (UNIT_MS[unit ?? ''] ?? 0);
  if (lengthMs > 0) return lengthMs;
  throw new InvalidArgumentError('a length of time is like 90s, 5m or 1h.');
}

/** A point in time as typed: RFC 3339 (`2026-03-01T00:00:00Z`, `2026-03-01`), or so long ago (`24h`, `7d`). */
export function parseTime(typed: string): Date {
  const ago = /^(\d{1,6})([smhd])$/.exec(typed);
  if (ago !== null) return new Date(Date.now() - Number(ago[1]) * (UNIT_MS[ago[2] ?? ''] ?? 0));
  const time = /^\d{4}-\d{2}-\d{2}(T|$)/.test(typed) ? new Date(typed) : undefined;
  if (time === undefined || Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('a time is like 2026-03-01T09:30:00Z, 2026-03-01, or 24h ago as 24h.');
  }
  return time;
}
