import { Command } from 'commander';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { printValue } from '../../output/output.ts';

/** `sworn token`: the access token on a line by itself, for other clients of the API. */
export function createTokenCommand(): Command {
  const command = new Command('token')
    .summary('print a fresh access token for the API')
    .description(
      'Prints the access token of your login, renewed if it is about to run out. Keep it to yourself.',
    )
    .action((_options: unknown, self: Command) =>
      invoke(self, async ({ output, token }) => {
        const accessToken = await token();
        if (output.format === 'table') await output.write(`${accessToken}\n`);
        else await printValue(output, { accessToken });
      }),
    );
  return withExamples(command, ['SWORN_TOKEN=$(sworn token)', 'for a program that calls the API']);
}
