import { Command } from 'commander';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { invoke } from '../../invocation.ts';
import { withExamples, withReason } from '../../options.ts';
import { printDone } from '../../output/done.ts';
import { fullName } from '../../output/names.ts';

/** `sworn role unbind`. */
export function createUnbindCommand(): Command {
  const command = new Command('unbind')
    .summary('take a role from a group')
    .description('Deletes a binding: its group loses the role at once.')
    .argument('<binding>', 'its name, as role list shows it')
    .option('--etag <etag>', 'only if it is still this version', '')
    .action((typed: string, { etag }: { readonly etag: string }, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const name = fullName('roleBindings', typed);
        await client(IdentityService).deleteRoleBinding({ name, etag });
        await printDone(output, name, 'deleted');
      }),
    );
  return withExamples(withReason(command), ['sworn role unbind auditor-privacy-office', '']);
}
