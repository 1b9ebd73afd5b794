import { Command } from 'commander';
import { UpstreamSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { required } from '../../connect/required.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withReason } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderUpstream } from './render.ts';
import { readSecrets, SECRET_SOURCES, type SecretOptions } from './secret.ts';
import { readSpec, type SpecOptions, withSpec } from './spec.ts';

interface UpdateOptions extends SpecOptions, SecretOptions {
  readonly etag?: string;
}

/** `sworn upstream update`: only what is given changes. */
export function createUpdateCommand(): Command {
  const command = new Command('update')
    .summary('change a provider or its credential')
    .description(
      'Changes a provider, its secrets, or both. What is not given stays; a list that is given replaces the old one. ' +
        'What changes where a secret goes (host, way of authentication, token endpoint, proxy, roots) takes it again.',
    )
    .argument('<name>', 'its name, with or without upstreams/')
    .option('--base-url <url>', 'the new base URL')
    .option('--credential-from <source>', `where the new key is: ${SECRET_SOURCES}`)
    .option('--etag <etag>', 'only if it is still this version')
    .action((name: string, _options: unknown, self: Command) =>
      invoke(self, (invocation) => update(invocation, fullName('upstreams', name), self.optsWithGlobals())),
    );
  return withExamples(
    withReason(withSpec(command)),
    ['sworn upstream update openai --credential-from file:new-key', 'rotate the key'],
    ['sworn upstream update azure --default', 'what no policy sends elsewhere goes there from now on'],
    ['sworn upstream update openai --max-concurrent 64 --max-queued 128', ''],
  );
}

async function update(
  { client, env, output }: Invocation,
  name: string,
  options: UpdateOptions,
): Promise<void> {
  const { spec, paths } = await readSpec(options);
  const secrets = await readSecrets(options, env);
  if (paths.length === 0 && Object.values(secrets).every((secret) => secret.length === 0)) {
    throw usageFailure('nothing to change', 'sworn upstream update --help');
  }
  const response = await client(UpstreamService).updateUpstream({
    upstream: { name, etag: options.etag ?? '', ...(paths.length > 0 && { spec }) },
    ...(paths.length > 0 && { updateMask: { paths } }),
    ...secrets,
  });
  const upstream = required(response.upstream, 'upstream');
  await printMessage(output, UpstreamSchema, upstream, () => renderUpstream(upstream));
}
