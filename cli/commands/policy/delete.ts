import { Command } from 'commander';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { printDone } from '../../output/done.ts';
import { fullName } from '../../output/names.ts';

/** `sworn policy delete`. */
export function createDeleteCommand(): Command {
  const command = new Command('delete')
    .summary('delete one policy')
    .description('Deletes one policy. Requests that only it allowed are denied from then on.')
    .argument('<name>', 'its name, with or without policies/')
    .option('--reason <text>', 'why; stands in the record', '')
    .option('--etag <etag>', 'only if it is still this version', '')
    .action(
      (typed: string, { etag, reason }: { readonly etag: string; readonly reason: string }, self: Command) =>
        invoke(self, async ({ client, output }) => {
          const name = fullName('policies', typed);
          await client(PolicyService).deletePolicy({ name, etag, reason });
          await printDone(output, name, 'deleted');
        }),
    );
  return withExamples(command, ['sworn policy delete research', '']);
}
