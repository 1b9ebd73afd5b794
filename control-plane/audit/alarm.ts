import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { describeError } from '../../program/log.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { notify } from '../notification/notify.ts';
import { isDuplicateKey } from '../storage/database.ts';
import { countAlarms, insertAlarm } from '../storage/record/alarms.ts';
import { recordActions } from './actions.ts';
import { type Conflict, ConflictError } from './conflict.ts';

/** More from one plane tell nothing new, and must not fill the record: they are in the log of the program only. */
const MAX_ALARMS_PER_PLANE = 1_000;

/**
 * Raises the alarm of a contradiction: a line in the log each time, and once for each distinct one an ACTION record
 * `alarm.record_conflict` about the plane, with both heads. A plane that says two different things has been tampered with,
 * copied or rolled back. Never throws: what failed for the plane is told to it anyway.
 */
export async function raiseAlarm(context: Context, conflict: Conflict): Promise<void> {
  const { logger } = context;
  const { plane, epoch, stored, offered, why } = conflict;
  const place = { plane, epoch: `${epoch}`, seq: `${offered.seq}` };
  const digests = { stored: hex(stored.digest), offered: hex(offered.digest) };
  const message = 'ALARM: a plane handed in what contradicts its chain';
  logger.error({ event: 'record_conflict', ...place, ...digests, detail: why }, message);
  try {
    await record(context, conflict);
  } catch (error) {
    // It is known.
    if (isDuplicateKey(error)) return;
    const event = 'alarm_not_recorded';
    logger.error({ event, ...place, ...describeError(error) }, 'the alarm is not recorded');
  }
}

async function record(context: Context, conflict: Conflict): Promise<void> {
  const { database, now } = context;
  const { plane, epoch, stored, offered } = conflict;
  if ((await countAlarms(database, plane, MAX_ALARMS_PER_PLANE)) >= MAX_ALARMS_PER_PLANE) return;
  const heads = [stored, offered].map(({ seq, digest }) => ({ plane, epoch, seq, digest }));
  const action = {
    caller: undefined,
    action: 'alarm.record_conflict' as const,
    resource: plane,
    conflict: heads,
  };
  await database.transaction(async (session) => {
    await insertAlarm(database, { plane, epoch, stored, offered, time: now() }, session);
    await recordActions(context, session, [action]);
    await notify(context, session, { event: action.action, resource: plane });
  });
}

/**
 * What a plane is told of an error: a conflict raises the alarm and becomes RECORD_CONFLICT (metadata: epoch and seq), any
 * other stays as it is.
 */
export async function explainConflict(context: Context, error: unknown): Promise<unknown> {
  if (!(error instanceof ConflictError)) return error;
  const { epoch, offered, refused = offered.seq } = error.conflict;
  await raiseAlarm(context, error.conflict);
  return fail(Reason.RECORD_CONFLICT, error.message, { epoch: `${epoch}`, seq: `${refused}` });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
