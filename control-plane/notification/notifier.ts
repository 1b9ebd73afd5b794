import { create } from '@bufbuild/protobuf';
import type { FieldMask } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type Notifier, NotifierSchema } from '#proto/sworn/notification/v1/notifier_pb.ts';
import { checkEtag } from '../api/etag.ts';
import { fail } from '../api/fail.ts';
import { applyMask } from '../api/update-mask.ts';
import { checkResource } from '../api/validation.ts';
import { configurationOf } from '../audit/configuration.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import { abandonNotifications, insertNotifications } from '../storage/approval/notifications.ts';
import {
  countNotifiers,
  deleteNotifier,
  findNotifier,
  insertNotifier,
  type NotifierDocument,
  replaceNotifier,
} from '../storage/configuration/notifiers.ts';
import { isDuplicateKey } from '../storage/database.ts';
import { ifAltered } from '../storage/sealing/altered.ts';
import { deadEnding } from './ending.ts';
import { messagesTo } from './notify.ts';
import { checkSigningSecret, openSecret, readReceiver, sealSecret } from './secret.ts';
import { viewNotification, viewNotifier } from './view.ts';

/** Every approval is told to each of them. */
const MAX_NOTIFIERS = 100;

/**
 * Adds a notifier `notifiers/{id}` with its secret.
 * @throws ConnectError INVALID_ARGUMENT, ALREADY_EXISTS
 */
export async function createNotifier(
  context: Context,
  caller: Caller,
  id: string,
  wanted: Notifier,
  secret: string,
): Promise<Notifier> {
  const name = `notifiers/${id}`;
  const now = context.now();
  const times = { etag: uuidv7(), createTime: now, updateTime: now };
  const document = seal(context, { _id: name, ...readSpec(context, wanted, secret), ...times }, secret, now);
  try {
    await applyChange(
      context,
      {
        caller,
        action: 'notifier.create',
        resource: name,
        configuration: configurationOf(NotifierSchema, viewNotifier(document), { secrets: { secret } }),
      },
      async (session) => {
        if ((await countNotifiers(context.database, session)) >= MAX_NOTIFIERS) {
          throw invalid('notifier', `there are ${MAX_NOTIFIERS} already`);
        }
        await insertNotifier(context.database, session, document);
      },
      'control-plane',
    );
  } catch (error) {
    if (isDuplicateKey(error)) throw fail(Reason.ALREADY_EXISTS, `${name} exists`, { name });
    throw error;
  }
  return viewNotifier(document);
}

/**
 * Changes a notifier. A webhook that moves to another host takes its secret again.
 * @param secret the old one stays when empty
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH, INVALID_UPDATE_MASK, INVALID_ARGUMENT
 */
export function updateNotifier(
  context: Context,
  caller: Caller,
  update: Notifier,
  mask: FieldMask | undefined,
  secret: string,
): Promise<Notifier> {
  const { name } = update;
  return applyChange(
    context,
    (notifier: Notifier) => ({
      caller,
      action: 'notifier.update',
      resource: name,
      configuration: configurationOf(NotifierSchema, notifier, { secrets: { secret } }),
    }),
    async (session) => {
      const stored = await findNotifier(context.database, name, session);
      if (stored === undefined) throw notFound(name);
      const current = viewNotifier(stored);
      checkEtag(update.etag, current);
      const merged = applyMask(NotifierSchema, current, update, mask);
      checkResource(NotifierSchema, merged, 'notifier');
      const kept = openSecret(context, stored);
      const spec = readSpec(context, merged, secret === '' ? kept : secret);
      if (spec.kind !== stored.kind) throw invalid('notifier.spec', 'must stay of the same kind');
      if (secret === '' && spec.kind === 'webhook' && !isSameOrigin(spec.place, stored.place)) {
        throw invalid('secret', 'must be given again for another host');
      }
      const now = context.now();
      const secretTime = secret === '' ? (stored.secretTime ?? now) : now;
      const { createTime } = stored;
      const fields = { _id: name, ...spec, etag: uuidv7(), createTime, updateTime: now };
      const document = seal(context, fields, secret === '' ? kept : secret, secretTime);
      await replaceNotifier(context.database, session, document);
      return viewNotifier(document);
    },
    'control-plane',
  );
}

