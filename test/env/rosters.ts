import type { Database } from '../../control-plane/storage/database.ts';
import { renewRoster } from '../../control-plane/storage/roster/renew-roster.ts';
import { ROSTERS } from '../../control-plane/storage/sealing/sealing.ts';

/** Makes the rosters of a database as it stands: what was put there, or taken away, counts. */
export async function makeRosters(database: Database): Promise<void> {
  for (const name of ROSTERS) await database.transaction((session) => renewRoster(database, session, name));
}
