import { Command } from 'commander';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { printDone } from '../../output/done.ts';
import { fullName } from '../../output/names.ts';

/** `sworn revocation delete`. */
export function createDeleteCommand(): Command {
  const command = new Command('delete')
    .summary('end a revocation')
    .description('Ends a revocation: what it refused is judged by policy again. The record of it stays.')
    .argument('<revocation>', 'its id, as revocation list shows it')
    .action((typed: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const name = fullName('revocations', typed);
        await client(IdentityService).deleteRevocation({ name });
        await printDone(output, name, 'deleted');
      }),
    );
  return withExamples(command, ['sworn revocation delete 0199f3c2', '']);
}
