import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../program/log.ts';
import type { Context } from '../context.ts';
import type { Health } from '../health.ts';
import { endAbandonedTransactions } from '../storage/abandoned.ts';
import type { Damage } from '../storage/record/own-records.ts';
import { advanceLog, MAX_LEAVES } from './advance.ts';
import { raiseLogAlarm } from './alarm.ts';
import { LogFault } from './fault.ts';
import type { Log } from './open.ts';
import { createOwnWatch, type Late } from './own.ts';
import { publishCheckpoint } from './publish.ts';
import { createWitnesses } from './witnesses.ts';

/** How often a sequencer looks for new records when it found none. */
const IDLE_MS = 100;
/** How long one that was beaten waits, doubled each time that it is beaten again. */
const BEATEN_MIN_MS = 20;
const BEATEN_MAX_MS = 1_000;
/** How often transactions that nobody will end are looked for. */
const CLEAN_INTERVAL_MS = 2_000;
/** How often the control plane looks at the end of its own record. */
const OWN_INTERVAL_MS = 1_000;
/** How long to wait after an error of the store, or a log that is not sound. */
const FAILED_MS = 1_000;
/** How often the log is checked in the time from one checkpoint to the next. */
const LOOKS_AN_INTERVAL = 4;
/** A fault that is seen this often in a row is no election and no other passing thing. */
const FAULTS_TO_ALARM = 2;

/** What the log tells of itself. */
type LogHealth = Pick<Health, 'setLog' | 'setWitnessesAway'>;

/** Sequences records and publishes checkpoints until the control plane drains. */
export async function runLog(context: Context, log: Log, health: LogHealth): Promise<void> {
  const state = { isHalted: false };
  const setLog = (isSound: boolean): void => {
    state.isHalted = !isSound;
    health.setLog(isSound);
  };
  await Promise.all([
    runSequencer(context, log),
    runPublisher(context, log, { setLog, setWitnessesAway: (names) => health.setWitnessesAway(names) }),
    runCleaner(context),
    runOwnWatch(context, state),
  ]);
}

/** Looks whether the last records that this process has stored are there as it stored them, and get into the log. */
async function runOwnWatch(context: Context, state: { readonly isHalted: boolean }): Promise<void> {
  const { logger, shutdown } = context;
  const watch = createOwnWatch(context);
  while (!shutdown.aborted) {
    await pause(OWN_INTERVAL_MS, shutdown);
    const found = await watch.look(state.isHalted).catch((error: unknown) => {
      logger.debug(describeError(error), 'the own record could not be looked at; trying again');
      return [];
    });
    for (const damaged of found) await tellDamage(context, damaged);
  }
}

/** Ends what replicas that died left behind, which would hold up the log and the planes' records. */
async function runCleaner({ database, logger, shutdown }: Context): Promise<void> {
  let isTold = false;
  while (!shutdown.aborted) {
    await pause(CLEAN_INTERVAL_MS, shutdown);
    if (shutdown.aborted) return;
    try {
      const count = await endAbandonedTransactions(database);
      if (count > 0)
        logger.warn({ event: 'transactions_ended', count }, 'a replica died within a transaction');
      isTold = false;
    } catch (error) {
      if (!isTold) {
        logger.warn(
          { event: 'transactions_not_seen', ...describeError(error) },
          'transactions of replicas that died are left to the server, which takes a minute',
        );
      }
      isTold = true;
    }
  }
}

/** Gives stored records their places in the log, again and again. */
async function runSequencer(context: Context, log: Log): Promise<void> {
  const { logger, shutdown } = context;
  const told = new Set<string>();
  let beatenMs = BEATEN_MIN_MS;
  while (!shutdown.aborted) {
    let waitMs = IDLE_MS;
    try {
      const { added, isBeaten, damage } = await advanceLog(context, log.signer.signed);
      for (const damaged of damage) {
        const text = describeDamage(damaged);
        if (!told.has(text)) await tellDamage(context, damaged);
        told.add(text);
      }
      if (isBeaten) {
        waitMs = beatenMs;
        beatenMs = Math.min(2 * beatenMs, BEATEN_MAX_MS);
      } else {
        beatenMs = BEATEN_MIN_MS;
        if (added >= MAX_LEAVES) waitMs = 0;
      }
    } catch (error) {
      waitMs = FAILED_MS;
      // What is wrong with the log, the publisher tells.
      if (!(error instanceof LogFault)) {
        logger.warn(
          { event: 'log_not_advanced', ...describeError(error) },
          'no leaves were added; trying again',
        );
      }
    }
    await pause(waitMs, shutdown);
  }
}

async function tellDamage(context: Context, damaged: Damage | Late): Promise<void> {
  const { plane: resource, what } = damaged;
  await raiseLogAlarm(context, {
    action: `alarm.record_${what === 'late' ? 'missing' : what}`,
    resource,
    detail: describeDamage(damaged),
  });
}

function describeDamage({ plane, epoch, first, last, what }: Damage | Late): string {
  if (what === 'late') return `record ${last} of epoch ${epoch} of ${plane} does not get into the log`;
  return `records ${first} to ${last} of epoch ${epoch} of ${plane} are ${what} in the database`;
}

/** Checks the log and publishes its checkpoints, again and again. */
export async function runPublisher(context: Context, log: Log, health: LogHealth): Promise<void> {
  const { logger, settings, shutdown } = context;
  const witnesses = createWitnesses(context);
  let faults = 0;
  while (!shutdown.aborted) {
    try {
      const newest = await publishCheckpoint(context, log, witnesses);
      if (newest !== undefined) {
        health.setWitnessesAway(witnesses.away(newest));
        witnesses.cosignLate(newest);
      }
      if (faults >= FAULTS_TO_ALARM)
        logger.info({ event: 'log_sound' }, 'the log is sound again; signing goes on');
      faults = 0;
      health.setLog(true);
    } catch (error) {
      if (error instanceof LogFault) {
        faults += 1;
        if (faults === FAULTS_TO_ALARM) {
          health.setLog(false);
          await raiseLogAlarm(context, {
            action: `alarm.log_${error.code}`,
            resource: 'log',
            detail: `${error.message}; nothing is added to the log or signed`,
          });
        }
      } else {
        logger.warn(
          { event: 'checkpoint_not_published', ...describeError(error) },
          'no checkpoint; trying again',
        );
      }
    }
    await pause(settings.checkpointInterval / LOOKS_AN_INTERVAL, shutdown);
  }
  await witnesses.close();
}

/** Not in step with other replicas: half of the time to one and a half times as long. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
}
