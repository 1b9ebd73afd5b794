import { Command } from 'commander';
import { NotificationService } from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { invoke } from '../../invocation.ts';
import { withExamples, withReason } from '../../options.ts';
import { printDone } from '../../output/done.ts';
import { fullName } from '../../output/names.ts';

/** `sworn notifier delete`. */
export function createDeleteCommand(): Command {
  const command = new Command('delete')
    .summary('delete one notifier')
    .description('Deletes one notifier and its secret. What it still had to tell is given up.')
    .argument('<name>', 'its name, with or without notifiers/')
    .option('--etag <etag>', 'only if it is still this version', '')
    .action((typed: string, { etag }: { readonly etag: string }, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const name = fullName('notifiers', typed);
        await client(NotificationService).deleteNotifier({ name, etag });
        await printDone(output, name, 'deleted');
      }),
    );
  return withExamples(withReason(command), ['sworn notifier delete pager', '']);
}
