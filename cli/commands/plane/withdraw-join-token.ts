import { Command } from 'commander';
import { PlaneService, WithdrawJoinTokensResponseSchema } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { counted } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';

/** `sworn plane withdraw-join-token`. */
export function createWithdrawJoinTokenCommand(): Command {
  const command = new Command('withdraw-join-token')
    .summary('end the unused tokens of a name')
    .description('Ends the join tokens that were made for this name and that no plane has joined with yet.')
    .argument('<display-name>', 'as it was given to join-token')
    .action((displayName: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const response = await client(PlaneService).withdrawJoinTokens({ displayName });
        const { withdrawn } = response;
        await printMessage(
          output,
          WithdrawJoinTokensResponseSchema,
          response,
          () => `${counted(withdrawn, 'join token')} withdrawn\n`,
        );
      }),
    );
  return withExamples(command, ['sworn plane withdraw-join-token eu-west', '']);
}
