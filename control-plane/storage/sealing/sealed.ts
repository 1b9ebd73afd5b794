import type { Binary, Collection, Document, Filter, FindOptions, OptionalUnlessRequiredId } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { enter, pagesWith, type RosterPart, readMembers, readRoster, strike } from '../roster/rosters.ts';
import { AlteredError, describeAltered, resourceOf, rosterKey, type What } from './altered.ts';
import { isExact, keepExact, readExactly } from './exact.ts';
import { bytesOf, hasRoster, inspectMac, macOf, SEALED, type SealedName } from './sealing.ts';

/** Documents that one query asks for by id. */
const CHUNK = 500;

interface Identified {
  readonly _id: string;
}

type Sealed<T> = T & { readonly mac?: Uint8Array | Binary };

/** What is done with a document that carries a MAC. Documents are returned as they are stored, MAC included. */
export interface SealedCollection<T extends Identified> {
  /** For queries of which nothing is checked, and for writes to what the MAC does not cover. */
  of(database: Database): Collection<Sealed<T>>;
  /** Reads documents whole, but for what the MAC does not cover, so that they can be checked; no others can. */
  find(database: Database, filter: Filter<T>, options?: FindOptions): Promise<T[]>;
  /** The first of them. */
  findOne(database: Database, filter: Filter<T>, options?: FindOptions): Promise<T | null>;
  /** The one of this id. @throws AlteredError where it is altered; in a transaction also where it is gone or back, as its roster says */
  findById(database: Database, id: string, session?: ClientSession): Promise<T | undefined>;
  /**
   * All that have to be there, by id, as the roster of the collection says.
   * @param faulty what is done about those that are altered, are gone or are back
   * @param part where only these are asked for
   * @throws AlteredError where one is, to refuse; where the roster itself is at fault, in any case
   */
  whole(
    database: Database,
    session: ClientSession,
    faulty: 'skip' | 'refuse',
    part?: RosterPart,
  ): Promise<T[]>;
  /** The document, if it is there. @throws AlteredError */
  read(database: Database, document: T | null): T | undefined;
  /** All of them. @throws AlteredError when one is altered */
  readAll(database: Database, documents: readonly T[]): T[];
  /** Those that are not altered; the others are reported, and do not count. */
  keep(database: Database, documents: readonly T[]): T[];
  /** The document with its MAC: whatever it says counts from now on. */
  seal(database: Database, document: T): Sealed<T>;
  /**
   * Stores a new one. One that was altered, or is back, makes room where it has the same id, or what `key` says.
   * Throws a duplicate key error otherwise.
   */
  insert(database: Database, session: ClientSession, document: T, key?: Filter<T>): Promise<void>;
  /** Stores it in the place of the one of its id. */
  replace(database: Database, session: ClientSession, document: T): Promise<void>;
  /** Removes it, altered, gone or not; false when there is none. */
  remove(database: Database, session: ClientSession, id: string): Promise<boolean>;
  /** Removes them. @returns how many there were */
  removeAll(database: Database, session: ClientSession, ids: readonly string[]): Promise<number>;
  /**
   * Changes one as it was read in this transaction, if `condition` still holds: compares its MAC and sets the next one in the
   * same write. One that was altered stays altered, whatever is changed.
   * @returns it as it is now; undefined when it was not changed
   */
  change(
    database: Database,
    session: ClientSession,
    document: T,
    change: { readonly set: Partial<T>; readonly unset?: readonly (keyof T & string)[] },
    condition?: Filter<T>,
  ): Promise<T | undefined>;
}

