import type { Collection } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';

/** Which session a tie, or the name of an earlier session, leads to. */
export interface SessionLink {
  /** The digest of a tie in hexadecimal, or `sessions/{id}` of one that was joined to another. */
  readonly _id: string;
  readonly session: string;
  /** The exchange whose answer gave the tie; absent before its record came. */
  readonly exchange?: string;
  /** Exchanges that referred to it before. */
  readonly waiting?: readonly string[];
  /** Traces that have a span of the answer. */
  readonly traces?: readonly string[];
  readonly time?: Date;
}

/** What the ids of links begin with that are the names of sessions. */
const NAME = /^sessions\//;

/**
 * The links of these ids that there are, by id, and of the sessions that they lead to. A tie leads to the session that it was
 * given in: what that is part of by now, the session's own link says.
 */
export async function readLinks(
  database: Database,
  session: ClientSession,
  ids: readonly string[],
): Promise<Map<string, SessionLink>> {
  const read = async (some: Iterable<string>): Promise<[string, SessionLink][]> => {
    const filter = { _id: { $in: [...some] } };
    const found = await links(database).find(filter, { session }).toArray();
    return found.map((document) => [document._id, document]);
  };
  const given = new Map(await read(ids));
  const led = new Set(Array.from(given.values(), (link) => link.session).filter((name) => !given.has(name)));
  const known = new Map([...given, ...(led.size === 0 ? [] : await read(led))]);
  const whereOf = (name: string) => known.get(name)?.session ?? name;
  return new Map(Array.from(known, ([id, link]) => [id, { ...link, session: whereOf(link.session) }]));
}

/** How many names of joined sessions are told of together. */
const MAX_JOINED = 10_000;

/** By session, all the names that it goes by: what it is part of, and what became part of that. */
export async function listNames(
  database: Database,
  session: ClientSession,
  sessions: readonly string[],
): Promise<Map<string, readonly string[]>> {
  if (sessions.length === 0) return new Map();
  const led = await readLinks(database, session, sessions);
  const roots = new Map(sessions.map((name) => [name, led.get(name)?.session ?? name]));
  const joined = await links(database)
    .find({ session: { $in: [...new Set(roots.values())] }, _id: NAME }, { session, limit: MAX_JOINED })
    .toArray();
  const parts = Map.groupBy(joined, (link) => link.session);
  return new Map(
    Array.from(roots, ([name, root]) => {
      const others = (parts.get(root) ?? []).map(({ _id }) => _id);
      return [name, [...new Set([name, root, ...others])]];
    }),
  );
}

/** Writes links whole, in the transaction in which they were read. */
export async function writeLinks(
  database: Database,
  session: ClientSession,
  documents: readonly SessionLink[],
): Promise<void> {
  if (documents.length === 0) return;
  await links(database).bulkWrite(
    documents.map(({ _id, ...replacement }) => ({
      replaceOne: { filter: { _id }, replacement, upsert: true },
    })),
    { session },
  );
}

/**
 * Has the names of sessions lead to what these became part of, so that each does so at once. Ties follow by the names: there may be
 * hundreds of them for an exchange, more than one transaction could change.
 */
export async function moveNames(
  database: Database,
  session: ClientSession,
  moves: ReadonlyMap<string, string>,
): Promise<void> {
  await links(database).bulkWrite(
    [...moves].map(([from, into]) => ({
      updateMany: { filter: { session: from, _id: NAME }, update: { $set: { session: into } } },
    })),
    { session },
  );
}

function links(database: Database): Collection<SessionLink> {
  return database.db.collection<SessionLink>('sessionLinks', PLAIN_TYPES);
}
