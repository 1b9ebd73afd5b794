import { Command } from 'commander';
import { createListCommand } from './list.ts';
import { createRetryCommand } from './retry.ts';

/** `sworn notification`. */
export function createNotificationCommand(): Command {
  return new Command('notification')
    .summary('what was told, waits, or was given up: list, retry')
    .description(
      'Notifications are the messages that notifiers send. Those that were given up are dead letters.',
    )
    .addCommand(createListCommand())
    .addCommand(createRetryCommand());
}
