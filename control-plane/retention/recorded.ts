import { fromBinary } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { type Projection, projectRecord } from '#core/evidence/exchange/project.ts';
import { isPlane } from '#core/evidence/verify/chain.ts';
import { RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { toDocument } from '../audit/projection-documents.ts';
import type { Context } from '../context.ts';
import type { ClientSession } from '../storage/database.ts';
import { type ExchangeDocument, findErased } from '../storage/record/exchanges.ts';
import { listExchangeRecords, type RecordDocument } from '../storage/record/records.ts';
import { isReceived } from '../storage/sealing/record-mac.ts';
import { retentionMs } from './retain.ts';

/** By so much the clock of a plane may be ahead. */
const CLOCK_TOLERANCE_MS = 3_600_000;

/** What the records of an exchange say of it, whatever the list of exchanges says. */
export interface Recorded {
  /** With the names of sessions that its own records have. */
  readonly exchange: ExchangeDocument;
  /**
   * When its retention may be over, as its records say: by the clock of its plane, and where that is ahead by the time of receipt,
   * for which the record's MAC stands.
   */
  readonly saidUntil: Date;
  /** The same with the deployment's minimum, where that is longer. */
  readonly keptUntil: Date;
  /** Whether it was erased before: what came since has no time of its own. */
  readonly isErased: boolean;
}

/**
 * Reads what decides whether exchanges may be erased, by their names, from their records. The list of exchanges follows from them,
 * but is not in the log: who writes to the database could have an exchange erased before its time, or past a hold, by a change there.
 */
export async function readRecorded(
  context: Context,
  session: ClientSession,
  names: readonly string[],
): Promise<Map<string, Recorded>> {
  const byExchange = Map.groupBy(
    await listExchangeRecords(context.database, session, names),
    ({ exchange }) => exchange,
  );
  return new Map(
    [...byExchange].flatMap(([name, documents]) => {
      const recorded = recount(context, documents);
      return recorded === undefined ? [] : [[name, recorded] as const];
    }),
  );
}

/** An exchange that was erased, and all that is said of it: by the list, and by its records. */
export interface ErasedExchange {
  readonly exchange: ExchangeDocument;
  readonly views: readonly ExchangeDocument[];
}

/** Those of these exchanges that were erased: as the list says, and a record with it. */
export async function readErased(
  context: Context,
  session: ClientSession,
  names: readonly string[],
): Promise<ErasedExchange[]> {
  const listed = await findErased(context.database, session, names);
  if (listed.length === 0) return [];
  const recorded = await readRecorded(
    context,
    session,
    listed.map(({ _id }) => _id),
  );
  return listed.flatMap((exchange) => {
    const said = recorded.get(exchange._id);
    return said?.isErased ? [{ exchange, views: [exchange, said.exchange] }] : [];
  });
}

function recount(
  { database: { seal }, settings: { minimumRetention } }: Context,
  documents: readonly RecordDocument[],
): Recorded | undefined {
  let projection: Projection | undefined;
  let saidUntilMs = 0;
  let keptUntilMs = 0;
  let isErased = false;
  const sessions = new Set<string>();
  for (const document of documents) {
    // Somebody made it up.
    if (!isReceived(seal, document)) continue;
    const { _id, plane, bytes, receiveTime } = document;
    const record = fromBinary(RecordSchema, bytes);
    if (record.session !== '') sessions.add(record.session);
    // What the control plane itself did is no part of it.
    if (!isPlane(plane)) {
      isErased ||= record.action === 'exchange.erase';
      continue;
    }
    const next = projectRecord(projection, record, _id);
    if (next === undefined) continue;
    projection = next;
    const writtenMs = record.time === undefined ? 0 : timestampMs(record.time);
    const timeMs = Math.min(writtenMs - CLOCK_TOLERANCE_MS, receiveTime.getTime());
    const saidMs = retentionMs(record);
    saidUntilMs = Math.max(saidUntilMs, timeMs + saidMs);
    keptUntilMs = Math.max(keptUntilMs, timeMs + Math.max(saidMs, minimumRetention));
  }
  if (projection === undefined) return undefined;
  const exchange = { ...toDocument(projection), sessions: [...sessions] };
  return { exchange, saidUntil: new Date(saidUntilMs), keptUntil: new Date(keptUntilMs), isErased };
}
