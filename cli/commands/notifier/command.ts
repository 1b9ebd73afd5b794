import { Command } from 'commander';
import { createCreateCommand } from './create.ts';
import { createDeleteCommand } from './delete.ts';
import { createListCommand } from './list.ts';
import { createTestCommand } from './test.ts';
import { createUpdateCommand } from './update.ts';

/** `sworn notifier`. */
export function createNotifierCommand(): Command {
  return new Command('notifier')
    .summary('who is told of approvals, reviews and alarms')
    .description(
      'Notifiers tell programs (signed webhooks), chats (Slack) and people (e-mail) of approvals, reviews and alarms. No message\n' +
        'has anything of a prompt. A secret is written, and never shown again.',
    )
    .addCommand(createCreateCommand())
    .addCommand(createListCommand())
    .addCommand(createUpdateCommand())
    .addCommand(createTestCommand())
    .addCommand(createDeleteCommand());
}
