import type { Collection, Filter } from 'mongodb';
import type { Source } from '#core/evidence/exchange/project.ts';
import type { SessionCertainty, SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import { conform } from '../conform.ts';
import type { ClientSession, Database } from '../database.ts';
import { beyond, type Position } from '../keyset.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { exchangesSchema } from '../schema/exchanges.ts';
import { readExactly } from '../sealing/exact.ts';

/** An exchange as it is stored. */
export interface ExchangeDocument {
  /** `exchanges/{id}`. */
  readonly _id: string;
  /** The one that it is in now. */
  readonly session: string;
  /** All that it can be found by: `session`, those that became part of it, and those that a trace export is about. */
  readonly sessions: readonly string[];
  /** Why it is in `session`, where that was found out after its record was written. */
  readonly joined?: Joined;
  /** It is in `session` by what is only likely. */
  readonly isInferred: boolean;
  /** The traces that it is in, or that it brought. */
  readonly traces?: readonly string[];
  readonly plane: string;
  readonly subject: string;
  /** In lower case. */
  readonly email: string;
  readonly route: string;
  readonly model: string;
  readonly policy: string;
  /** What was found in the prompt or masked in the answer. */
  readonly entities: readonly string[];
  /** Policies that only observe would have decided otherwise; absent when not. */
  readonly differs?: true;
  /** Its caller went on by break-glass; absent when not. */
  readonly breakGlass?: true;
  /** The OutcomeStatus; 0 while it runs. */
  readonly status: number;
  readonly startTime: Date;
  readonly endTime?: Date;
  /** A serialised sworn.audit.v1.Exchange without content. */
  readonly view: Uint8Array;
  readonly sources: { readonly base: Source; readonly outcome?: Source; readonly approval?: Source };
  /** When its retention is over; absent when there is nothing to erase any more. */
  readonly expireTime?: Date;
  /** Why its content was destroyed, most recently. */
  readonly erasure?: StoredErasure;
}

/** What put an exchange into its session. */
export interface Joined {
  readonly source: SessionSource;
  readonly certainty: SessionCertainty;
}

/** An erasure as an exchange has it. */
export interface StoredErasure {
  readonly authority: string;
  readonly scope: string;
  readonly reason: string;
  readonly time: Date;
}

/** Which exchanges; fields that are set must all hold. */
export interface ExchangeQuery {
  readonly session?: string;
  /** Subject or e-mail. */
  readonly caller?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly status?: number;
  readonly policy?: string;
  readonly entity?: string;
  readonly trace?: string;
  readonly differs?: boolean;
  readonly breakGlass?: boolean;
}

const SOURCE = {
  bsonType: 'object',
  required: ['rank', 'epoch', 'seq', 'record', 'hasPayload'],
  properties: {
    rank: { bsonType: 'int' },
    epoch: { bsonType: 'long' },
    seq: { bsonType: 'long' },
    record: { bsonType: 'string' },
    hasPayload: { bsonType: 'bool' },
  },
};
const asExchange = conform<ExchangeDocument>(exchangesSchema, undefined, {
  sources: {
    bsonType: 'object',
    required: ['base'],
    properties: { base: SOURCE, outcome: SOURCE, approval: SOURCE },
  },
});

/** One exchange; undefined when there is none. */
export async function findExchange(database: Database, name: string): Promise<ExchangeDocument | undefined> {
  const found = await exchanges(database).findOne({ _id: name });
  return found === null ? undefined : asExchange(found);
}

/** The exchanges of these names that exist, by name. */
export async function readExchanges(
  database: Database,
  session: ClientSession,
  names: readonly string[],
): Promise<Map<string, ExchangeDocument>> {
  const found = await exchanges(database)
    .find({ _id: { $in: [...names] } }, { session })
    .toArray();
  return new Map(found.map((document) => [document._id, document]));
}

/** Writes exchanges whole, in the transaction in which they were read. */
export async function writeExchanges(
  database: Database,
  session: ClientSession,
  documents: readonly ExchangeDocument[],
): Promise<void> {
  if (documents.length === 0) return;
  await exchanges(database).bulkWrite(
    documents.map((document) => {
      const { _id, ...replacement } = document;
      return { replaceOne: { filter: { _id }, replacement, upsert: true } };
    }),
    { session },
  );
}

/**
 * Puts all exchanges of sessions into others: by name, the one that each becomes part of. They can be found by both.
 * Each is written once, whatever becomes of its sessions; at most `limit`.
 *
 * @returns how many there were, up to one more than the limit
 */
export async function moveExchanges(
  database: Database,
  session: ClientSession,
  moves: ReadonlyMap<string, string>,
  limit: number,
): Promise<number> {
  const found = await exchanges(database)
    .find({ sessions: { $in: [...moves.keys()] } }, { session })
    .project<Pick<ExchangeDocument, '_id' | 'session' | 'sessions'>>({ session: 1, sessions: 1 })
    .limit(limit + 1)
    .toArray();
  if (found.length === 0) return 0;
  const now = (name: string) => moves.get(name) ?? name;
  await exchanges(database).bulkWrite(
    found.slice(0, limit).map(({ _id, session: ofSession, sessions }) => {
      const all = [...new Set([...sessions, ...sessions.map(now)])];
      return { updateOne: { filter: { _id }, update: { $set: { session: now(ofSession), sessions: all } } } };
    }),
    { session },
  );
  return found.length;
}

/** Which of these sessions have exchanges that are only likely to be of them. */
export async function findInferred(database: Database, sessions: readonly string[]): Promise<Set<string>> {
  return new Set(
    await exchanges(database).distinct('session', { session: { $in: [...sessions] }, isInferred: true }),
  );
}

/** Which of these exchanges were erased, whole; in a transaction or by themselves. */
export function findErased(
  database: Database,
  session: ClientSession | undefined,
  names: readonly string[],
): Promise<ExchangeDocument[]> {
  return exchanges(database)
    .find({ _id: { $in: [...names] }, erasure: { $exists: true } }, { ...(session && { session }) })
    .toArray();
}

/** Says of exchanges that their content is destroyed, in the transaction that does so. */
export async function markErased(
  database: Database,
  session: ClientSession,
  names: readonly string[],
  erasure: StoredErasure,
): Promise<void> {
  const update = { $set: { erasure }, $unset: { expireTime: '' as const } };
  await exchanges(database).updateMany({ _id: { $in: [...names] } }, update, { session });
}

/** Sets when the retention of an exchange is over. */
export async function postpone(
  database: Database,
  session: ClientSession,
  name: string,
  expireTime: Date,
): Promise<void> {
  await exchanges(database).updateOne({ _id: name }, { $set: { expireTime } }, { session });
}

/** Exchanges whose retention is over by then, the longest over first, after a position. */
export function listExpired(
  database: Database,
  time: Date,
  after: Position | undefined,
  limit: number,
): Promise<ExchangeDocument[]> {
  const filter: Filter<ExchangeDocument> = {
    $and: [{ expireTime: { $exists: true, $lte: time } }, beyond('expireTime', after, 1)],
  };
  return exchanges(database).find(filter).sort({ expireTime: 1, _id: 1 }).limit(limit).toArray();
}

/** The names of exchanges that were erased since then and have nothing left to erase, after a position. */
export function listErased(
  database: Database,
  since: Date,
  after: Position | undefined,
  limit: number,
): Promise<Pick<ExchangeDocument, '_id' | 'erasure'>[]> {
  const filter: Filter<ExchangeDocument> = {
    $and: [
      { 'erasure.time': { $gte: since }, expireTime: { $exists: false } },
      beyond('erasure.time', after, 1),
    ],
  };
  return exchanges(database)
    .find(filter)
    .sort({ 'erasure.time': 1, _id: 1 })
    .limit(limit)
    .project<Pick<ExchangeDocument, '_id' | 'erasure'>>({ erasure: 1 })
    .toArray();
}

/** Exchanges by start, newest first (-1) or oldest first (1), after a position. */
export async function listExchanges(
  database: Database,
  query: ExchangeQuery,
  order: 1 | -1,
  after: Position | undefined,
  limit: number,
): Promise<ExchangeDocument[]> {
  const filter: Filter<ExchangeDocument> = {
    $and: [
      query.session ? { sessions: query.session } : {},
      query.trace ? { traces: query.trace } : {},
      query.caller ? { $or: [{ subject: query.caller }, { email: query.caller.toLowerCase() }] } : {},
      query.since ? { startTime: { $gte: query.since } } : {},
      query.until ? { startTime: { $lt: query.until } } : {},
      query.status ? { status: query.status } : {},
      query.policy ? { policy: query.policy } : {},
      query.entity ? { entities: query.entity } : {},
      query.differs ? { differs: true } : {},
      query.breakGlass ? { breakGlass: true } : {},
      beyond('startTime', after, order),
      // Any other stands in no order in which pages go on.
      { _id: { $type: 'string' }, startTime: { $type: 'date' } },
    ],
  };
  const found = exchanges(database).find(filter, { raw: true });
  const raw = await found.sort({ startTime: order, _id: order }).limit(limit).toArray();
  return (raw as unknown as Uint8Array[]).map((one) =>
    asExchange(readExactly<ExchangeDocument>(one, PLAIN_TYPES)),
  );
}

function exchanges(database: Database): Collection<ExchangeDocument> {
  return database.db.collection<ExchangeDocument>('exchanges', PLAIN_TYPES);
}
