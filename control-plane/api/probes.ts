import type { Health } from '../health.ts';

/** An answer to a probe. */
export interface ProbeAnswer {
  readonly status: 200 | 503;
  readonly body: object;
}

/**
 * `/healthz/startup`: the start is over. `/healthz/ready`: calls should be sent here. `/healthz/live`: the process
 * works, also while it starts, drains or waits for the store. Undefined for any other path.
 *
 * A halted log makes the control plane `degraded`, not unready: planes hand in their records, auditors read.
 */
export function answerProbe(path: string, health: Health): ProbeAnswer | undefined {
  const { phase, isLogSound, isStoreUp, witnessesAway } = health;
  const log = isLogSound ? 'sound' : 'halted';
  const answer = (isGood: boolean): ProbeAnswer => ({
    status: isGood ? 200 : 503,
    body: {
      status: statusOf(isGood, isLogSound),
      phase,
      store: isStoreUp ? 'up' : 'down',
      log,
      witnessesAway,
    },
  });
  if (path === '/healthz/startup') return answer(phase !== 'starting');
  if (path === '/healthz/ready') return answer(health.isReady);
  if (path === '/healthz/live') return answer(true);
  return undefined;
}

function statusOf(isGood: boolean, isLogSound: boolean): string {
  if (!isGood) return 'unavailable';
  return isLogSound ? 'ok' : 'degraded';
}
