import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../../cli/program.ts';

/** A command with the words that lead to it. */
interface Leaf {
  readonly words: readonly string[];
  readonly command: Command;
}

/** All commands of the command line; those of the programs have settings, which another test looks at. */
async function leavesOf(): Promise<Leaf[]> {
  const nouns = (await createProgram([])).commands.map((command) => command.name());
  const leaves: Leaf[] = [];
  const walk = (words: readonly string[], command: Command): void => {
    if (command.commands.length === 0) leaves.push({ words, command });
    for (const inner of command.commands) walk([...words, inner.name()], inner);
  };
  for (const noun of nouns.filter(
    (name) => !['control-plane', 'data-plane', 'master-key', 'witness'].includes(name),
  )) {
    const program = await createProgram([noun]);
    const command = program.commands.find((one) => one.name() === noun);
    if (command !== undefined) walk([noun], command);
  }
  return leaves;
}

/** The examples in a command's help, as they are pasted into a shell. */
function examplesOf(command: Command): string[] {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
  });
  command.outputHelp();
  const [, examples = ''] = help.split('\nExamples:\n');
  const lines = examples.replaceAll(/ \\\n */g, ' ').split('\n');
  return lines.flatMap((line) => /^ {2}\$ (.*)$/.exec(line)?.[1] ?? []);
}

/** The words of `sworn` in a line, as a shell would split them. */
function wordsOf(line: string): string[] {
  const { call = '' } = /\bsworn (?<call>(?:'[^']*'|"[^"]*"|[^'"#|<>&)])*)/.exec(line)?.groups ?? {};
  return Array.from(
    call.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g),
    ([, one, two, bare]) => one ?? two ?? bare ?? '',
  );
}

test('each command has examples, and each of them is a call that its command takes', async () => {
  const faults: string[] = [];
  for (const { words, command } of await leavesOf()) {
    const examples = examplesOf(command);
    if (examples.length === 0) faults.push(`${words.join(' ')} has none`);
    for (const example of examples) {
      const call = wordsOf(example);
      let taken: Command | undefined;
      const program = await createProgram(call);
      const arm = (one: Command): void => {
        if (one.commands.length === 0) {
          one.action((...given) => {
            taken = given.at(-1) as Command;
          });
        }
        one.exitOverride().configureOutput({ writeErr: () => {} });
        one.commands.forEach(arm);
      };
      arm(program);
      const fault = await program.parseAsync(call, { from: 'user' }).then(
        () => '',
        (error: Error) => error.message,
      );
      if (fault !== '' || taken?.name() !== words.at(-1)) faults.push(`${example}: ${fault}`);
    }
  }
  expect(faults).toEqual([]);
});
