import { Command } from 'commander';
import { collect, withExamples } from '../../options.ts';
import { createDemoCommand } from './demo/command.ts';
import { DEFAULT_DIRECTORY, type DevOptions, runDev } from './serve.ts';
import { createDevTokenCommand } from './token.ts';

/** `sworn dev`: the whole of Sworn on this machine. */
export function createDevCommand(): Command {
  const command = new Command('dev')
    .summary('the whole stack on this machine')
    .description(
      'Runs MongoDB, an identity provider, the control plane and one data plane on loopback until it is stopped.\n' +
        'Data is kept in the directory. For development: the identity provider asks for no password.',
    )
    .option('--directory <directory>', 'where data, keys and state are kept', DEFAULT_DIRECTORY)
    .option('--upstream <url>', 'base URL of an OpenAI-compatible provider; a scripted one without it')
    .option(
      '--upstream-key <key>',
      'its key: env:NAME, file:PATH or the key itself, none for a server without; else, with --upstream, OPENAI_API_KEY',
    )
    .option(
      '--policy <file>',
      'policies (YAML, or a directory of it) to apply instead of examples/policies; may be repeated',
      collect,
    )
    .option('--ready-file <file>', 'write addresses, ports and issuer there as JSON once everything answers')
    .option('--log-level <level>', 'the least level that is logged to stderr', 'warn')
    .action((options: DevOptions) => runDev(options))
    .addCommand(createDemoCommand())
    .addCommand(createDevTokenCommand(DEFAULT_DIRECTORY));
  return withExamples(
    command,
    ['sworn dev', 'with a scripted provider'],
    ['sworn dev --upstream https://api.openai.com/v1 --upstream-key env:OPENAI_API_KEY', ''],
    ['sworn dev --upstream http://127.0.0.1:11434/v1 --upstream-key none', 'a server without keys'],
    ['sworn dev --policy my-policies.yaml --ready-file ready.json', ''],
    ['sworn dev demo', 'a guided tour that ends by itself'],
  );
}
