import { Command } from 'commander';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { required } from '../../connect/required.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withReason } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderIssuer } from './render.ts';
import { readSpec, type SpecOptions, withSpec } from './spec.ts';

interface UpdateOptions extends SpecOptions {
  readonly etag?: string;
}

/** `sworn issuer update`: only what is given changes; a list is replaced whole. */
export function createUpdateCommand(): Command {
  const command = new Command('update')
    .summary('change what is accepted from an issuer')
    .description(
      'Changes what is accepted from an issuer. What is not given stays; a list that is given replaces the old one.',
    )
    .argument('<name>', 'its name, with or without issuers/')
    .option('--issuer-url <url>', "the 'iss' of its tokens and the base of its discovery document")
    .option('--etag <etag>', 'only if it is still this version')
    .action((name: string, options: UpdateOptions, self: Command) =>
      invoke(self, (invocation) => update(invocation, fullName('issuers', name), options)),
    );
  return withExamples(withReason(withSpec(command)), [
    'sworn issuer update corporate --groups-claim realm_access.roles',
    '',
  ]);
}

async function update({ client, output }: Invocation, name: string, options: UpdateOptions): Promise<void> {
  const { spec, paths } = readSpec(options);
  if (paths.length === 0) throw usageFailure('nothing to change', 'sworn issuer update --help');
  const service = client(IdentityService);
  const response = await service.updateIssuer({
    issuer: { name, etag: options.etag ?? '', spec },
    updateMask: { paths },
  });
  const issuer = required(response.issuer, 'issuer');
  await printMessage(output, IssuerSchema, issuer, () => renderIssuer(issuer));
}
