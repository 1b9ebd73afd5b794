import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { raiseLogAlarm } from '../log/alarm.ts';
import { ROLLED_BACK } from '../storage/configuration/configuration-changes.ts';
import type { ClientSession } from '../storage/database.ts';
import { hasAction } from '../storage/record/records.ts';

/**
 * Refuses an approval, in the transaction that read it, of which a record says that it has come further: who writes to the database
 * can put it back as it was, with the MAC of then. Raises an alarm.
 * @param done what it was: `used`
 * @throws ConnectError CONTENT_ALTERED
 */
export async function refusePutBack(
  context: Context,
  session: ClientSession,
  name: string,
  actions: readonly string[],
  done: string,
): Promise<void> {
  if (!(await hasAction(context.database, session, actions, name))) return;
  const detail = `an approval that was ${done} is in the database as it was before: something other than Sworn put it back`;
  await raiseLogAlarm(context, { action: ROLLED_BACK, resource: name, detail });
  throw fail(Reason.CONTENT_ALTERED, `${name} was ${done} before: the store was changed`, { resource: name });
}
