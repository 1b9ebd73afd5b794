import type { Collection } from 'mongodb';
import { conform } from '../conform.ts';
import type { ClientSession, Database } from '../database.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { planeHeadsSchema } from '../schema/plane-heads.ts';
import type { WriterEpoch } from './writers.ts';

/** A head as its plane signed it. */
export interface StoredHead {
  readonly seq: bigint;
  /** SHA-256 of the record, 32 bytes. */
  readonly digest: Uint8Array;
  /** When the plane signed, by its clock. */
  readonly time: Date;
  /** Ed25519, 64 bytes. */
  readonly signature: Uint8Array;
  readonly receiveTime: Date;
  /** Of a heartbeat: how many records its plane had yet to hand in, of all its epochs. */
  readonly depth?: bigint;
}

/** The newest heads of an epoch. */
export interface PlaneHeads extends WriterEpoch {
  /** Of a batch: all records up to it are stored. */
  readonly batch?: StoredHead;
  /** Of a heartbeat. */
  readonly heartbeat?: StoredHead;
}

type PlaneHeadsDocument = PlaneHeads & { readonly _id: string };

const asHeads = conform<PlaneHeadsDocument>(planeHeadsSchema);

/** The newest heads of an epoch; undefined when none came. */
export async function findPlaneHeads(
  database: Database,
  writer: WriterEpoch,
  session?: ClientSession,
): Promise<PlaneHeads | undefined> {
  const options = session === undefined ? {} : { session };
  return (await planeHeads(database).findOne({ _id: nameOf(writer) }, options)) ?? undefined;
}

/** The newest heads of all epochs of a plane, or of all planes; by plane and epoch. */
export async function listPlaneHeads(database: Database, plane: string | undefined): Promise<PlaneHeads[]> {
  const found = planeHeads(database).find(plane === undefined ? {} : { plane });
  return (await found.sort({ plane: 1, epoch: 1 }).toArray()).map(asHeads);
}

/** Stores a head unless one that goes further, or the same at a later time, is there. */
export async function storePlaneHead(
  database: Database,
  writer: WriterEpoch,
  kind: 'batch' | 'heartbeat',
  head: StoredHead,
  session?: ClientSession,
): Promise<void> {
  const { plane, epoch } = writer;
  const { seq, digest, time, signature, receiveTime, depth } = head;
  const field = `$${kind}`;
  const isNewer = {
    $or: [
      { $lt: [{ $ifNull: [`${field}.seq`, 0n] }, seq] },
      { $and: [{ $eq: [`${field}.seq`, seq] }, { $lt: [`${field}.time`, time] }] },
    ],
  };
  const next = {
    $literal: { seq, digest, time, signature, receiveTime, ...(depth !== undefined && { depth }) },
  };
  await planeHeads(database).updateOne(
    { _id: nameOf(writer) },
    [{ $set: { plane, epoch, [kind]: { $cond: [isNewer, next, field] } } }],
    { upsert: true, ...(session === undefined ? {} : { session }) },
  );
}

function nameOf(writer: WriterEpoch): string {
  return `${writer.plane}/epochs/${writer.epoch}`;
}

function planeHeads(database: Database): Collection<PlaneHeadsDocument> {
  return database.db.collection<PlaneHeadsDocument>('planeHeads', PLAIN_TYPES);
}
