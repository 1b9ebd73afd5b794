import type { Context } from '../context.ts';
import {
  collectionOf,
  isOlder,
  isRemoved,
  type RecordedChanges,
  readEndedRevocations,
  readStanding,
  type Standing,
  TOLERANCE_MS,
} from '../storage/configuration/configuration-changes.ts';
import { type ReadConfiguration, readOn } from '../storage/configuration/read-configuration.ts';
import type { Database } from '../storage/database.ts';
import { rosterKey } from '../storage/sealing/altered.ts';

const WRITER = 'something other than Sworn wrote to the database';
const GONE = `is gone, and nobody removed it: ${WRITER}; make it again`;
const BACK = `was removed, and is back: ${WRITER}; remove it again`;
const REVOKED = `was revoked, and is back: ${WRITER}; revoke it again`;
const OLDER = `is as it was before it was last changed: ${WRITER}; change it again`;

/** A document that is not as its last record says, though it is one that Sworn wrote. */
export interface RolledBack {
  readonly resource: string;
  readonly detail: string;
}

/** What each process has read so far. */
const read = new WeakMap<Database, ReadConfiguration>();

/**
 * Compares configuration with the record of its changes: who writes to the database can put back what was removed or changed, with
 * the MAC that it had, or delete it. The record is in the log, where neither can be done unseen.
 * @returns what was not told of since it last changed
 */
export async function findRolledBack({ database, now }: Context): Promise<RolledBack[]> {
  // In one transaction, so that a change in between is in both or in neither.
  const looked = await database.transaction(async (session) => {
    const standing = await readStanding(database, session);
    const recorded = await readOn(database, session, read.get(database));
    const found = [...recorded.changes].flatMap(([resource, changes]) => {
      const what = judge(resource, changes, standing.get(resource));
      if (what === undefined || wasTold(changes)) return [];
      // Its roster has said so before.
      if (database.alterations.isTold(rosterKey(resource))) return [];
      return [{ resource, detail: `${resource} ${what}` }];
    });
    // A revocation that has ended is removed when the next one is made.
    const gone = found.map(({ resource }) => resource).filter((resource) => !standing.has(resource));
    const unknown = gone.filter((resource) => !recorded.ended.has(resource));
    const ended = new Set([
      ...recorded.ended,
      ...(await readEndedRevocations(database, session, unknown, now())),
    ]);
    return {
      read: { ...recorded, ended },
      found: found.filter(({ resource }) => standing.has(resource) || !ended.has(resource)),
    };
  });
  read.set(database, looked.read);
  return looked.found;
}

function judge(
  resource: string,
  changes: RecordedChanges,
  document: Standing | undefined,
): string | undefined {
  const collection = collectionOf(resource);
  if (collection === undefined) return undefined;
  const setMs = changes.set?.getTime() ?? 0;
  const removedMs = changes.removed?.getTime() ?? 0;
  if (collection === 'planes') {
    // A revoked one stays there.
    if (document === undefined) return GONE;
    return removedMs > 0 && document.revokeTime === undefined ? REVOKED : undefined;
  }
  if (isRemoved(resource, changes)) return document === undefined ? undefined : BACK;
  // Which of the two came last is not certain.
  if (removedMs > 0 && Math.abs(setMs - removedMs) < TOLERANCE_MS) return undefined;
  // MongoDB removes grants that have ended; without one nothing is open.
  if (document === undefined) return collection === 'grants' ? undefined : GONE;
  return isOlder(changes, document.updateTime) ? OLDER : undefined;
}

function wasTold({ set, removed, told }: RecordedChanges): boolean {
  return told !== null && told >= (set ?? told) && told >= (removed ?? told);
}
