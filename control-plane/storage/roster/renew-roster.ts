import type { ClientSession, Database } from '../database.ts';
import { macIn, sealedCollection } from '../sealing/sealed.ts';
import { type RosterName, SEALED } from '../sealing/sealing.ts';
import { replaceRoster } from './rosters.ts';

/**
 * Trusts a collection as it stands: what is there, and is not altered, is what has to be there from now on.
 * @returns how many there are
 */
export async function renewRoster(
  database: Database,
  session: ClientSession,
  name: RosterName,
): Promise<number> {
  const collection = sealedCollection(name);
  const found = await collection.find(database, SEALED[name].roster.filter, { session, sort: { _id: 1 } });
  const members = collection.keep(database, found).map((document) => ({
    id: document._id,
    mac: macIn(document),
  }));
  await replaceRoster(database, session, name, members);
  return members.length;
}
