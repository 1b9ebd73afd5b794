import { isDeepStrictEqual } from 'node:util';
import { create, type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { type Timestamp, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type StoredRecord, StoredRecordSchema } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import {
  type Exchange,
  ExchangeSchema,
  type Session,
  SessionSchema,
} from '#proto/sworn/audit/v1/exchange_pb.ts';
import {
  type Erasure,
  ErasureSchema,
  RecordSchema,
  SessionCertainty,
} from '#proto/sworn/audit/v1/record_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Database } from '../storage/database.ts';
import type { ExchangeDocument } from '../storage/record/exchanges.ts';
import type { RecordDocument } from '../storage/record/records.ts';
import type { SessionDocument } from '../storage/record/sessions.ts';
import { isExact } from '../storage/sealing/exact.ts';
import { misfiledOf } from './misfiled.ts';
import { indexCaller, toDocument } from './projection-documents.ts';

/** What of an exchange follows from its view alone. */
const FILED = [
  'plane',
  'subject',
  'email',
  'route',
  'model',
  'policy',
  'entities',
  'differs',
  'breakGlass',
  'status',
  'startTime',
  'endTime',
] as const satisfies readonly (keyof ExchangeDocument)[];

/**
 * A stored exchange as the API shows it, without content.
 * @param recorded what its records say of it; by default what they said when they came
 */
export function viewExchange(
  document: ExchangeDocument,
  recorded: Exchange = fromBinary(ExchangeSchema, document.view),
): Exchange {
  const { expireTime } = document;
  return {
    ...viewPlace(document, recorded),
    ...viewErasure(document),
    ...(expireTime === undefined ? {} : { expireTime: timestampFromDate(expireTime) }),
  };
}

/** As viewExchange, with the fields by which lists find it, and that the view beside them does not say. */
export function listExchange(document: ExchangeDocument): Exchange {
  const view = readOrUndefined(ExchangeSchema, document.view);
  const isView = view !== undefined && view.name !== '';
  const exchange = isView ? view : create(ExchangeSchema, { name: document._id });
  const stated = toDocument({ exchange, sources: document.sources });
  const misfiled = [
    ...FILED.filter((field) => !isDeepStrictEqual(document[field], stated[field])),
    ...(isFoundBySessions(document, stated) ? [] : ['sessions']),
    ...(isView ? [] : ['view']),
    ...(exchange.name === document._id ? [] : ['name']),
    ...(document.isInferred === isInferred(document, stated) ? [] : ['isInferred']),
    ...(isExact(document) ? [] : ['fields']),
  ];
  const named = [document.session, stated.session];
  const sessions = Array.isArray(document.sessions) ? document.sessions : [];
  const otherSessions = sessions.filter((name) => !named.includes(name));
  return { ...viewExchange(document, exchange), misfiled, otherSessions };
}

/** By the session that it is in, and by the one that was recorded. */
function isFoundBySessions({ session, sessions }: ExchangeDocument, stated: ExchangeDocument): boolean {
  return Array.isArray(sessions) && [session, stated.session].every((name) => sessions.includes(name));
}

function isInferred({ joined }: ExchangeDocument, stated: ExchangeDocument): boolean {
  return joined === undefined ? stated.isInferred : joined.certainty === SessionCertainty.INFERRED;
}

/** The session that an exchange is in now, which its records need not name. */
function viewPlace({ session, joined, traces }: ExchangeDocument, recorded: Exchange): Exchange {
  return {
    ...recorded,
    session,
    sessionSource: joined?.source ?? recorded.sessionSource,
    sessionCertainty: joined?.certainty ?? recorded.sessionCertainty,
    recordedSession: recorded.session === session ? '' : recorded.session,
    traces: [...(traces ?? [])],
  };
}

/** What the API shows of an exchange's erasure; nothing where there was none. */
export function viewErasure({ erasure }: ExchangeDocument): {
  readonly erasure?: Erasure;
  readonly eraseTime?: Timestamp;
} {
  if (erasure === undefined) return {};
  const { authority, scope, reason, time } = erasure;
  return {
    erasure: create(ErasureSchema, { authority, scope, reason }),
    eraseTime: timestampFromDate(time),
  };
}

/**
 * A stored session as lists show it, with the fields by which they find it, and that it does not say; `isInferred` where some
 * exchange is only likely to be of it.
 */
export function listSession(document: SessionDocument, isInferred = false): Session {
  const caller = document.caller && readOrUndefined(CallerSchema, document.caller);
  const stated = indexCaller(caller);
  return create(SessionSchema, {
    name: document._id,
    ...(caller === undefined ? {} : { caller }),
    misfiled: [
      ...(['subject', 'email'] as const).filter((field) => document[field] !== stated[field]),
      ...(document.caller !== undefined && caller === undefined ? ['caller'] : []),
      ...(isExact(document) ? [] : ['fields']),
    ],
    exchangeCount: document.exchangeCount,
    refusedCount: document.refusedCount,
    models: [...document.models].sort(),
    startTime: timestampFromDate(document.startTime),
    updateTime: timestampFromDate(document.updateTime),
    traces: [...(document.traces ?? [])].sort(),
    sources: [...(document.sources ?? [])].sort((left, right) => left - right),
    certainty: isInferred ? SessionCertainty.INFERRED : SessionCertainty.CERTAIN,
  });
}

/** A stored record as the API shows it, with its exact bytes. */
export function viewRecord(database: Database, document: RecordDocument): StoredRecord {
  const record = readOrUndefined(RecordSchema, document.bytes);
  return create(StoredRecordSchema, {
    bytes: Uint8Array.from(document.bytes),
    digest: Uint8Array.from(document.digest),
    ...(record && { record }),
    receiveTime: timestampFromDate(document.receiveTime),
    misfiled: misfiledOf(database, document),
  });
}

/** What bytes say; undefined where somebody wrote others in their place. */
function readOrUndefined<S extends DescMessage>(schema: S, bytes: Uint8Array): MessageShape<S> | undefined {
  try {
    return fromBinary(schema, bytes);
  } catch {
    return undefined;
  }
}
