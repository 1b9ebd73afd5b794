import { timingSafeEqual } from 'node:crypto';
import {
  Binary,
  BSON,
  type Collection,
  type Document,
  type Filter,
  type FindOptions,
  type OptionalUnlessRequiredId,
} from 'mongodb';
import { AlteredError, describeAltered, resourceOf } from './altered.ts';
import { canonicalBytes } from './canonical.ts';
import type { ClientSession, Database } from './database.ts';
import { PLAIN_TYPES } from './plain-types.ts';
import type { Seal } from './seal.ts';

/** How the documents of a collection are sealed. */
interface Sealing {
  /** Fields that the MAC does not cover: they open nothing, and change often or are large. */
  readonly uncovered?: readonly string[];
  /** What an admin does with one that was altered. */
  readonly mend: string;
}

/**
 * Collections whose documents open something: each carries a MAC over its collection, id and fields, which takes the control
 * plane's master key. What is read without a right one does not count.
 */
export const SEALED = {
  approvals: {
    // The question has a mark of its own (approval/question.ts); the others say which planes are told, and who is reminded.
    uncovered: ['question', 'planes', 'waiting', 'remindTime'],
    mend: 'the caller asks again',
  },
  grants: { mend: 'revoke it' },
  issuers: { mend: 'create it again, or delete it' },
  joinTokens: { mend: 'make another one' },
  notifiers: { mend: 'create it again with its secret, or delete it' },
  planes: {
    // What it said of itself.
    uncovered: ['report', 'seenTime'],
    mend: 'revoke it, and let the plane join with a new key',
  },
  policies: { mend: 'apply it again, or delete it' },
  policyRevisions: { mend: 'apply the policy from a file, or roll back to another revision' },
  revocations: { mend: 'create it again, then delete this one' },
  roleBindings: { mend: 'bind the role again, or delete it' },
  upstreams: { mend: 'create it again with its secrets, or delete it' },
} as const satisfies Readonly<Record<string, Sealing>>;

/** One of them. */
export type SealedName = keyof typeof SEALED;

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
  /** The document, if it is there. @throws AlteredError */
  read(database: Database, document: T | null): T | undefined;
  /** All of them. @throws AlteredError when one is altered */
  readAll(database: Database, documents: readonly T[]): T[];
  /** Those that are not altered; the others are reported, and do not count. */
  keep(database: Database, documents: readonly T[]): T[];
  /** The document with its MAC: whatever it says counts from now on. */
  seal(database: Database, document: T): Sealed<T>;
  /**
   * Stores a new one. One that was altered makes room where it has the same id, or what `key` says.
   * Throws a duplicate key error otherwise.
   */
  insert(database: Database, session: ClientSession, document: T, key?: Filter<T>): Promise<void>;
  /** Stores it in the place of the one of its id. */
  replace(database: Database, session: ClientSession, document: T): Promise<void>;
  /** Removes it, altered or not; false when there is none. */
  remove(database: Database, session: ClientSession, id: string): Promise<boolean>;
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
    const { isRight, state } = inspect(database.seal, name, document);
    const isWhole = isRight && EXACT.has(document);
    if (isWhole) database.alterations.forget(resource);
    else database.alterations.report({ resource, detail: describeAltered([resource], mend) }, state);
    return isWhole;
  };

  const collection: SealedCollection<T> = {
    of,
    async find(database, filter, more = {}) {
      const cursor = of(database).find(filter as Filter<Sealed<T>>, { ...more, raw: true });
      return ((await cursor.toArray()) as unknown as Uint8Array[]).map((raw) => {
        const document = BSON.deserialize(raw, options) as T;
        if (isExact(raw)) EXACT.add(document);
        return document;
      });
    },
    findOne: async (database, filter, more = {}) =>
      (await collection.find(database, filter, { ...more, limit: 1 }))[0] ?? null,
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
      for (const other of await collection.find(database, filter, { session })) {
        if (!check(database, other)) await collection.remove(database, session, other._id);
      }
      const sealed = collection.seal(database, document) as OptionalUnlessRequiredId<Sealed<T>>;
      await of(database).insertOne(sealed, { session });
    },
    async replace(database, session, document) {
      const filter = { _id: document._id } as Filter<Sealed<T>>;
      await of(database).replaceOne(filter, collection.seal(database, document), { session });
    },
    async remove(database, session, id) {
      const { deletedCount } = await of(database).deleteOne({ _id: id } as Filter<Sealed<T>>, { session });
      return deletedCount === 1;
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
      if (EXACT.has(document)) EXACT.add(changed);
      return changed;
    },
  };
  return collection;
}

/**
 * Documents that say to us what they say to MongoDB. Who writes to it can store a field twice: queries go by the first, and the
 * driver, so also the MAC, by the last.
 */
const EXACT = new WeakSet<object>();

/** Whether nothing of a document is lost when it is read: a field that is there twice, or of a type that is not ours. */
function isExact(raw: Uint8Array): boolean {
  const document = BSON.deserialize(raw, { promoteValues: false, promoteLongs: false });
  return BSON.calculateObjectSize(document, { ignoreUndefined: false }) === raw.length;
}

/** The fields of a collection that the MAC does not cover. */
export function uncoveredOf(name: SealedName): readonly string[] {
  const { uncovered = [] }: Sealing = SEALED[name];
  return uncovered;
}

/** The MAC of a document: of where it is, its id, and all of it but what is not covered. */
export function macOf(seal: Seal, name: SealedName, document: Document): Uint8Array {
  const uncovered = uncoveredOf(name);
  const covered = Object.entries(document).filter(([field]) => field !== 'mac' && !uncovered.includes(field));
  return seal.mac(canonicalBytes([name, Object.fromEntries(covered)]));
}

/** @returns whether the MAC is right, and what tells this alteration of the document from the next */
function inspect(seal: Seal, name: SealedName, document: Document): { isRight: boolean; state: string } {
  const mac = bytesOf(document['mac']) ?? new Uint8Array();
  try {
    const right = macOf(seal, name, document);
    const isRight = mac.length === right.length && timingSafeEqual(mac, right);
    return { isRight, state: Buffer.concat([mac, right]).toString('hex') };
  } catch (error) {
    // It has what no document of ours has.
    if (error instanceof TypeError) return { isRight: false, state: 'unreadable' };
    throw error;
  }
}

function bytesOf(mac: unknown): Uint8Array | undefined {
  if (mac instanceof Binary) return mac.value();
  return mac instanceof Uint8Array ? mac : undefined;
}
