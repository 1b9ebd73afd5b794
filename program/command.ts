import { Command, Option } from 'commander';
import { describeOptions } from '#core/settings/options.ts';
import type { Definitions } from '#core/settings/settings.ts';

/** Columns that a description has at least: names of settings are long, and a line that is not broken is longer. */
const MIN_DESCRIPTION_WIDTH = 24;

/** A program's command: its options are its settings. */
export function createCommand(
  name: string,
  description: string,
  definitions: Definitions,
  help: string,
): Command {
  const command = new Command(name)
    .description(description)
    .option('--config <file>', 'YAML file with settings (SWORN_CONFIG)')
    .allowExcessArguments(false)
    .showHelpAfterError(`See: ${name} --help`)
    .configureHelp({ minWidthToWrap: MIN_DESCRIPTION_WIDTH })
    .addHelpText(
      'after',
      `
Each setting is also a variable (--listen is SWORN_LISTEN) and a key of the YAML file (listen,
logLevel, …); flags win over variables, variables over the file. A secret may be file:///path or
env://NAME.
${help}`,
    );
  for (const { flags, description: text, isList } of describeOptions(definitions)) {
    const option = new Option(flags, text);
    if (isList) {
      option.argParser((value: string, before: string | undefined) =>
        before ? `${before},${value}` : value,
      );
    }
    command.addOption(option);
  }
  return command;
}
