import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Notification } from '#proto/sworn/notification/v1/notification_pb.ts';
import { fail } from '../api/fail.ts';
import { recordAction } from '../audit/actions.ts';
import type { Context } from '../context.ts';
import { findNotification, reviveNotification } from '../storage/approval/notifications.ts';
import { viewNotification } from './view.ts';

/**
 * Lets a dead letter be tried again, from the first attempt.
 * @throws ConnectError NOT_FOUND, INVALID_ARGUMENT (it was not given up)
 */
export async function retryNotification(
  context: Context,
  caller: Caller,
  name: string,
): Promise<Notification> {
  const { database } = context;
  const revived = await database.transaction(async (session) => {
    const document = await reviveNotification(database, session, name, context.now());
    if (document === undefined) {
      const found = await findNotification(database, session, name);
      if (found === undefined) throw fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
      const fault = `is ${found.state}, and only what was given up can be tried again`;
      throw fail(Reason.INVALID_ARGUMENT, `${name} ${fault}`, { name: fault });
    }
    await recordAction(context, session, { caller, action: 'notification.retry', resource: name });
    return document;
  });
  return viewNotification(revived);
}
