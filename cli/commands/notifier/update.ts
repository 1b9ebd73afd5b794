import { Command } from 'commander';
import { NotificationService } from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { NotifierSchema } from '#proto/sworn/notification/v1/notifier_pb.ts';
import { required } from '../../connect/required.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { collect, withExamples, withReason } from '../../options.ts';
import { fullName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { readCredential, SECRET_SOURCES } from '../upstream/secret.ts';
import { renderNotifier } from './render.ts';

interface UpdateOptions {
  readonly webhook?: string;
  readonly secretFrom?: string;
  readonly email?: readonly string[];
  readonly event?: readonly string[];
  readonly group?: readonly string[];
  readonly etag?: string;
}

/** `sworn notifier update`: only what is given changes. */
export function createUpdateCommand(): Command {
  const command = new Command('update')
    .summary("change a notifier's place, secret, events or groups")
    .description(
      'Changes a notifier. What is not given stays; a list that is given takes the place of the old one.',
    )
    .argument('<name>', 'its name, with or without notifiers/')
    .option('--webhook <url>', 'the new URL of a webhook; another host takes --secret-from as well')
    .option('--secret-from <source>', `the new secret, or the new URL of Slack: ${SECRET_SOURCES}`)
    .option('--email <address>', 'the new addresses; may be repeated', collect)
    .option('--event <event>', "the new events, or 'all'; may be repeated", collect)
    .option('--group <group>', "the new groups, or 'all'; may be repeated", collect)
    .option('--etag <etag>', 'only if it is still this version')
    .action((name: string, options: UpdateOptions, self: Command) =>
      invoke(self, (invocation) => update(invocation, fullName('notifiers', name), options)),
    );
  return withExamples(
    withReason(command),
    ['sworn notifier update pager --secret-from file:new-secret', 'rotate the secret'],
    ['sworn notifier update pager --event all', ''],
  );
}

async function update(
  { client, env, output }: Invocation,
  name: string,
  { webhook, secretFrom, email, event, group, etag = '' }: UpdateOptions,
): Promise<void> {
  if (webhook !== undefined && email !== undefined) throw usageFailure('give one of --webhook and --email');
  const paths = [
    ...(webhook === undefined ? [] : ['spec.webhook.url']),
    ...(email === undefined ? [] : ['spec.email.to']),
    ...(event === undefined ? [] : ['spec.events']),
    ...(group === undefined ? [] : ['spec.groups']),
  ];
  if (paths.length === 0 && secretFrom === undefined) {
    throw usageFailure('nothing to change: give --webhook, --secret-from, --email, --event or --group');
  }
  const secret = secretFrom === undefined ? '' : await readCredential(secretFrom, env, '--secret-from');
  const spec = {
    ...(webhook !== undefined && { channel: { case: 'webhook' as const, value: { url: webhook } } }),
    ...(email !== undefined && { channel: { case: 'email' as const, value: { to: [...email] } } }),
    events: listOf(event),
    groups: listOf(group),
  };
  const response = await client(NotificationService).updateNotifier({
    notifier: { name, etag, spec },
    ...(paths.length > 0 && { updateMask: { paths } }),
    secret,
  });
  const notifier = required(response.notifier, 'notifier');
  await printMessage(output, NotifierSchema, notifier, () => renderNotifier(notifier));
}

function listOf(words: readonly string[] = []): string[] {
  return words.includes('all') ? [] : [...words];
}
