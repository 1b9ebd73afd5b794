import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { takesCredential } from '#core/upstream/check.ts';
import { UpstreamSchema, UpstreamSpecSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { required } from '../../connect/required.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withReason } from '../../options.ts';
import { shortName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderUpstream } from './render.ts';
import { readSecrets, SECRET_SOURCES, type SecretOptions } from './secret.ts';
import { readSpec, type SpecOptions, withSpec } from './spec.ts';

/** `sworn upstream create`. */
export function createCreateCommand(): Command {
  const command = new Command('create')
    .summary('add a provider with its credential')
    .description(
      'Adds a provider. Its secrets are encrypted at rest, given to enrolled planes only, and never shown again. ' +
        'The first one is the default: it gets what no policy sends elsewhere.',
    )
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .requiredOption('--base-url <url>', 'to which /responses and so on are appended')
    .option('--credential-from <source>', `where the provider's key is: ${SECRET_SOURCES}`)
    .action((name: string, _options: unknown, self: Command) =>
      invoke(self, (invocation) => createUpstream(invocation, name, self.optsWithGlobals())),
    );
  return withExamples(
    withReason(withSpec(command)),
    [
      'sworn upstream create openai --base-url https://api.openai.com/v1 --credential-from env:OPENAI_API_KEY',
      '',
    ],
    ['sworn upstream create openai --base-url https://api.openai.com/v1 --credential-from stdin < key', ''],
    [
      'sworn upstream create azure --base-url https://contoso.openai.azure.com/openai/v1 --auth api-key ' +
        '--credential-from file:azure-key',
      '',
    ],
    [
      'sworn upstream create azure-entra --base-url https://contoso.openai.azure.com/openai/v1 --auth client-secret ' +
        '--entra-tenant 11111111-2222-3333-4444-555555555555 --client-id 66666666-7777-8888-9999-000000000000 ' +
        '--credential-from env:AZURE_CLIENT_SECRET',
      '',
    ],
    [
      "sworn upstream create vllm --base-url https://vllm.example.org/v1 --auth none --ca-file roots.pem --model 'llama-*'",
      '',
    ],
  );
}

async function createUpstream(
  { client, env, output }: Invocation,
  name: string,
  options: SpecOptions & SecretOptions,
): Promise<void> {
  const { spec } = await readSpec(options);
  const secrets = await readSecrets(options, env);
  if (secrets.credential === '' && takesCredential(create(UpstreamSpecSchema, spec))) {
    throw usageFailure(
      `the provider's key is missing: add --credential-from, ${SECRET_SOURCES}`,
      'where the provider wants none, add --auth none',
    );
  }
  const response = await client(UpstreamService).createUpstream({
    upstreamId: shortName(name),
    upstream: { spec },
    ...secrets,
  });
  const upstream = required(response.upstream, 'upstream');
  await printMessage(output, UpstreamSchema, upstream, () => renderUpstream(upstream));
}
