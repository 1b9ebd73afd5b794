import { Command } from 'commander';
import { IdentityService, WhoAmIResponseSchema } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { printMessage } from '../../output/output.ts';
import { renderPerson } from './person.ts';

/** `sworn whoami`. */
export function createWhoamiCommand(): Command {
  const command = new Command('whoami')
    .summary('who you are to the control plane, and your roles')
    .description(
      'Shows who your token says you are, as the control plane reads it, and the roles of your groups.',
    )
    .action((_options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const person = await client(IdentityService).whoAmI({});
        await printMessage(output, WhoAmIResponseSchema, person, () => renderPerson(person));
      }),
    );
  return withExamples(command, ['sworn whoami', ''], ['sworn whoami --output json', 'for a script']);
}
