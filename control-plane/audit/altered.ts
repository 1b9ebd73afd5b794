import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../program/log.ts';
import type { Context } from '../context.ts';
import { raiseLogAlarm } from '../log/alarm.ts';
import { ROLLED_BACK } from '../storage/configuration-changes.ts';
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
  alterations.onFound(({ resource, detail }) => {
    last = last.then(async () => {
      const action = 'alarm.configuration_altered';
      if (!(await raiseLogAlarm(context, { action, resource, detail }))) alterations.forget(resource);
    });
  });
  return () => last;
}

/** Looks at all configuration: what was altered is reported, though nobody reads it, and what was rolled back or is gone. */
export async function lookAtConfiguration(context: Context): Promise<void> {
  for (const found of await findRolledBack(context)) {
    await raiseLogAlarm(context, { action: ROLLED_BACK, ...found });
  }
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
