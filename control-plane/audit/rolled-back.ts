import type { Context } from '../context.ts';
import {
  collectionOf,
  type RecordedChanges,
  readEndedRevocations,
  readRecordedChanges,
  readStanding,
  type Standing,
} from '../storage/configuration-changes.ts';

/** Clocks of replicas differ, and a transaction takes its time: what is nearer together is not told apart. */
const TOLERANCE_MS = 60_000;
const GONE = 'is gone, and nobody removed it';

/** A document that is not as its last record says, though it is one that Sworn wrote. */
export interface RolledBack {
  readonly resource: string;
  readonly detail: string;
}

/**
 * Compares configuration with the record of its changes: who writes to the database can put back what was removed or changed, with
 * the MAC that it had, or delete it. The record is in the log, where neither can be done unseen.
 * @returns what was not told of since it last changed
 */
export async function findRolledBack({ database, now }: Context): Promise<RolledBack[]> {
  // In one transaction, so that a change in between is in both or in neither.
  return await database.transaction(async (session) => {
    const standing = await readStanding(database, session);
    const recorded = await readRecordedChanges(database, session);
    const found = [...recorded].flatMap(([resource, changes]) => {
      const what = judge(resource, changes, standing.get(resource));
      if (what === undefined || wasTold(changes)) return [];
      return [{ resource, detail: `${resource} ${what}: something other than Sworn wrote to the database` }];
    });
    // A revocation that has ended is removed when the next one is made.
    const gone = found.map(({ resource }) => resource).filter((resource) => !standing.has(resource));
    const ended = await readEndedRevocations(database, session, gone, now());
    return found.filter(({ resource }) => !ended.has(resource));
  });
}

function judge(
  resource: string,
  { set, removed }: RecordedChanges,
  document: Standing | undefined,
): string | undefined {
  const collection = collectionOf(resource);
  if (collection === undefined) return undefined;
  if (collection === 'planes') {
    if (document === undefined) return GONE;
    return removed !== null && document.revokeTime === undefined ? 'was revoked, and is back' : undefined;
  }
  const setMs = set?.getTime() ?? 0;
  const removedMs = removed?.getTime() ?? 0;
  if (setMs !== 0 && removedMs !== 0 && Math.abs(setMs - removedMs) < TOLERANCE_MS) return undefined;
  if (removedMs > setMs) return document === undefined ? undefined : 'was removed, and is back';
  // MongoDB removes grants that have ended; without one nothing is open.
  if (document === undefined) return collection === 'grants' ? undefined : GONE;
  const { updateTime } = document;
  return updateTime !== undefined && setMs - updateTime.getTime() > TOLERANCE_MS
    ? 'is as it was before it was last changed'
    : undefined;
}

function wasTold({ set, removed, told }: RecordedChanges): boolean {
  return told !== null && told >= (set ?? told) && told >= (removed ?? told);
}
