import { timingSafeEqual } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { RecordEntry } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { reasonOf } from '../api/fail.ts';
import type { Context } from '../context.ts';
import type { ClientSession } from '../storage/database.ts';
import { readExchanges, writeExchanges } from '../storage/exchanges.ts';
import { type OwnedPayload, refPayload, writePayloads } from '../storage/payloads.ts';
import { insertRecords, type RecordDocument, readDigests } from '../storage/records.ts';
import { changeSessions } from '../storage/sessions.ts';
import { advanceHead, type Head, readHead } from '../storage/writers.ts';
import { type Batch, type BatchEntry, checkChain, conflict, gap, readBatch } from './batch.ts';
import { projectRecord } from './project.ts';
import { fromDocument, sessionChanges, toDocument } from './projection-documents.ts';

/**
 * Stores a batch of a plane's records, or none of it. Records that are stored already are passed over, so that a
 * batch may come again, whole or overlapping. When this returns, all records up to `acknowledgedSeq` are on a majority
 * of the store, on disk.
 *
 * @param plane The calling plane, `planes/{id}`; records of any other are refused.
 * @throws ConnectError INVALID_ARGUMENT (a record is malformed), RECORD_GAP (metadata: the epoch and seq to continue
 *   at), RECORD_CONFLICT (a record of that seq is stored with other bytes, or the chain does not hold)
 */
export async function appendRecords(
  context: Context,
  plane: string,
  entries: readonly RecordEntry[],
): Promise<{ epoch: bigint; acknowledgedSeq: bigint }> {
  const { database, seal } = context;
  try {
    const batch = readBatch(plane, entries);
    const { epoch } = batch;
    const stored = await readHead(database, { plane, epoch });
    if (batch.first > stored.seq + 1n) throw gap(epoch, stored.seq + 1n);
    // Before the transaction, which could not hold them; nobody sees a payload before its record.
    await writePayloads(database, seal, payloadsAfter(batch, stored.seq), context.now());
    const acknowledgedSeq = await database.transaction((session) => store(context, session, plane, batch));
    return { epoch, acknowledgedSeq };
  } catch (error) {
    alarm(context, plane, error);
    throw error;
  }
}

/** @returns the seq up to which the epoch is stored now */
async function store(context: Context, session: ClientSession, plane: string, batch: Batch): Promise<bigint> {
  const { database } = context;
  const writer = { plane, epoch: batch.epoch };
  const head = await readHead(database, writer, session);
  if (batch.first > head.seq + 1n) throw gap(batch.epoch, head.seq + 1n);
  await checkStored(context, session, plane, batch, head);
  const fresh = batch.entries.filter((entry) => entry.record.seq > head.seq);
  const [first] = fresh;
  const last = fresh.at(-1);
  if (first === undefined || last === undefined) return head.seq;
  checkChain(first, head.digest);

  const receiveTime = context.now();
  const documents = fresh.map((entry) => toRecordDocument(entry, receiveTime));
  await insertRecords(database, session, documents);
  const newHead = { seq: last.record.seq, digest: last.digest };
  await advanceHead(database, session, writer, head, newHead, receiveTime);
  await project(context, session, fresh, documents);
  return newHead.seq;
}

/** @throws ConnectError RECORD_CONFLICT when a record that is stored has come with other bytes */
async function checkStored(
  context: Context,
  session: ClientSession,
  plane: string,
  batch: Batch,
  head: Head,
): Promise<void> {
  if (batch.first > head.seq) return;
  const writer = { plane, epoch: batch.epoch };
  const digests = await readDigests(context.database, session, writer, batch.first, batch.last);
  for (const entry of batch.entries) {
    if (entry.record.seq > head.seq) return;
    const digest = digests.get(entry.record.seq);
    if (digest === undefined || !timingSafeEqual(digest, entry.digest)) {
      throw conflict(entry.record, 'stored before with other bytes');
    }
  }
}

/** Brings exchanges and sessions up to date with new records. */
async function project(
  context: Context,
  session: ClientSession,
  entries: readonly BatchEntry[],
  documents: readonly RecordDocument[],
): Promise<void> {
  const { database, logger } = context;
  const names = [...new Set(documents.map((document) => document.exchange))];
  const before = await readExchanges(database, session, names);
  const after = new Map(before);
  entries.forEach((entry, index) => {
    const { record } = entry;
    const previous = after.get(record.exchange);
    const next = projectRecord(previous && fromDocument(previous), record, documents[index]?._id ?? '');
    if (next === undefined) {
      const { plane, epoch, seq, exchange } = record;
      const event = 'foreign_exchange';
      logger.error({ event, plane, epoch: `${epoch}`, seq: `${seq}`, exchange }, 'exchange of another plane');
      return;
    }
    after.set(record.exchange, toDocument(next));
  });
  const changed = [...after.values()].filter((document) => before.get(document._id) !== document);
  await writeExchanges(database, session, changed);
  await changeSessions(
    database,
    session,
    changed.flatMap((document) => sessionChanges(before.get(document._id), document)),
  );
}

function payloadsAfter(batch: Batch, seq: bigint): OwnedPayload[] {
  return batch.entries
    .filter((entry) => entry.record.seq > seq && entry.payload.length > 0)
    .map((entry) => ({ owner: entry.record, sha256: entry.record.payloadSha256, bytes: entry.payload }));
}

function toRecordDocument(entry: BatchEntry, receiveTime: Date): RecordDocument {
  const { record, time, bytes, digest, payload } = entry;
  const { plane, epoch, seq, kind, exchange, session } = record;
  const document = { _id: uuidv7(), plane, epoch, seq, digest, bytes, kind, exchange, session };
  if (payload.length === 0) return { ...document, time, receiveTime };
  return { ...document, time, receiveTime, payload: refPayload(record.payloadSha256, payload) };
}

/** A plane that says two different things about one record has been tampered with, copied or rolled back. */
function alarm(context: Context, plane: string, error: unknown): void {
  if (reasonOf(error) !== Reason.RECORD_CONFLICT) return;
  const message = error instanceof Error ? error.message : '';
  context.logger.error(
    { event: 'record_conflict', plane, detail: message },
    'ALARM: a plane handed in a record that contradicts its chain',
  );
}
