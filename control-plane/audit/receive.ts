import { v7 as uuidv7 } from 'uuid';
import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import type { AppendRecordsRequest, SignedHead } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { isEqual } from '../../program/equal.ts';
import type { PlaneIdentity } from '../api/identity.ts';
import type { Context } from '../context.ts';
import { readClocks } from '../retention/clocks.ts';
import { findUnwanted, settleLate } from '../retention/late.ts';
import { openReviews } from '../review/open.ts';
import type { ClientSession } from '../storage/database.ts';
import { type OwnedPayload, refPayload, writePayloads } from '../storage/record/payloads.ts';
import { findPlaneHeads, storePlaneHead } from '../storage/record/plane-heads.ts';
import { insertRecords, type RecordDocument, readDigests, readKind } from '../storage/record/records.ts';
import { advanceHead, type Head, readHead } from '../storage/record/writers.ts';
import { explainConflict, raiseAlarm } from './alarm.ts';
import { type Batch, type BatchEntry, checkFollows, gap, headOf, readBatch } from './batch.ts';
import { type Conflict, ConflictError } from './conflict.ts';
import { project } from './project-batch.ts';
import { signReceipt } from './receipt.ts';
import { invalidHead, type PlaneHead, readSignedHead } from './signed-head.ts';

/** What a batch of records became. */
interface Stored {
  /** Up to where the epoch is stored now. */
  readonly head: Head;
  /** What an accepted record says against what is stored. */
  readonly doubt: Conflict | undefined;
}

/**
 * Stores a batch of a plane's records with the head that the plane signed for it, or none of it. Records that are stored
 * already are passed over, so that a batch may come again, whole or overlapping. When this returns, all records up to
 * `acknowledgedSeq` are on a majority of the store, on disk, and the receipt says so.
 *
 * @param plane The calling plane; records of any other are refused.
 * @throws ConnectError INVALID_ARGUMENT (a record or the head is malformed), RECORD_GAP (metadata: the epoch and seq to
 *   continue at), RECORD_CONFLICT (a record of that seq is stored with other bytes, or the chain does not hold)
 */
export async function appendRecords(
  context: Context,
  plane: PlaneIdentity,
  { entries, head: signed }: Pick<AppendRecordsRequest, 'entries' | 'head'>,
): Promise<{ epoch: bigint; acknowledgedSeq: bigint; receipt: SignedHead }> {
  const { database } = context;
  try {
    const batch = readBatch(plane.name, entries);
    const { epoch } = batch;
    const head = readBatchHead(plane, signed, batch);
    const before = await readHead(database, batch);
    if (batch.first > before.seq + 1n) throw gap(epoch, before.seq + 1n);
    const fresh = payloadsAfter(batch, before.seq);
    const unwanted = await findUnwanted(context, fresh);
    // Before the transaction, which could not hold them; nobody sees a payload before its record.
    const wanted = fresh.filter(({ owner }) => !unwanted.has(owner.exchange));
    await writePayloads(database, wanted, context.now());
    const stored = await database.transaction((session) => store(context, session, batch, head, unwanted));
    if (stored.doubt !== undefined) await raiseAlarm(context, stored.doubt);
    const receipt = await signReceipt(context, { plane: plane.name, epoch, ...stored.head });
    return { epoch, acknowledgedSeq: stored.head.seq, receipt };
  } catch (error) {
    throw await explainConflict(context, error);
  }
}

/** @throws ConnectError INVALID_ARGUMENT when it is not the head of the batch's last record */
function readBatchHead(plane: PlaneIdentity, signed: SignedHead | undefined, batch: Batch): PlaneHead {
  if (signed === undefined) throw invalidHead('is required');
  const head = readSignedHead(plane, signed);
  const { epoch, last } = batch;
  if (head.epoch !== epoch || head.seq !== last.seq || !isEqual(head.digest, last.digest)) {
    throw invalidHead('is not of the last record of the batch');
  }
  return head;
}

