import { Command } from 'commander';
import { UpstreamSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { required } from '../../connect/required.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { CREDENTIAL_SOURCES, readCredential } from './credential.ts';
import { renderUpstream } from './render.ts';

interface UpdateOptions {
  readonly baseUrl?: string;
  readonly credentialFrom?: string;
  readonly etag?: string;
}

/** `sworn upstream update`: only what is given changes. */
export function createUpdateCommand(): Command {
  const command = new Command('update')
    .summary("change a provider's URL or credential")
    .description("Changes a provider's URL, its credential, or both. What is not given stays.")
    .argument('<name>', 'its name, with or without upstreams/')
    .option('--base-url <url>', 'the new base URL')
    .option('--credential-from <source>', `where the new key is: ${CREDENTIAL_SOURCES}`)
    .option('--etag <etag>', 'only if it is still this version')
    .action((name: string, options: UpdateOptions, self: Command) =>
      invoke(self, (invocation) => update(invocation, fullName('upstreams', name), options)),
    );
  return withExamples(command, [
    'sworn upstream update openai --credential-from file:new-key',
    'rotate the key',
  ]);
}

async function update(
  { client, env, output }: Invocation,
  name: string,
  options: UpdateOptions,
): Promise<void> {
  const { baseUrl, credentialFrom } = options;
  if (baseUrl === undefined && credentialFrom === undefined) {
    throw usageFailure('nothing to change: give --base-url, --credential-from, or both');
  }
  const credential = credentialFrom === undefined ? '' : await readCredential(credentialFrom, env);
  const service = client(UpstreamService);
  const response = await service.updateUpstream({
    upstream: { name, etag: options.etag ?? '', ...(baseUrl === undefined ? {} : { spec: { baseUrl } }) },
    credential,
  });
  const upstream = required(response.upstream, 'upstream');
  await printMessage(output, UpstreamSchema, upstream, () => renderUpstream(upstream));
}
