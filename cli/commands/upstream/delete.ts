import { Command } from 'commander';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { invoke } from '../../invocation.ts';
import { withExamples, withReason } from '../../options.ts';
import { printDone } from '../../output/done.ts';
import { fullName } from '../../output/names.ts';

/** `sworn upstream delete`. */
export function createDeleteCommand(): Command {
  const command = new Command('delete')
    .summary('delete one provider')
    .description(
      'Deletes one provider and its credential. Planes stop calling it as soon as they hear of it.',
    )
    .argument('<name>', 'its name, with or without upstreams/')
    .option('--etag <etag>', 'only if it is still this version', '')
    .action((typed: string, { etag }: { readonly etag: string }, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const name = fullName('upstreams', typed);
        await client(UpstreamService).deleteUpstream({ name, etag });
        await printDone(output, name, 'deleted');
      }),
    );
  return withExamples(withReason(command), ['sworn upstream delete openai', '']);
}