/**
 * Removes a notifier and its secret, and gives up what it still had to tell.
 * @param etag where not empty, must be current
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH
 */
export async function removeNotifier(
  context: Context,
  caller: Caller,
  name: string,
  etag: string,
): Promise<void> {
  const { database } = context;
  await applyChange(
    context,
    (notifier: Notifier) => ({
      caller,
      action: 'notifier.delete',
      resource: name,
      configuration: configurationOf(NotifierSchema, notifier, { removed: true }),
    }),
    async (session) => {
      const current = await ifAltered(
        findNotifier(database, name, session).then((stored) => stored && viewNotifier(stored)),
        () => create(NotifierSchema, { name, etag }),
      );
      if (current === undefined) throw notFound(name);
      checkEtag(etag, current);
      await deleteNotifier(database, session, name);
      await abandonNotifications(database, session, name, deadEnding(context, 'its notifier was deleted'));
      return current;
    },
    'control-plane',
  );
}

/** Sends a message by a notifier, whatever events it tells of. @throws ConnectError NOT_FOUND */
export function testNotifier(context: Context, caller: Caller, name: string) {
  return applyChange(
    context,
    { caller, action: 'notifier.test', resource: name },
    async (session) => {
      const stored = await findNotifier(context.database, name, session);
      if (stored === undefined) throw notFound(name);
      const messages = messagesTo(stored, { event: 'notifier.test', resource: name }, context.now());
      await insertNotifications(context.database, session, messages);
      return messages.map(viewNotification);
    },
    'control-plane',
  );
}

type Spec = Pick<NotifierDocument, 'kind' | 'place' | 'to' | 'events' | 'groups'>;

/** What a notifier says, checked together with its secret. @throws ConnectError INVALID_ARGUMENT */
function readSpec(context: Context, notifier: Notifier, secret: string): Spec {
  const { channel, events = [], groups = [] } = notifier.spec ?? { channel: { case: undefined } };
  const rest = { events: [...events], groups: [...groups] };
  switch (channel.case) {
    case 'webhook': {
      const receiver = readReceiver(channel.value.url);
      if ('fault' in receiver) throw invalid('notifier.spec.webhook.url', receiver.fault);
      const fault = checkSigningSecret(secret);
      if (fault !== undefined) throw invalid('secret', fault);
      return { kind: 'webhook', place: receiver.url.href, to: [], ...rest };
    }
    case 'slack': {
      const receiver = readReceiver(secret);
      if ('fault' in receiver) throw invalid('secret', `${receiver.fault}, that of the incoming webhook`);
      return { kind: 'slack', place: receiver.url.host, to: [], ...rest };
    }
    case 'email': {
      if (secret !== '') throw invalid('secret', 'is of no use for e-mail');
      if (context.settings.smtp === undefined) {
        throw invalid('notifier.spec.email', 'needs a control plane with --smtp-url and --mail-from');
      }
      return { kind: 'email', place: '', to: [...channel.value.to], ...rest };
    }
    case undefined:
      throw invalid('notifier.spec', 'must have a channel');
  }
}

function seal(
  context: Context,
  document: Omit<NotifierDocument, 'sealedSecret' | 'secretTime'>,
  secret: string,
  secretTime: Date,
): NotifierDocument {
  if (document.kind === 'email') return document;
  return { ...document, sealedSecret: sealSecret(context, document, secret), secretTime };
}

function isSameOrigin(one: string, other: string): boolean {
  return new URL(one).origin === new URL(other).origin;
}

function invalid(field: string, fault: string) {
  return fail(Reason.INVALID_ARGUMENT, `${field} ${fault}`, { [field]: fault });
}

function notFound(name: string) {
  return fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
}
