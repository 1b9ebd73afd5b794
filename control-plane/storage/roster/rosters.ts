import { createHash } from 'node:crypto';
import { type Collection, Long } from 'mongodb';
import { isEqual } from '../../../program/equal.ts';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { AlteredError, describeAltered } from '../sealing/altered.ts';
import { canonicalBytes } from '../sealing/canonical.ts';
import { bytesOf, isMac, type RosterName, SEALED } from '../sealing/sealing.ts';

/** What an admin does where the roster itself is at fault. */
export const MEND_ROSTER = 'see "Rosters" in docs/operations.md';
/** More changes than another control plane can have seen, and this one not. */
const RENEWAL_STEP = 1_000_000;

interface Member {
  /** The `_id` of a document. */
  readonly id: string;
  /** Its MAC: of what it says now, and not of what it said once. */
  readonly mac: Uint8Array;
}

interface RosterDocument {
  /** The name of a roster, or of a page of one. */
  readonly _id: string;
  /** One more with each change; of a page, that of the last change there. */
  readonly number: Long | bigint;
  readonly members: readonly Member[];
  /** Its pages, where it has some. Their MACs stand here: one that is put back as it once was is told from the newest. */
  readonly pages?: readonly Member[];
  readonly mac: Uint8Array;
}

/** What has to be in a collection: nobody without the master key can take a document out of it, or put an older one back, unseen. */
export interface Roster {
  readonly number: number;
  /** MACs by id. */
  readonly members: ReadonlyMap<string, Uint8Array>;
  /** The pages that were read, by name. */
  readonly read: readonly string[];
  /** The MACs of those that were not, by name. */
  readonly unread: ReadonlyMap<string, Uint8Array>;
}

/** Some pages of a roster, and the ids of what is stored that would stand there. */
export interface RosterPart {
  readonly pages: readonly string[];
  readonly ids: readonly string[];
}

/**
 * The roster of a collection, in a transaction that also reads, or changes, what it is of.
 * @param pages where only these are asked about: other members may be left out
 * @throws AlteredError where it is gone, was altered, or is older than what this control plane has seen
 */
export async function readRoster(
  database: Database,
  session: ClientSession,
  name: RosterName,
  pages?: readonly string[],
): Promise<Roster> {
  const head = checked(database, name, await rosters(database).findOne({ _id: name }, { session }));
  // Not told of here: that may be an old answer of a store in the middle of an election, which no transaction commits.
  if (!database.memory.see(session, name, Number(head.number)))
    throw new AlteredError([`rosters/${name}`], MEND_ROSTER);
  database.alterations.forget(`rosters/${name}`);
  const unread = new Map((head.pages ?? []).map(({ id, mac }) => [id, mac]));
  const listed = [...(pages ?? unread.keys())].filter((page) => unread.has(page));
  const found = await rosters(database)
    .find({ _id: { $in: listed } }, { session })
    .toArray();
  const pageByName = new Map(found.map((page) => [page._id, page]));
  const members = [...head.members];
  for (const page of listed) {
    members.push(...checked(database, page, pageByName.get(page) ?? null, unread.get(page)).members);
    database.alterations.forget(`rosters/${page}`);
    unread.delete(page);
  }
  return {
    number: Number(head.number),
    members: new Map(members.map(({ id, mac }) => [id, mac])),
    read: listed,
    unread,
  };
}

/** Members of a roster, or those on some of its pages: an older version listed them in the roster itself. @throws AlteredError as readRoster */
export async function readMembers(
  database: Database,
  session: ClientSession,
  name: RosterName,
  part: RosterPart | undefined,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { members } = await readRoster(database, session, name, part?.pages);
  if (part === undefined) return members;
  const asked = new Set(part.pages);
  return new Map([...members].filter(([id]) => asked.has(pageOf(name, id))));
}

/** Enters documents, with the MACs that they have now, in the transaction that stores them. @throws AlteredError as readRoster */
export async function enter(
  database: Database,
  session: ClientSession,
  name: RosterName,
  documents: readonly Member[],
): Promise<void> {
  const pages = pagesWith(
    name,
    documents.map(({ id }) => id),
  );
  const roster = await readRoster(database, session, name, pages);
  const members = new Map(roster.members);
  for (const { id, mac } of documents) members.set(id, mac);
  await write(database, session, name, { ...roster, number: roster.number + 1, members });
}

/** Strikes documents out, in the transaction that removes them. @returns which of them were there. @throws AlteredError as readRoster */
export async function strike(
  database: Database,
  session: ClientSession,
  name: RosterName,
  ids: readonly string[],
): Promise<string[]> {
  const roster = await readRoster(database, session, name, pagesWith(name, ids));
  const members = new Map(roster.members);
  const struck = ids.filter((id) => members.delete(id));
  if (struck.length > 0)
    await write(database, session, name, { ...roster, number: roster.number + 1, members });
  return struck;
}

