import { Command } from 'commander';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderIssuer } from './render.ts';

/** `sworn issuer get`. */
export function createGetCommand(): Command {
  const command = new Command('get')
    .summary('show one issuer')
    .description('Shows what is accepted from one issuer.')
    .argument('<name>', 'its name, with or without issuers/')
    .action((name: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const response = await client(IdentityService).getIssuer({ name: fullName('issuers', name) });
        const issuer = required(response.issuer, 'issuer');
        await printMessage(output, IssuerSchema, issuer, () => renderIssuer(issuer));
      }),
    );
  return withExamples(command, ['sworn issuer get corporate', '']);
}