async function store(
  context: Context,
  session: ClientSession,
  batch: Batch,
  signed: PlaneHead,
  unwanted: ReadonlySet<string>,
): Promise<Stored> {
  const { database } = context;
  const head = await readHead(database, batch, session);
  if (batch.first > head.seq + 1n) throw gap(batch.epoch, head.seq + 1n);
  await checkStored(context, session, batch, head);
  const receiveTime = context.now();
  await storePlaneHead(database, batch, 'batch', { ...signed, receiveTime }, session);
  const fresh = batch.entries.filter((entry) => entry.record.seq > head.seq);
  const late = await settleLate(context, session, batch.entries, fresh, unwanted);
  const [first] = fresh;
  if (first === undefined) return { head, doubt: undefined };
  const kind = head.seq === 0n ? undefined : await readKind(database, session, batch, head.seq);
  checkFollows(first, head, kind);
  await checkHeartbeat(context, session, batch);

  // What is kept is kept from it on.
  const { later } = await readClocks(context);
  const documents = fresh.map((entry) => toRecordDocument(entry, later));
  await insertRecords(database, session, documents);
  await advanceHead(database, session, batch, head, batch.last, receiveTime);
  await project(context, session, fresh, documents, late);
  await openReviews(context, session, fresh);
  return { head: batch.last, doubt: await findDoubt(context, session, first) };
}

/** @throws ConflictError a record that is stored has come with other bytes */
async function checkStored(
  context: Context,
  session: ClientSession,
  batch: Batch,
  head: Head,
): Promise<void> {
  if (batch.first > head.seq) return;
  const { plane, epoch } = batch;
  const digests = await readDigests(context.database, session, batch, batch.first, batch.last.seq);
  for (const entry of batch.entries) {
    const { seq } = entry.record;
    if (seq > head.seq) return;
    const digest = digests.get(seq);
    // One that is gone from the store is for the gaps to tell, and no fault of the plane.
    if (digest === undefined || isEqual(digest, entry.digest)) continue;
    const why = 'stored before with other bytes';
    throw new ConflictError({ plane, epoch, stored: { seq, digest }, offered: headOf(entry), why });
  }
}

/** @throws ConflictError the plane signed another record of that seq in a heartbeat, before the records came */
async function checkHeartbeat(context: Context, session: ClientSession, batch: Batch): Promise<void> {
  const { plane, epoch } = batch;
  const { heartbeat } = (await findPlaneHeads(context.database, batch, session)) ?? {};
  const entry = batch.entries.find(({ record }) => record.seq === heartbeat?.seq);
  if (heartbeat === undefined || entry === undefined || isEqual(heartbeat.digest, entry.digest)) return;
  const { seq, digest } = heartbeat;
  const why = 'its plane had signed another one of that seq';
  throw new ConflictError({ plane, epoch, stored: { seq, digest }, offered: headOf(entry), why });
}

/**
 * Whether the first record of an epoch names another record as the last one before it than is stored there. It is kept:
 * what the plane says is evidence, and the epoch it speaks of is over.
 */
async function findDoubt(
  context: Context,
  session: ClientSession,
  { record }: BatchEntry,
): Promise<Conflict | undefined> {
  const { previous, plane } = record;
  if (record.kind !== RecordKind.EPOCH_BEGIN || previous === undefined) return undefined;
  const { epoch, seq, digest } = previous;
  const stored = (await readDigests(context.database, session, { plane, epoch }, seq, seq)).get(seq);
  if (stored === undefined || isEqual(stored, digest)) return undefined;
  const why = `epoch ${record.epoch} begins after another one of that seq`;
  return { plane, epoch, stored: { seq, digest: stored }, offered: { seq, digest }, why };
}

function payloadsAfter(batch: Batch, seq: bigint): OwnedPayload[] {
  return batch.entries
    .filter((entry) => entry.record.seq > seq && entry.payload.length > 0)
    .map((entry) => ({ owner: entry.record, bytes: entry.payload }));
}

function toRecordDocument(entry: BatchEntry, receiveTime: Date): RecordDocument {
  const { record, time, bytes, digest, payload } = entry;
  const { plane, epoch, seq, kind, exchange, session } = record;
  const document = { _id: uuidv7(), plane, epoch, seq, digest, bytes, kind, exchange, session };
  if (payload.length === 0) return { ...document, time, receiveTime };
  return { ...document, time, receiveTime, payload: refPayload(payload) };
}
