import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../program/log.ts';
import type { Context } from '../context.ts';
import { raiseLogAlarm } from '../log/alarm.ts';
import { ROLLED_BACK } from '../storage/configuration/configuration-changes.ts';
import { readHeldHead } from '../storage/configuration/heads.ts';
import type { ClientSession } from '../storage/database.ts';
import { nextParts } from '../storage/roster/roster-parts.ts';
import { AlteredError } from '../storage/sealing/altered.ts';
import { sealedCollection } from '../storage/sealing/sealed.ts';
import { ROSTERS } from '../storage/sealing/sealing.ts';
import { findRolledBack } from './rolled-back.ts';

/** How long configuration that was altered, and that nothing has read, goes unseen. */
const INTERVAL_MS = 60_000;

/**
 * Raises `alarm.configuration_altered` for each document that is found altered from now on: in the log, in the record and by
 * notifiers, once for as long as this process sees it as it is. One after the other: there may be many.
 * @returns resolves when those so far are told
 */
export function tellOfAlterations(context: Context): () => Promise<void> {
  const { alterations } = context.database;
  let last = Promise.resolve();
  alterations.onFound(({ resource, detail, key = resource }) => {
    last = last.then(async () => {
      const action = 'alarm.configuration_altered';
      if (!(await raiseLogAlarm(context, { action, resource, detail }))) alterations.forget(key);
    });
  });
  return () => last;
}

/** Looks at all configuration: what was altered is reported, though nobody reads it, and what was rolled back or is gone. */
export async function lookAtConfiguration(context: Context): Promise<void> {
  await lookAtRosters(context);
  for (const found of await findRolledBack(context)) {
    await raiseLogAlarm(context, { action: ROLLED_BACK, ...found });
  }
}

/** Has those documents reported that are gone or are back; and a roster, or the head, that is less than this control plane has seen. */
async function lookAtRosters({ database }: Context): Promise<void> {
  const look = async (at: (session: ClientSession) => Promise<unknown>): Promise<void> => {
    const fault = await database.transaction((session) =>
      at(session).then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof AlteredError) return error;
          throw error;
        },
      ),
    );
    if (fault === undefined) return;
    // Only now is it certain that it was no old answer.
    const [resource] = fault.resources;
    if (!database.alterations.isTold(resource))
      database.alterations.report({ resource, detail: fault.message }, 'set back');
  };
  for (const name of ROSTERS) {
    for await (const part of nextParts(database, name))
      await look((session) => sealedCollection(name).whole(database, session, 'skip', part));
  }
  await look((session) => readHeldHead(database, session));
}

/** Looks every minute until the control plane drains. */
export async function runAlterations(context: Context): Promise<void> {
  const { shutdown, logger } = context;
  while (!shutdown.aborted) {
    await lookAtConfiguration(context).catch((error: unknown) =>
      logger.warn(describeError(error), 'configuration could not be looked at; trying again'),
    );
    await sleep(INTERVAL_MS, undefined, { signal: shutdown }).catch(() => undefined);
  }
}
