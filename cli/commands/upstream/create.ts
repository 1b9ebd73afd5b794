import { Command } from 'commander';
import { UpstreamSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { required } from '../../connect/required.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { shortName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { CREDENTIAL_SOURCES, readCredential } from './credential.ts';
import { renderUpstream } from './render.ts';

interface CreateOptions {
  readonly baseUrl: string;
  readonly credentialFrom: string;
}

/** `sworn upstream create`. */
export function createCreateCommand(): Command {
  const command = new Command('create')
    .summary('add a provider with its credential')
    .description(
      'Adds a provider. Its credential is encrypted at rest, given to enrolled planes only, and never shown again.',
    )
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .requiredOption('--base-url <url>', 'to which /responses and so on are appended')
    .requiredOption('--credential-from <source>', `where the provider's key is: ${CREDENTIAL_SOURCES}`)
    .action((name: string, options: CreateOptions, self: Command) =>
      invoke(self, (invocation) => createUpstream(invocation, name, options)),
    );
  return withExamples(
    command,
    [
      'sworn upstream create openai --base-url https://api.openai.com/v1 --credential-from env:OPENAI_API_KEY',
      '',
    ],
    ['sworn upstream create openai --base-url https://api.openai.com/v1 --credential-from stdin < key', ''],
  );
}

async function createUpstream(
  { client, env, output }: Invocation,
  name: string,
  options: CreateOptions,
): Promise<void> {
  const credential = await readCredential(options.credentialFrom, env);
  const response = await client(UpstreamService).createUpstream({
    upstreamId: shortName(name),
    upstream: { spec: { baseUrl: options.baseUrl } },
    credential,
  });
  const upstream = required(response.upstream, 'upstream');
  await printMessage(output, UpstreamSchema, upstream, () => renderUpstream(upstream));
}
