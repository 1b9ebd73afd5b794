import { createHash, timingSafeEqual } from 'node:crypto';
import { type AnyBulkWriteOperation, type Collection, MongoBulkWriteError } from 'mongodb';
import { conform } from '../conform.ts';
import { type ClientSession, type Database, DUPLICATE_KEY_CODE } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { payloadsSchema } from '../schema/payloads.ts';
import type { PayloadRef } from './records.ts';

/** Bytes of a chunk; it stays well under MongoDB's 16 MiB a document. */
export const PAYLOAD_CHUNK_BYTES = 4 * 1024 * 1024;
/** More than any payload has: what names so many is none of ours. */
const MAX_CHUNKS = 1_000;
/** Bytes that are sent to the store in one call. */
const WRITE_BYTES = 8 * 1024 * 1024;

/** The record that a payload belongs to. */
export interface PayloadOwner {
  readonly plane: string;
  readonly epoch: bigint;
  readonly seq: bigint;
  readonly exchange: string;
}

/** A payload with its record. */
export interface OwnedPayload {
  readonly owner: PayloadOwner;
  /** A serialised SealedPayload. */
  readonly bytes: Uint8Array;
}

interface PayloadDocument {
  _id: string;
  exchange: string;
  data: Uint8Array;
  receiveTime: Date;
}

const asChunk = conform<Pick<PayloadDocument, '_id' | 'data'>>(payloadsSchema, ['_id', 'data']);

/** A payload that is not what was stored: chunks are missing or were changed. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError';
  readonly isMissing: boolean;

  constructor(message: string, isMissing: boolean) {
    super(message);
    this.isMissing = isMissing;
  }
}

/** How a payload will be found again. */
export function refPayload(bytes: Uint8Array): PayloadRef {
  return {
    sha256: sha256Of(bytes),
    sizeBytes: bytes.length,
    chunks: Math.ceil(bytes.length / PAYLOAD_CHUNK_BYTES),
  };
}

/**
 * Stores payloads as their plane sealed them, before the transaction that stores their records. Writing the same payload
 * again changes nothing: a chunk is named by its record, its payload's digest and its index.
 */
export async function writePayloads(
  database: Database,
  entries: readonly OwnedPayload[],
  time: Date,
): Promise<void> {
  let waiting: AnyBulkWriteOperation<PayloadDocument>[] = [];
  let waitingBytes = 0;
  for (const { owner, bytes } of entries) {
    const sha256 = sha256Of(bytes);
    for (let index = 0; index * PAYLOAD_CHUNK_BYTES < bytes.length; index++) {
      const _id = chunkName(owner, sha256, index);
      const start = index * PAYLOAD_CHUNK_BYTES;
      const data = bytes.subarray(start, start + PAYLOAD_CHUNK_BYTES);
      if (waitingBytes + data.length > WRITE_BYTES) {
        await insertChunks(database, waiting);
        waiting = [];
        waitingBytes = 0;
      }
      waiting.push({ insertOne: { document: { _id, exchange: owner.exchange, data, receiveTime: time } } });
      waitingBytes += data.length;
    }
  }
  await insertChunks(database, waiting);
}

/**
 * A record's payload, whole, sealed as it came.
 * @throws PayloadError Chunks are missing or the bytes are other ones.
 */
export async function readPayload(
  database: Database,
  owner: PayloadOwner,
  ref: PayloadRef,
): Promise<Uint8Array> {
  const bytes = (await findPayloads(database, [{ owner, ref }]))[0];
  if (bytes === undefined) {
    throw new PayloadError(`a chunk of the payload ${chunkName(owner, ref.sha256, 0)} is missing`, true);
  }
  if (!timingSafeEqual(sha256Of(bytes), ref.sha256))
    throw new PayloadError('the payload is not what was stored', false);
  return bytes;
}

/**
 * Destroys all payloads of these exchanges, with their wrapped keys: whoever wrote them, also such as no record names.
 * @returns how many chunks there were
 */
export async function deletePayloads(
  database: Database,
  session: ClientSession,
  exchanges: readonly string[],
): Promise<number> {
  const filter = { exchange: { $in: [...exchanges] } };
  return (await payloads(database).deleteMany(filter, { session })).deletedCount;
}

/** Whether any of these exchanges has a payload. */
export async function hasPayloads(database: Database, exchanges: readonly string[]): Promise<boolean> {
  const filter = { exchange: { $in: [...exchanges] } };
  return (await payloads(database).findOne(filter, { projection: { _id: 1 } })) !== null;
}

/**
 * Payloads as they are stored, in this order; undefined where a chunk of one is missing. Nothing is verified: who reads
 * them so does.
 */
export async function findPayloads(
  database: Database,
  wanted: readonly { readonly owner: PayloadOwner; readonly ref: PayloadRef }[],
): Promise<(Uint8Array | undefined)[]> {
  const names = wanted.map(({ owner, ref }) => {
    const length = ref.chunks > MAX_CHUNKS ? 0 : ref.chunks;
    return Array.from({ length }, (_, index) => chunkName(owner, ref.sha256, index));
  });
  const documents = await payloads(database)
    .find({ _id: { $in: names.flat() } })
    .project({ data: 1 })
    .toArray();
  const chunks = new Map(documents.map(asChunk).map(({ _id, data }) => [_id, data]));
  return names.map((own) => {
    const parts = own.flatMap((name) => chunks.get(name) ?? []);
    return own.length > 0 && parts.length === own.length ? Buffer.concat(parts) : undefined;
  });
}

async function insertChunks(
  database: Database,
  operations: AnyBulkWriteOperation<PayloadDocument>[],
): Promise<void> {
  if (operations.length === 0) return;
  try {
    await payloads(database).bulkWrite(operations, { ordered: false });
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
  }
}

/** Whether all that failed were chunks that are stored already. */
function isOnlyDuplicates(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError() !== undefined)
    return false;
  const errors = error.result.getWriteErrors();
  return errors.length > 0 && errors.every((one) => one.code === DUPLICATE_KEY_CODE);
}

function chunkName(owner: PayloadOwner, sha256: Uint8Array, index: number): string {
  const digest = Buffer.from(sha256).toString('hex');
  return `${owner.plane}/epochs/${owner.epoch}/records/${owner.seq}/${digest}/${index}`;
}

function sha256Of(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

function payloads(database: Database): Collection<PayloadDocument> {
  return database.db.collection<PayloadDocument>('payloads', PLAIN_TYPES);
}
