import { Command } from 'commander';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { required } from '../../connect/required.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withReason } from '../../options.ts';
import { shortName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderIssuer } from './render.ts';
import { readSpec, type SpecOptions, withSpec } from './spec.ts';

const DEFAULT_GATEWAY_AUDIENCE = 'sworn-gateway';

/** `sworn issuer create`. */
export function createCreateCommand(): Command {
  const command = new Command('create')
    .summary('trust a new issuer')
    .description(
      `Trusts a new OpenID provider. Its tokens are accepted with the audiences given here, and no others; those of applications with ${DEFAULT_GATEWAY_AUDIENCE} where no --gateway-audience is given.`,
    )
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .requiredOption('--issuer-url <url>', "the 'iss' of its tokens and the base of its discovery document")
    .action((name: string, options: SpecOptions, self: Command) =>
      invoke(self, (invocation) => createIssuer(invocation, name, options)),
    );
  return withExamples(withReason(withSpec(command)), [
    'sworn issuer create corporate --issuer-url https://id.example.org --control-plane-audience sworn-control-plane',
    '',
  ]);
}

async function createIssuer(
  { client, output }: Invocation,
  name: string,
  options: SpecOptions,
): Promise<void> {
  const { spec } = readSpec({ gatewayAudience: [DEFAULT_GATEWAY_AUDIENCE], ...options });
  const response = await client(IdentityService).createIssuer({
    issuerId: shortName(name),
    issuer: { spec },
  });
  const issuer = required(response.issuer, 'issuer');
  await printMessage(output, IssuerSchema, issuer, () => renderIssuer(issuer));
}
