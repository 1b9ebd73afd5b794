import type { Collection, Document, Filter } from 'mongodb';
import type { SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import { conform } from '../conform.ts';
import type { ClientSession, Database } from '../database.ts';
import { beyond, type Position } from '../keyset.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { sessionsSchema } from '../schema/sessions.ts';
import { readExactly } from '../sealing/exact.ts';

/** Models that a session remembers; more are not listed. */
const MAX_MODELS = 100;
/** As many traces. */
const MAX_TRACES = 100;

/** A session as it is stored. */
export interface SessionDocument {
  /** `sessions/{id}`. */
  readonly _id: string;
  /** A serialised sworn.identity.v1.Caller: who began it; absent when no token verified. */
  readonly caller?: Uint8Array;
  readonly subject: string;
  /** In lower case. */
  readonly email: string;
  readonly exchangeCount: number;
  readonly refusedCount: number;
  readonly models: readonly string[];
  readonly startTime: Date;
  /** The exchange that began it. */
  readonly startExchange: string;
  readonly updateTime: Date;
  /** Traces that its exchanges are in. */
  readonly traces?: readonly string[];
  /** What put its exchanges together. */
  readonly sources?: readonly SessionSource[];
}

const asSession = conform<SessionDocument>(sessionsSchema);

/** What one exchange, or several, add to their session. */
export interface SessionChange {
  readonly session: string;
  /** The first of the exchanges by start. */
  readonly exchange: string;
  /** +1 for a new exchange, -1 when it turns out to belong to another session. */
  readonly exchangeCount: number;
  readonly refusedCount: number;
  readonly models: readonly string[];
  /** Of the first exchange, like the fields up to `startTime`. */
  readonly caller: Uint8Array | undefined;
  readonly subject: string;
  readonly email: string;
  readonly startTime: Date;
  readonly updateTime: Date;
  readonly traces: readonly string[];
  readonly sources: readonly SessionSource[];
}

/** Applies changes, in the transaction that writes their exchanges. The result does not depend on their order. */
export async function changeSessions(
  database: Database,
  session: ClientSession,
  changes: readonly SessionChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await sessions(database).bulkWrite(
    mergeChanges(changes).map((change) => ({
      updateOne: { filter: { _id: change.session }, update: [{ $set: fieldsOf(change) }], upsert: true },
    })),
    { session },
  );
}

/** Makes sessions part of others: by name, the one that each becomes part of. */
export async function moveSessions(
  database: Database,
  session: ClientSession,
  moves: ReadonlyMap<string, string>,
): Promise<void> {
  const filter = { _id: { $in: [...moves.keys()] } };
  const found = await sessions(database).find(filter, { session }).toArray();
  if (found.length === 0) return;
  await sessions(database).deleteMany(filter, { session });
  const changes = found.map(({ _id, startExchange, caller, traces = [], sources = [], ...rest }) => ({
    ...rest,
    session: moves.get(_id) ?? _id,
    exchange: startExchange,
    caller,
    traces,
    sources,
  }));
  await changeSessions(database, session, changes);
}

/** How many exchanges sessions have, by name; of those that there are. */
export async function countExchanges(
  database: Database,
  session: ClientSession,
  names: readonly string[],
): Promise<Map<string, number>> {
  if (names.length === 0) return new Map();
  const found = await sessions(database)
    .find({ _id: { $in: [...names] } }, { session })
    .project<Pick<SessionDocument, '_id' | 'exchangeCount'>>({ exchangeCount: 1 })
    .toArray();
  return new Map(found.map(({ _id, exchangeCount }) => [_id, exchangeCount]));
}

/** Sessions by start, newest first, after a position. */
export async function listSessions(
  database: Database,
  query: {
    readonly caller?: string;
    readonly since?: Date;
    readonly until?: Date;
    /** Letters, digits, dots, underscores and hyphens. */
    readonly named?: string;
  },
  after: Position | undefined,
  limit: number,
): Promise<SessionDocument[]> {
  const filter: Filter<SessionDocument> = {
    $and: [
      query.caller ? { $or: [{ subject: query.caller }, { email: query.caller.toLowerCase() }] } : {},
      query.named ? { _id: { $regex: namedPattern(query.named) } } : {},
      query.since ? { startTime: { $gte: query.since } } : {},
      query.until ? { startTime: { $lt: query.until } } : {},
      beyond('startTime', after, -1),
      // Any other stands in no order in which pages go on.
      { _id: { $type: 'string' }, startTime: { $type: 'date' } },
    ],
  };
  const found = sessions(database).find(filter, { raw: true });
  const raw = await found.sort({ startTime: -1, _id: -1 }).limit(limit).toArray();
  return (raw as unknown as Uint8Array[]).map((one) =>
    asSession(readExactly<SessionDocument>(one, PLAIN_TYPES)),
  );
}

/**
 * The ids of the sessions that an application named so: planes put the first eight hexadecimal digits of a digest of the
 * caller behind the name.
 */
function namedPattern(named: string): string {
  return `^sessions/${named.replaceAll('.', '\\.')}-[0-9a-f]{8}$`;
}

/** One change a session: a batch often has many exchanges of one. */
function mergeChanges(changes: readonly SessionChange[]): SessionChange[] {
  const merged = new Map<string, SessionChange>();
  for (const change of changes) {
    const other = merged.get(change.session);
    merged.set(change.session, other === undefined ? change : mergeTwo(change, other));
  }
  return [...merged.values()];
}

function mergeTwo(one: SessionChange, other: SessionChange): SessionChange {
  const byStart = one.startTime.getTime() - other.startTime.getTime();
  const isOneFirst = byStart < 0 || (byStart === 0 && one.exchange < other.exchange);
  return {
    ...(isOneFirst ? one : other),
    exchangeCount: one.exchangeCount + other.exchangeCount,
    refusedCount: one.refusedCount + other.refusedCount,
    models: [...new Set([...one.models, ...other.models])],
    traces: [...new Set([...one.traces, ...other.traces])],
    sources: [...new Set([...one.sources, ...other.sources])],
    updateTime: new Date(Math.max(one.updateTime.getTime(), other.updateTime.getTime())),
  };
}

/** Expressions over the document before the change. What comes from records stands in $literal: it may hold a `$`. */
function fieldsOf(change: SessionChange): Document {
  const startTime = { $literal: change.startTime };
  const isFirst = {
    $or: [
      { $eq: [{ $type: '$startTime' }, 'missing'] },
      { $lt: [startTime, '$startTime'] },
      {
        $and: [
          { $eq: [startTime, '$startTime'] },
          { $lte: [{ $literal: change.exchange }, '$startExchange'] },
        ],
      },
    ],
  };
  const ofFirst = (value: unknown, old: string): Document => ({
    $cond: [isFirst, value === undefined ? '$$REMOVE' : { $literal: value }, old],
  });
  return {
    exchangeCount: { $add: [{ $ifNull: ['$exchangeCount', 0] }, change.exchangeCount] },
    refusedCount: { $add: [{ $ifNull: ['$refusedCount', 0] }, change.refusedCount] },
    models: {
      $slice: [{ $setUnion: [{ $ifNull: ['$models', []] }, { $literal: change.models }] }, MAX_MODELS],
    },
    traces: {
      $slice: [{ $setUnion: [{ $ifNull: ['$traces', []] }, { $literal: change.traces }] }, MAX_TRACES],
    },
    sources: { $setUnion: [{ $ifNull: ['$sources', []] }, { $literal: change.sources }] },
    caller: ofFirst(change.caller, '$caller'),
    subject: ofFirst(change.subject, '$subject'),
    email: ofFirst(change.email, '$email'),
    startExchange: ofFirst(change.exchange, '$startExchange'),
    startTime: { $min: ['$startTime', startTime] },
    updateTime: { $max: ['$updateTime', { $literal: change.updateTime }] },
  };
}

function sessions(database: Database): Collection<SessionDocument> {
  return database.db.collection<SessionDocument>('sessions', PLAIN_TYPES);
}
