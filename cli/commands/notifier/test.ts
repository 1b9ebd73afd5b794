import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import {
  NotificationService,
  TestNotifierResponseSchema,
} from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { renderTable } from '../../output/table.ts';
import { NOTIFICATION_COLUMNS } from '../notification/columns.ts';

/** `sworn notifier test`. */
export function createTestCommand(): Command {
  const command = new Command('test')
    .summary('send a message by one notifier')
    .description("Sends a test message. What becomes of it: 'sworn notification list'.")
    .argument('<name>', 'its name, with or without notifiers/')
    .action((typed: string, _options: unknown, self: Command) =>
      invoke(self, async ({ client, output }) => {
        const name = fullName('notifiers', typed);
        const { notifications } = await client(NotificationService).testNotifier({ name });
        const message = create(TestNotifierResponseSchema, { notifications });
        await printMessage(output, TestNotifierResponseSchema, message, () =>
          renderTable(NOTIFICATION_COLUMNS, notifications, output),
        );
      }),
    );
  return withExamples(command, ['sworn notifier test pager', '']);
}
