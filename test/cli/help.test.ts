import { readdirSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { beforeAll, expect, test } from 'vitest';
import { createProgram } from '../../cli/program.ts';

/** Columns of the examples of a help. */
const HELP_WIDTH = 100;
/** Programs that the launcher starts have settings of their own. */
const PROGRAMS = ['control-plane', 'data-plane', 'master-key', 'witness'];
let root: Command;
/** All commands that do something, by their words: `audit show`. */
const commands = new Map<string, Command>();

beforeAll(async () => {
  root = await createProgram([]);
  for (const name of root.commands.map((command) => command.name())) {
    if (PROGRAMS.includes(name)) continue;
    const program = await createProgram([name]);
    const noun = program.commands.find((command) => command.name() === name);
    if (noun !== undefined) collect(noun, name);
  }
});

function collect(command: Command, words: string): void {
  if (command.commands.length === 0) commands.set(words, command);
  for (const child of command.commands) collect(child, `${words} ${child.name()}`);
}

/** What `--help` prints. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

test('no command has an option of its own by the name of one that all have, but what upstreams are allowed', () => {
  expect(commands.size).toBeGreaterThan(70);
  const global = root.options.map(({ long }) => long);
  expect(global).toContain('--token');
  const clashes = [...commands].flatMap(([words, command]) =>
    command.options.filter(({ long }) => global.includes(long)).map(({ long }) => `${words} ${long}`),
  );
  // One word for plain HTTP everywhere; the token's has the variable there (see hasOwn).
  expect(clashes).toEqual(['upstream create --allow-plaintext', 'upstream update --allow-plaintext']);
});

test('the examples of every command fit a terminal', () => {
  for (const [words, command] of commands) {
    const [, examples = ''] = helpOf(command).split('\nExamples:\n');
    const wide = examples.split('\n').filter((line) => line.length > HELP_WIDTH);
    expect(wide, words).toEqual([]);
  }
});

test('a help has the options of its command, and once those that all commands have', () => {
  for (const [words, command] of commands) {
    const options = [...helpOf(command).matchAll(/^ {2}(?:-\w, )?(--[a-z][\w-]*)/gm)].map(([, name]) => name);
    const taken = new Set([...command.options, ...root.options].map(({ long }) => long));
    expect(options.toSorted(), words).toEqual([...taken, '--help'].toSorted());
  }
});

/** The options that a command takes, with those of the commands around it. */
function optionsOf(command: Command): (string | undefined)[] {
  const own = command.options.map(({ long }) => long);
  return command.parent === null ? own : [...own, ...optionsOf(command.parent)];
}

/** What pages show in blocks: commands in one line each, without prompt, comment and `npx`. */
function shownIn(page: string): string[] {
  const text = readFileSync(new URL(page, ROOT), 'utf8');
  const blocks = [...text.matchAll(/^ *```(?:sh|console)\n(.*?)^ *```/gms)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.replace(/\\\n */g, ' ').split('\n'))
    .map((line) => line.trim().replace(/^\$ /, '').replace(/ #.*/, ''))
    .filter((line) => /(^|[ |])(npx )?sworn [a-z]/.test(line) && !/^sworn[ a-z-]*: /.test(line))
    .map((line) => line.replace(/.*?(?:npx )?sworn (?=[a-z])/, ''));
}

const ROOT = new URL('../../', import.meta.url);
const PAGES = ['README.md', ...readdirSync(new URL('docs', ROOT)).map((name) => `docs/${name}`)];

test('pages show only commands that there are, with options that they take', () => {
  const words = [...commands.keys()].toSorted((one, other) => other.length - one.length);
  let seen = 0;
  for (const page of PAGES) {
    for (const line of shownIn(page)) {
      if (PROGRAMS.some((program) => line.startsWith(program))) continue;
      const meant = words.find((name) => `${line} `.startsWith(`${name} `));
      const noun = root.commands.some((command) => command.name() === line);
      expect(meant !== undefined || noun, `${page}: ${line}`).toBe(true);
      const command = commands.get(meant ?? '');
      const known = command === undefined ? [] : optionsOf(command);
      for (const [option] of line.matchAll(/(?<= )--[a-z][a-z0-9-]+/g)) {
        expect(known, `${page}: ${line}`).toContain(option);
        seen += 1;
      }
    }
  }
  expect(seen).toBeGreaterThan(50);
});
