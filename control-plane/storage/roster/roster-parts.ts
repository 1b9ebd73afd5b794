import type { Database } from '../database.ts';
import { sealedCollection } from '../sealing/sealed.ts';
import { type RosterName, SEALED } from '../sealing/sealing.ts';
import { pageOf, pagesOf, type RosterPart } from './rosters.ts';

/** Documents that are looked at in one transaction, and in one look, about: more wait for the next one. */
const PART_DOCUMENTS = 500;
const LOOK_DOCUMENTS = 5_000;

/** On which page of a roster the next look of this process begins. */
const next = new WeakMap<Database, Map<RosterName, number>>();

/** What of a collection is looked at this time: all of it or, where it has no bound, the pages that come next; in parts. */
export async function* nextParts(
  database: Database,
  name: RosterName,
): AsyncGenerator<RosterPart | undefined> {
  if (!SEALED[name].roster.isPaged) {
    yield undefined;
    return;
  }
  const pages = pagesOf(name);
  const stored = await readIds(database, name);
  const begin = next.get(database)?.get(name) ?? 0;
  let looked = 0;
  let part: { pages: string[]; ids: string[] } = { pages: [], ids: [] };
  for (let at = 0; at < pages.length; at++) {
    const page = pages[(begin + at) % pages.length] ?? name;
    part.pages.push(page);
    part.ids.push(...(stored.get(page) ?? []));
    if (part.ids.length < PART_DOCUMENTS && at + 1 < pages.length) continue;
    yield part;
    next.set(database, new Map(next.get(database)).set(name, (begin + at + 1) % pages.length));
    looked += part.ids.length;
    if (looked >= LOOK_DOCUMENTS) return;
    part = { pages: [], ids: [] };
  }
}

/** The ids of what has to be there, as the collection says, by page. */
async function readIds(database: Database, name: RosterName): Promise<Map<string, string[]>> {
  const found = sealedCollection(name)
    .of(database)
    .find(SEALED[name].roster.filter)
    .project<{ _id: string }>({ _id: 1 })
    .batchSize(PART_DOCUMENTS);
  const ids = new Map<string, string[]>();
  for await (const { _id } of found) {
    const page = pageOf(name, _id);
    const others = ids.get(page);
    if (others === undefined) ids.set(page, [_id]);
    else others.push(_id);
  }
  return ids;
}
