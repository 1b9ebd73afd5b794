import type { Database } from '../database.ts';
import { rewriteRoster } from '../roster/rosters.ts';
import { ROSTERS } from '../sealing/sealing.ts';
import type { Resealed } from './documents.ts';

/** Pages that are written in one transaction; each may have some hundreds of members. */
const BATCH = 16;

/** How many rosters, and pages of them, have a MAC that is not of the master key in force. */
export async function countRostersBehind(database: Database): Promise<number> {
  return (await listBehind(database)).length;
}

/** Writes rosters and their pages anew, under the master key in force. @throws AlteredError where one is at fault */
export async function* resealRosters(database: Database): AsyncGenerator<Resealed> {
  const behind = await listBehind(database);
  for (const name of ROSTERS) {
    const pages = behind.filter((id) => id.startsWith(`${name}.`));
    const isHeadBehind = behind.includes(name);
    for (let at = 0; at < pages.length || (at === 0 && isHeadBehind); at += BATCH) {
      const batch = pages.slice(at, at + BATCH);
      await database.transaction((session) => rewriteRoster(database, session, name, batch));
      yield { count: batch.length + (at === 0 && isHeadBehind ? 1 : 0), passedOver: [] };
    }
  }
}

async function listBehind({ db, seal }: Database): Promise<string[]> {
  const [first, last] = seal.currentMacs();
  const found = db
    .collection<{ _id: string; mac?: Uint8Array }>('rosters')
    .find({ $or: [{ mac: { $lt: first } }, { mac: { $gt: last } }] }, { projection: { _id: 1 } });
  return (await found.toArray()).map(({ _id }) => _id);
}
