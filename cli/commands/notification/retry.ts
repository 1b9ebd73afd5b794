import { Command } from 'commander';
import { NotificationService } from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { printDone } from '../../output/done.ts';
import { fullName } from '../../output/names.ts';

/** `sworn notification retry`. */
export function createRetryCommand(): Command {
  const command = new Command('retry')
    .summary('try one again that was given up')
    .description('Lets a notification that was given up be tried again, from its first attempt.')
    .argument('<id>', 'its id, with or without notifications/')
    .action((typed: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const name = fullName('notifications', typed);
        await client(NotificationService).retryNotification({ name });
        await printDone(output, name, 'waits for its next attempt');
      }),
    );
  return withExamples(command, ['sworn notification retry 0199f3c2-7e10-7000-8000-000000000001', '']);
}
