import { Command } from 'commander';
import { UpstreamSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { required } from '../../connect/required.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderUpstream } from './render.ts';

/** `sworn upstream get`. */
export function createGetCommand(): Command {
  const command = new Command('get')
    .summary('show one provider')
    .description('Shows one provider, without its credential.')
    .argument('<name>', 'its name, with or without upstreams/')
    .action((name: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const response = await client(UpstreamService).getUpstream({ name: fullName('upstreams', name) });
        const upstream = required(response.upstream, 'upstream');
        await printMessage(output, UpstreamSchema, upstream, () => renderUpstream(upstream));
      }),
    );
  return withExamples(command, ['sworn upstream get openai', '']);
}
