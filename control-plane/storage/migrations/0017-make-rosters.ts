import type { Db } from 'mongodb';
import { StoreError } from '../error.ts';
import { renewRoster } from '../roster/renew-roster.ts';
import { hasRosterOf } from '../roster/rosters.ts';
import { ROSTERS, type RosterName } from '../sealing/sealing.ts';
import { createCollections } from './0001-create-collections.ts';
import { sealCollection } from './0015-seal-configuration.ts';
import type { Means } from './means.ts';

/** What migration 15 did not seal. */
const UNSEALED: ReadonlySet<RosterName> = new Set(['holds', 'reviews']);

/**
 * Seals legal holds and reviews, and says from now on what has to be there, once: what is there is trusted as it stands. A control plane that
 * has seen rosters does not trust it a second time: somebody would only have to set the version of the store back.
 * @throws StoreError in that case
 */
export async function makeRosters(db: Db, means: Means): Promise<void> {
  await createCollections(db);
  const { database, isTrusted, logger } = means;
  for (const name of ROSTERS) {
    if (await hasRosterOf(database, name)) continue;
    if (!isTrusted && database.memory.highest(name) > 0) throw seenBefore(db, name);
    if (UNSEALED.has(name)) await sealCollection(db, { ...means, hasSeenSealed: false }, name);
    const count = await database.transaction((session) => renewRoster(database, session, name));
    if (count === 0) continue;
    const about = { event: 'roster_made', collection: name, count };
    logger.warn(about, 'what the database has was taken as it stands, and has to be there from now on');
  }
}

function seenBefore({ databaseName }: Db, name: string): StoreError {
  return new StoreError(
    `the database ${databaseName} has no roster of ${name}, though this control plane has seen one: it was emptied, set back, or ` +
      'is a dump of before. To trust what it has now, put an empty file configuration.trust into the state directory',
  );
}
