import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../program/log.ts';
import type { Context } from '../context.ts';
import { raiseLogAlarm } from '../log/alarm.ts';
import { readStanding } from '../storage/standing.ts';

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
  alterations.onFound(({ resource, detail }) => {
    last = last.then(async () => {
      const action = 'alarm.configuration_altered';
      if (!(await raiseLogAlarm(context, { action, resource, detail }))) alterations.forget(resource);
    });
  });
  return () => last;
}

/** Looks at all configuration every minute until the control plane drains, so that what nobody reads is told of as well. */
export async function runAlterations(context: Context): Promise<void> {
  const { database, shutdown, logger } = context;
  while (!shutdown.aborted) {
    await readStanding(database).catch((error: unknown) =>
      logger.warn(describeError(error), 'configuration could not be looked at; trying again'),
    );
    await sleep(INTERVAL_MS, undefined, { signal: shutdown }).catch(() => undefined);
  }
}
