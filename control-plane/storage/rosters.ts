import { type Collection, Long } from 'mongodb';
import { isEqual } from '../../program/equal.ts';
import { AlteredError, describeAltered } from './altered.ts';
import { canonicalBytes } from './canonical.ts';
import type { ClientSession, Database } from './database.ts';
import { PLAIN_TYPES } from './plain-types.ts';
import { bytesOf, type RosterName } from './sealing.ts';

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
  readonly _id: RosterName;
  /** One more with each change. */
  readonly number: Long | bigint;
  readonly members: readonly Member[];
  readonly mac: Uint8Array;
}

/** What has to be in a collection: nobody without the master key can take a document out of it, or put an older one back, unseen. */
export interface Roster {
  readonly number: number;
  /** MACs by id. */
  readonly members: ReadonlyMap<string, Uint8Array>;
}

/**
 * The roster of a collection, in a transaction that also reads, or changes, what it is of.
 * @throws AlteredError where it is gone, was altered, or is older than what this control plane has seen
 */
export async function readRoster(
  database: Database,
  session: ClientSession,
  name: RosterName,
): Promise<Roster> {
  const document = await rosters(database).findOne({ _id: name }, { session });
  const resource = `rosters/${name}`;
  const roster = document === null ? undefined : open(database, name, document);
  if (roster === undefined) {
    const state = document === null ? 'gone' : Buffer.from(bytesOf(document.mac) ?? []).toString('hex');
    database.alterations.report({ resource, detail: describeAltered([resource], MEND_ROSTER) }, state);
    throw new AlteredError([resource], MEND_ROSTER);
  }
  // Not told of here: that may be an old answer of a store in the middle of an election, which no transaction commits.
  if (!database.memory.see(session, name, roster.number)) throw new AlteredError([resource], MEND_ROSTER);
  database.alterations.forget(resource);
  return roster;
}

/** Enters documents, with the MACs that they have now, in the transaction that stores them. @throws AlteredError as readRoster */
export async function enter(
  database: Database,
  session: ClientSession,
  name: RosterName,
  documents: readonly Member[],
): Promise<void> {
  const { number, members } = await readRoster(database, session, name);
  const next = new Map(members);
  for (const { id, mac } of documents) next.set(id, mac);
  await write(database, session, name, number + 1, next);
}

/** Strikes documents out, in the transaction that removes them. @returns which of them were there. @throws AlteredError as readRoster */
export async function strike(
  database: Database,
  session: ClientSession,
  name: RosterName,
  ids: readonly string[],
): Promise<string[]> {
  const { number, members } = await readRoster(database, session, name);
  const next = new Map(members);
  const struck = ids.filter((id) => next.delete(id));
  if (struck.length > 0) await write(database, session, name, number + 1, next);
  return struck;
}

/** Puts a roster in the place of the one there is, whatever that says; its number is beyond all that anybody remembers. */
export async function replaceRoster(
  database: Database,
  session: ClientSession,
  name: RosterName,
  documents: readonly Member[],
): Promise<void> {
  const stored = await rosters(database).findOne({ _id: name }, { session });
  const sound = stored === null ? undefined : open(database, name, stored);
  const known = Math.max(database.memory.highest(name), sound?.number ?? 0);
  const number = known === 0 ? 1 : known + RENEWAL_STEP;
  await write(database, session, name, number, new Map(documents.map(({ id, mac }) => [id, mac])));
}

/** Whether there is a roster, sound or not. */
export async function hasRosterOf(database: Database, name: RosterName): Promise<boolean> {
  return (await rosters(database).countDocuments({ _id: name }, { limit: 1 })) > 0;
}

async function write(
  database: Database,
  session: ClientSession,
  name: RosterName,
  number: number,
  members: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const fields = {
    number: Long.fromNumber(number),
    members: [...members].map(([id, mac]) => ({ id, mac })),
  };
  const mac = macOfRoster(database, name, fields);
  await rosters(database).replaceOne({ _id: name }, { ...fields, mac }, { session, upsert: true });
  database.memory.see(session, name, number);
}

function open(database: Database, name: RosterName, document: RosterDocument): Roster | undefined {
  const { _id, mac, ...fields } = document;
  try {
    const given = bytesOf(mac) ?? new Uint8Array();
    if (!isEqual(given, macOfRoster(database, name, fields))) return undefined;
  } catch (error) {
    // It has what no document of ours has.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
  return {
    number: Number(document.number),
    members: new Map(document.members.map((member) => [member.id, member.mac])),
  };
}

/** Of all that is stored: what somebody adds makes it wrong. */
function macOfRoster({ seal }: Database, name: RosterName, fields: object): Uint8Array {
  return seal.mac(canonicalBytes(['rosters', name, fields]));
}

function rosters({ db }: Database): Collection<RosterDocument> {
  return db.collection<RosterDocument>('rosters', PLAIN_TYPES);
}
