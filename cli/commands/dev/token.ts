import { Command, InvalidArgumentError, Option } from 'commander';
import { CommandFailure } from '../../failure.ts';
import { collect, withExamples } from '../../options.ts';
import { CONTROL_PLANE_AUDIENCE, GATEWAY_AUDIENCE } from './identity-provider.ts';
import { findStack } from './ready.ts';
import { requestToken } from './request-token.ts';
import { DEV_USERS } from './users.ts';

interface TokenOptions {
  readonly user: string;
  readonly group?: readonly string[];
  readonly for: string;
  readonly lifetime?: number;
  readonly directory: string;
}

/** `sworn dev token`: a fresh access token of the embedded provider, alone on stdout. */
export function createDevTokenCommand(defaultDirectory: string): Command {
  const users = Object.entries(DEV_USERS).map(([user, groups]) => `${user} (${groups.join(', ')})`);
  const command = new Command('token')
    .summary('print a fresh access token of the embedded identity provider')
    .description(
      `Prints a fresh access token of the running stack's identity provider.\nKnown users: ${users.join('; ')}.`,
    )
    .requiredOption('--user <name>', 'whose token; any name will do')
    .option('--group <group>', "a group in place of the user's own; may be repeated", collect)
    .addOption(
      new Option('--for <side>', 'gateway: to call models; control-plane: for the command line')
        .argParser(side)
        .default(GATEWAY_AUDIENCE, 'gateway'),
    )
    .option('--lifetime <seconds>', 'how long it is good for (default: 900)', seconds)
    .option('--directory <directory>', 'the directory of the stack', defaultDirectory)
    .action(async (_options: unknown, self: Command) => {
      // `dev` has a --directory too, and takes the value wherever it stands.
      const options = self.optsWithGlobals<TokenOptions>();
      const { addresses, secret } = findStack(options.directory);
      const wish = {
        user: options.user,
        groups: options.group ?? [],
        audience: options.for,
        ...(options.lifetime === undefined ? {} : { lifetimeS: options.lifetime }),
      };
      const token = await requestToken(addresses.issuer, secret, wish).catch((cause: unknown) => {
        const message = `the identity provider at ${addresses.issuer} does not answer`;
        throw new CommandFailure(message, {
          exitCode: 5,
          code: 'unavailable',
          hint: 'does npm start still run?',
          cause,
        });
      });
      process.stdout.write(`${token}\n`);
    });
  return withExamples(
    command,
    ['sworn dev token --user clinician', 'a token for an OpenAI client'],
    ['sworn dev token --user reviewer --for control-plane', 'one for SWORN_TOKEN'],
    ['sworn dev token --user somebody --group researchers', 'with other groups'],
  );
}

function side(typed: string): string {
  if (typed === 'gateway') return GATEWAY_AUDIENCE;
  if (typed === 'control-plane') return CONTROL_PLANE_AUDIENCE;
  throw new InvalidArgumentError('it is gateway or control-plane.');
}

function seconds(typed: string): number {
  if (!/^[1-9]\d{0,4}$/.test(typed))
    throw new InvalidArgumentError('it is a number of seconds from 1 to 86400.');
  return Number(typed);
}