/** Writes a roster, and some of its pages, anew as they are, under the master key in force. @throws AlteredError as readRoster */
export async function rewriteRoster(
  database: Database,
  session: ClientSession,
  name: RosterName,
  pages: readonly string[],
): Promise<void> {
  const roster = await readRoster(database, session, name, pages);
  await write(database, session, name, { ...roster, number: roster.number + 1 });
}

/** Puts a roster in the place of the one there is, whatever that says; its number is beyond all that anybody remembers. */
export async function replaceRoster(
  database: Database,
  session: ClientSession,
  name: RosterName,
  documents: readonly Member[],
): Promise<void> {
  const stored = await rosters(database).findOne({ _id: name }, { session });
  const isSound = stored !== null && isWhole(database, stored);
  const known = Math.max(database.memory.highest(name), isSound ? Number(stored.number) : 0);
  const number = known === 0 ? 1 : known + RENEWAL_STEP;
  const members = new Map(documents.map(({ id, mac }) => [id, mac]));
  await write(database, session, name, { number, members, read: [], unread: new Map() });
}

/** Whether there is a roster, sound or not. */
export async function hasRosterOf(database: Database, name: RosterName): Promise<boolean> {
  return (await rosters(database).countDocuments({ _id: name }, { limit: 1 })) > 0;
}

/** Writes a roster, and the pages that were read: one may have lost its last member. */
async function write(
  database: Database,
  session: ClientSession,
  name: RosterName,
  { number, members, read, unread }: Roster,
): Promise<void> {
  const byPage = new Map<string, Member[]>(read.map((page) => [page, []]));
  for (const [id, mac] of members) {
    const page = pageOf(name, id);
    const listed = byPage.get(page);
    if (listed === undefined) byPage.set(page, [{ id, mac }]);
    else listed.push({ id, mac });
  }
  const { [name]: own = [], ...others } = Object.fromEntries(byPage);
  const pages = Object.entries(others).map(([page, listed]) =>
    signed(database, page, { number: Long.fromNumber(number), members: listed }),
  );
  const all = [...unread, ...pages.map(({ _id, mac }) => [_id, mac] as const)];
  const head = signed(database, name, {
    number: Long.fromNumber(number),
    members: own,
    ...(all.length > 0 && { pages: all.map(([id, mac]) => ({ id, mac })) }),
  });
  await rosters(database).bulkWrite(
    [...pages, head].map((replacement) => ({
      replaceOne: { filter: { _id: replacement._id }, replacement, upsert: true },
    })),
    { session },
  );
  database.memory.see(session, name, number);
}

/**
 * A roster, or a page of one, as it was read.
 * @param mac where it has to be this one
 * @throws AlteredError where it is gone or not as we wrote it, which is told of
 */
function checked(
  database: Database,
  id: string,
  document: RosterDocument | null,
  mac: Uint8Array | undefined = bytesOf(document?.mac),
): RosterDocument {
  const resource = `rosters/${id}`;
  if (document !== null && isWhole(database, document) && isSame(document.mac, mac)) return document;
  const state = document === null ? 'gone' : Buffer.from(bytesOf(document.mac) ?? []).toString('hex');
  database.alterations.report({ resource, detail: describeAltered([resource], MEND_ROSTER) }, state);
  throw new AlteredError([resource], MEND_ROSTER);
}

/** Whether a document is one that we wrote under its name. */
function isWhole(database: Database, { _id, mac, ...fields }: RosterDocument): boolean {
  try {
    return isMac(database.seal, mac, rosterBytes(_id, fields));
  } catch (error) {
    // It has what no document of ours has.
    if (error instanceof TypeError) return false;
    throw error;
  }
}

function isSame(right: Uint8Array, given: unknown): boolean {
  const bytes = bytesOf(given);
  return bytes !== undefined && isEqual(bytes, right);
}

/**
 * Where a document is listed: in the roster itself or, where there is no end to how many there may be, on one of its pages: a
 * document of MongoDB has 16 MB at most, which is some 150,000 members.
 */
export function pageOf(name: RosterName, id: string): string {
  if (!SEALED[name].roster.isPaged) return name;
  return `${name}.${createHash('sha256').update(id).digest().toString('hex', 0, 1)}`;
}

/** All pages that there may be. */
export function pagesOf(name: RosterName): string[] {
  if (!SEALED[name].roster.isPaged) return [name];
  return Array.from({ length: 256 }, (_, byte) => `${name}.${Buffer.of(byte).toString('hex')}`);
}

/** Those that these documents are listed on, or would be. */
export function pagesWith(name: RosterName, ids: readonly string[]): string[] {
  return [...new Set(ids.map((id) => pageOf(name, id)))];
}

function signed(
  database: Database,
  _id: string,
  fields: Omit<RosterDocument, '_id' | 'mac'>,
): RosterDocument {
  return { _id, ...fields, mac: database.seal.mac(rosterBytes(_id, fields)) };
}

/** All that is stored has a MAC: what somebody adds makes it wrong. */
function rosterBytes(id: string, fields: object): Uint8Array {
  return canonicalBytes(['rosters', id, fields]);
}

function rosters({ db }: Database): Collection<RosterDocument> {
  return db.collection<RosterDocument>('rosters', PLAIN_TYPES);
}
