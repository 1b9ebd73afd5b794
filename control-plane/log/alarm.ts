import { describeError } from '../../program/log.ts';
import type { ActionName } from '../audit/action-names.ts';
import { recordActions } from '../audit/actions.ts';
import type { Context } from '../context.ts';
import { notify } from '../notification/notify.ts';

/** Something that only tampering, a restored dump or a failing disk explains. */
export interface LogAlarm {
  /** `alarm.{what}`. */
  readonly action: ActionName;
  /** What it is about: `log`, `planes/eu-1`. */
  readonly resource: string;
  /** What was found, with numbers but no content. */
  readonly detail: string;
}

/** Logs an alarm, and records it as an action of the control plane itself. Never throws. @returns whether it is recorded */
export async function raiseLogAlarm(
  context: Context,
  { action, resource, detail }: LogAlarm,
): Promise<boolean> {
  const event = action.slice('alarm.'.length);
  context.logger.error({ event, resource, detail }, `ALARM: ${detail}`);
  try {
    await context.database.transaction(async (session) => {
      await recordActions(context, session, [{ caller: undefined, action, resource }]);
      await notify(context, session, { event: action, resource });
    });
    return true;
  } catch (error) {
    context.logger.error({ event, ...describeError(error) }, 'an alarm could not be recorded');
    return false;
  }
}
