import { Command } from 'commander';
import { NotificationService } from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { NotifierSchema } from '#proto/sworn/notification/v1/notifier_pb.ts';
import { required } from '../../connect/required.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { collect, withExamples, withReason } from '../../options.ts';
import { shortName } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { readCredential, SECRET_SOURCES } from '../upstream/secret.ts';
import { EVENTS, renderNotifier } from './render.ts';

interface CreateOptions {
  readonly webhook?: string;
  readonly secretFrom?: string;
  readonly slackFrom?: string;
  readonly email?: readonly string[];
  readonly event?: readonly string[];
  readonly group?: readonly string[];
}

/** `sworn notifier create`. */
export function createCreateCommand(): Command {
  const command = new Command('create')
    .summary('add a webhook, a chat or addresses')
    .description('Adds one channel. Its secret is encrypted at rest, and never shown again.')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .option('--webhook <url>', 'post webhooks there, signed as https://www.standardwebhooks.com says')
    .option('--secret-from <source>', `the secret that signs, whsec_ and base64: ${SECRET_SOURCES}`)
    .option('--slack-from <source>', `post to the incoming webhook whose URL is there: ${SECRET_SOURCES}`)
    .option('--email <address>', 'mail to this address; may be repeated', collect)
    .option('--event <event>', `tell of it: ${EVENTS}; may be repeated (default: of everything)`, collect)
    .option(
      '--group <group>',
      'of approvals and reviews, those for this group of reviewers; may be repeated (default: all)',
      collect,
    )
    .action((name: string, options: CreateOptions, self: Command) =>
      invoke(self, (invocation) => createNotifier(invocation, name, options)),
    );
  return withExamples(
    withReason(command),
    [
      'sworn notifier create pager --webhook https://pager.example.org/hooks --secret-from file:secret --event alarm',
      '',
    ],
    ['sworn notifier create privacy-chat --slack-from file:hook-url --group privacy-office', ''],
    ['sworn notifier create privacy-office --email office@example.org --event approval.request', ''],
  );
}

async function createNotifier(
  { client, env, output }: Invocation,
  name: string,
  options: CreateOptions,
): Promise<void> {
  const { channel, source } = readChannel(options);
  const secret =
    source === undefined ? '' : await readCredential(source, env, '--secret-from or --slack-from');
  const response = await client(NotificationService).createNotifier({
    notifierId: shortName(name),
    notifier: { spec: { channel, events: [...(options.event ?? [])], groups: [...(options.group ?? [])] } },
    secret,
  });
  const notifier = required(response.notifier, 'notifier');
  await printMessage(output, NotifierSchema, notifier, () => renderNotifier(notifier));
}

/** The one channel that the options name, and where its secret is. */
function readChannel({ webhook, secretFrom, slackFrom, email }: CreateOptions): {
  readonly channel: ChannelInit;
  readonly source: string | undefined;
} {
  const count = [webhook, slackFrom, email].filter((given) => given !== undefined).length;
  if (count !== 1) throw usageFailure('give one of --webhook, --slack-from and --email');
  if (webhook === undefined && secretFrom !== undefined) {
    throw usageFailure('--secret-from is for --webhook');
  }
  if (slackFrom !== undefined) return { channel: { case: 'slack', value: {} }, source: slackFrom };
  if (email !== undefined) {
    return { channel: { case: 'email', value: { to: [...email] } }, source: undefined };
  }
  if (secretFrom === undefined) throw usageFailure('--webhook takes --secret-from');
  return { channel: { case: 'webhook', value: { url: webhook ?? '' } }, source: secretFrom };
}

type ChannelInit =
  | { readonly case: 'webhook'; readonly value: { readonly url: string } }
  | { readonly case: 'slack'; readonly value: object }
  | { readonly case: 'email'; readonly value: { readonly to: string[] } };
