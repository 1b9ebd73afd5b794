import { Command } from 'commander';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { invoke } from '../../invocation.ts';
import { withExamples, withReason } from '../../options.ts';
import { printDone } from '../../output/done.ts';
import { fullName } from '../../output/names.ts';

/** `sworn issuer delete`. */
export function createDeleteCommand(): Command {
  const command = new Command('delete')
    .summary('end the trust in an issuer')
    .description('Ends the trust in an issuer: its tokens are refused as soon as planes hear of it.')
    .argument('<name>', 'its name, with or without issuers/')
    .option('--etag <etag>', 'only if it is still this version', '')
    .action((typed: string, { etag }: { readonly etag: string }, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const name = fullName('issuers', typed);
        await client(IdentityService).deleteIssuer({ name, etag });
        await printDone(output, name, 'deleted');
      }),
    );
  return withExamples(withReason(command), ['sworn issuer delete corporate', '']);
}
