import { Long } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { beyond, type Position } from '../keyset.ts';
import { strike } from '../roster/rosters.ts';
import { sealedCollection } from '../sealing/sealed.ts';
import type { ExchangeDocument } from './exchanges.ts';

/** A hold as it is stored. */
export interface HoldDocument {
  /** `holds/{id}`. */
  readonly _id: string;
  /** Empty where the scope does not say, as the next two. */
  readonly session: string;
  readonly exchange: string;
  /** Subject or e-mail. */
  readonly caller: string;
  /** `caller` in lower case. */
  readonly callerKey: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly reason: string;
  /** A serialised sworn.identity.v1.Caller. */
  readonly createdBy: Uint8Array;
  readonly createTime: Date;
  /** A serialised sworn.identity.v1.Caller. */
  readonly releasedBy?: Uint8Array;
  readonly releaseTime?: Date;
  readonly releaseReason?: string;
}

const holds = sealedCollection<HoldDocument>('holds');

/**
 * Takes the turn that placing a hold and erasing share, in the transaction that does so: of two at once, one starts again
 * and sees what the other did.
 */
export async function takeHoldTurn(database: Database, session: ClientSession): Promise<void> {
  await database.db
    .collection<{ _id: string; turn: bigint }>('holdTurns')
    .updateOne({ _id: 'turn' }, { $inc: { turn: Long.ONE as never } }, { session, upsert: true });
}

/** Stores a new hold. */
export async function insertHold(
  database: Database,
  session: ClientSession,
  document: HoldDocument,
): Promise<void> {
  await holds.insert(database, session, document);
}

/** A hold by name; undefined when there is none. @throws AlteredError where it is altered, or was taken out of the database */
export function findHold(
  database: Database,
  session: ClientSession,
  name: string,
): Promise<HoldDocument | undefined> {
  return holds.findById(database, name, session);
}

/** Ends a hold, in the transaction in which it was read. It stays there, but does not have to. */
export async function releaseHold(
  database: Database,
  session: ClientSession,
  document: HoldDocument,
): Promise<void> {
  await holds.replace(database, session, document);
  await strike(database, session, 'holds', [document._id]);
}

/** Ends a hold that was altered, or taken out of the database: nothing is left of it. */
export async function removeHold(database: Database, session: ClientSession, name: string): Promise<void> {
  await holds.remove(database, session, name);
}

/** Holds, newest first, after a position. @throws AlteredError */
export async function listHolds(
  database: Database,
  isWithReleased: boolean,
  after: Position | undefined,
  limit: number,
): Promise<HoldDocument[]> {
  const released = isWithReleased ? {} : { releaseTime: { $exists: false } };
  const filter = { $and: [released, beyond('createTime', after, -1)] };
  const found = await holds.find(database, filter, { sort: { createTime: -1, _id: -1 }, limit });
  return holds.readAll(database, found);
}

/**
 * All holds that have not ended.
 * @throws AlteredError where one is altered, is gone or is back: what it keeps must not be erased, and nobody can say what that is
 */
export function listHoldsInForce(database: Database, session: ClientSession): Promise<HoldDocument[]> {
  return holds.whole(database, session, 'refuse');
}

/** Those of these holds that keep an exchange. @param views what is said of it, in several places; a hold on one of them keeps it */
export function findKeeping(
  holds: readonly HoldDocument[],
  views: readonly ExchangeDocument[],
): HoldDocument[] {
  return holds.filter((hold) => views.some((view) => keeps(hold, view)));
}

function keeps(hold: HoldDocument, { _id, sessions, subject, email, startTime }: ExchangeDocument): boolean {
  const { session, exchange, caller, callerKey, since, until } = hold;
  return (
    ['', _id].includes(exchange) &&
    ['', ...sessions].includes(session) &&
    (['', subject].includes(caller) || ['', email].includes(callerKey)) &&
    (since === undefined || since <= startTime) &&
    (until === undefined || until > startTime)
  );
}