/** A collection of SEALED. @param options with which it is read */
export function sealedCollection<T extends Identified>(
  name: SealedName,
  options: Document = PLAIN_TYPES,
): SealedCollection<T> {
  const { mend } = SEALED[name];
  const of = (database: Database) => database.db.collection<Sealed<T>>(name, options);

  const check = (database: Database, document: T): boolean => {
    const resource = resourceOf(name, document._id);
    const { isRight, state } = inspectMac(database.seal, name, document);
    const isWhole = isRight && isExact(document);
    if (isWhole) database.alterations.forget(resource);
    else database.alterations.report({ resource, detail: describeAltered([resource], mend) }, state);
    return isWhole;
  };

  /** Tells of what is not as the roster has it, each once; what is altered has been told of. @param looked what was looked at */
  const tell = (
    database: Database,
    looked: Iterable<string>,
    { gone, back }: Readonly<Record<What, string[]>>,
  ): void => {
    for (const [what, ids] of [['gone', gone] as const, ['back', back] as const]) {
      for (const id of ids) {
        const resource = resourceOf(name, id);
        const detail = describeAltered([resource], mend, what);
        database.alterations.report({ resource, detail, key: rosterKey(resource) }, what);
      }
    }
    const isFaulty = new Set([...gone, ...back]);
    for (const id of looked)
      if (!isFaulty.has(id)) database.alterations.forget(rosterKey(resourceOf(name, id)));
  };

  /** @throws AlteredError for the first kind of fault that there is */
  const refuse = (faults: Readonly<Record<What, string[]>>): void => {
    for (const what of ['changed', 'gone', 'back'] as const) {
      const [first, ...others] = faults[what].map((id) => resourceOf(name, id));
      if (first !== undefined) throw new AlteredError([first, ...others], mend, what);
    }
  };

  const list = async (database: Database, session: ClientSession, document: Sealed<T>): Promise<void> => {
    if (!hasRoster(name)) return;
    await enter(database, session, name, [{ id: document._id, mac: macIn(document) }]);
  };

  const collection: SealedCollection<T> = {
    of,
    async find(database, filter, more = {}) {
      const cursor = of(database).find(filter as Filter<Sealed<T>>, { ...more, raw: true });
      return ((await cursor.toArray()) as unknown as Uint8Array[]).map((raw) => readExactly<T>(raw, options));
    },
    findOne: async (database, filter, more = {}) =>
      (await collection.find(database, filter, { ...more, limit: 1 }))[0] ?? null,
    async findById(database, id, session) {
      const options = session === undefined ? {} : { session };
      const found = await collection.findOne(database, { _id: id } as Filter<T>, options);
      const document = collection.read(database, found);
      // Without a transaction it may be made, or removed, just now.
      if (session === undefined || !hasRoster(name)) return document;
      const { members } = await readRoster(database, session, name, pagesWith(name, [id]));
      const { has } = SEALED[name].roster;
      const isGone = document === undefined && members.has(id);
      const isBack = document !== undefined && has(document) && !isListed(members, document);
      const faults = { changed: [], gone: isGone ? [id] : [], back: isBack ? [id] : [] };
      tell(database, [], faults);
      refuse(faults);
      return document;
    },
    async whole(database, session, faulty, part) {
      if (!hasRoster(name)) throw new TypeError(`${name} has no roster`);
      const filter = SEALED[name].roster.filter as Filter<T>;
      const members = await readMembers(database, session, name, part);
      const found: T[] = [];
      for (const within of part === undefined ? [{}] : chunksOf([...part.ids, ...members.keys()])) {
        const options = { session, sort: { _id: 1 } } as const;
        found.push(...(await collection.find(database, { ...filter, ...within }, options)));
      }
      const kept = collection.keep(database, found);
      const there = new Set(found.map(({ _id }) => _id));
      const isKept = new Set(kept);
      const faults: Readonly<Record<What, string[]>> = {
        changed: found.filter((document) => !isKept.has(document)).map(({ _id }) => _id),
        gone: [...members.keys()].filter((id) => !there.has(id)),
        back: kept.filter((document) => !isListed(members, document)).map(({ _id }) => _id),
      };
      tell(database, members.keys(), faults);
      if (faulty === 'refuse') refuse(faults);
      return kept.filter((document) => isListed(members, document));
    },
    read(database, document) {
      if (document === null) return undefined;
      return collection.readAll(database, [document])[0];
    },
    readAll(database, documents) {
      const kept = collection.keep(database, documents);
      if (kept.length === documents.length) return kept;
      const isKept = new Set(kept);
      const [first = name, ...others] = documents
        .filter((document) => !isKept.has(document))
        .map((document) => resourceOf(name, document._id));
      throw new AlteredError([first, ...others], mend);
    },
    keep: (database, documents) => documents.filter((document) => check(database, document)),
    seal: (database, document) => ({ ...document, mac: macOf(database.seal, name, document) }),
    async insert(database, session, document, key) {
      const sameId = { _id: document._id } as Filter<T>;
      const filter = key === undefined ? sameId : ({ $or: [sameId, key] } as Filter<T>);
      const others = await collection.find(database, filter, { session });
      const ids = others.map(({ _id }) => _id);
      const roster = hasRoster(name)
        ? await readRoster(database, session, name, pagesWith(name, ids))
        : undefined;
      const counts = (other: T) =>
        check(database, other) && (roster === undefined || isListed(roster.members, other));
      const inTheWay = others.filter((other) => !counts(other)).map(({ _id }) => _id);
      await collection.removeAll(database, session, inTheWay);
      const sealed = collection.seal(database, document);
      await of(database).insertOne(sealed as OptionalUnlessRequiredId<Sealed<T>>, { session });
      await list(database, session, sealed);
    },
    async replace(database, session, document) {
      const filter = { _id: document._id } as Filter<Sealed<T>>;
      const sealed = collection.seal(database, document);
      await of(database).replaceOne(filter, sealed, { session });
      await list(database, session, sealed);
    },
    remove: async (database, session, id) => (await collection.removeAll(database, session, [id])) > 0,
    async removeAll(database, session, ids) {
      if (ids.length === 0) return 0;
      const filter = { _id: { $in: [...ids] } } as unknown as Filter<Sealed<T>>;
      const { deletedCount } = await of(database).deleteMany(filter, { session });
      // One that somebody took out is removed as well.
      const struck = hasRoster(name) ? await strike(database, session, name, ids) : [];
      return Math.max(deletedCount, struck.length);
    },
    async change(database, session, document, { set, unset = [] }, condition = {}) {
      const { mac } = document as Sealed<T>;
      const stored = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined));
      const next: Document = { ...document, ...stored };
      for (const field of unset) delete next[field];
      const sealed = check(database, document) ? { mac: macOf(database.seal, name, next) } : {};
      const filter = { $and: [{ _id: document._id, mac: mac ?? { $exists: false } }, condition] };
      const update = {
        $set: { ...stored, ...sealed },
        ...(unset.length > 0 && { $unset: Object.fromEntries(unset.map((field) => [field, true])) }),
      };
      const { matchedCount } = await of(database).updateOne(filter as Filter<Sealed<T>>, update as never, {
        session,
      });
      if (matchedCount === 0) return undefined;
      const changed = { ...next, ...sealed } as unknown as T;
      keepExact(document, changed);
      return changed;
    },
  };
  return collection;
}

/** So many at a time, whatever somebody has put on a page or taken out: one query has an end, and others have their turn. */
function chunksOf(ids: readonly string[]): { readonly _id: { readonly $in: string[] } }[] {
  const all = [...new Set(ids)];
  const count = Math.ceil(all.length / CHUNK);
  return Array.from({ length: count }, (_, at) => ({
    _id: { $in: all.slice(at * CHUNK, (at + 1) * CHUNK) },
  }));
}

/** Whether a document is on the roster as it is now. */
function isListed(members: ReadonlyMap<string, Uint8Array>, document: Identified): boolean {
  const member = members.get(document._id);
  return member !== undefined && Buffer.compare(member, macIn(document)) === 0;
}

/** The MAC that a document has. */
export function macIn(document: Sealed<Identified>): Uint8Array {
  return bytesOf(document.mac) ?? new Uint8Array();
}
