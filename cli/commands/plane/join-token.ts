import { Command } from 'commander';
import { CreateJoinTokenResponseSchema, PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { messageJson, printValue } from '../../output/output.ts';
import { formatTime } from '../../output/time.ts';

/** `sworn plane join-token`: the token alone on stdout, so that it can be put into a variable. */
export function createJoinTokenCommand(): Command {
  const command = new Command('join-token')
    .summary('make a token with which one plane joins')
    .description('Makes a single-use token with which one data plane joins. It is shown once.')
    .argument('<display-name>', 'for people: which region or VPC')
    .action((displayName: string, _options: unknown, self: Command) =>
      invoke(self, (invocation) => createToken(invocation, displayName)),
    );
  return withExamples(command, [
    'SWORN_JOIN_TOKEN=$(sworn plane join-token eu-west)',
    'then start: sworn data-plane',
  ]);
}

async function createToken({ client, output }: Invocation, displayName: string): Promise<void> {
  const response = await client(PlaneService).createJoinToken({ displayName });
  if (output.format !== 'table') {
    await printValue(output, messageJson(CreateJoinTokenResponseSchema, response));
    return;
  }
  output.note(`worth nothing after ${formatTime(response.expireTime)}, or once it is used`);
  await output.write(`${response.joinToken}\n`);
}
