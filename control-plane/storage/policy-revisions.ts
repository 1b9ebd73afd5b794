import { create, fromBinary, fromJson, type JsonObject, toBinary, toJson } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type Collection, Long } from 'mongodb';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type PolicySpec, PolicySpecSchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { type PolicyRevision, PolicyRevisionSchema } from '#proto/sworn/policy/v1/revision_pb.ts';
import type { ClientSession, Database } from './database.ts';
import { PLAIN_TYPES } from './plain-types.ts';

interface RevisionDocument {
  /** `policies/{id}/revisions/{number}`. */
  readonly _id: string;
  readonly policy: string;
  readonly number: Long | bigint;
  /** Absent when the policy was removed. */
  readonly spec?: JsonObject;
  /** A serialised sworn.identity.v1.Caller. */
  readonly author?: Uint8Array;
  readonly reason: string;
  readonly createTime: Date;
  /** A serialised sworn.identity.v1.Caller; set, as the next, where it was made by a proposal. */
  readonly approvedBy?: Uint8Array;
  readonly proposal?: string;
}

/** A revision that is to be stored. */
export interface NewRevision {
  readonly policy: string;
  readonly number: bigint;
  readonly spec: PolicySpec | undefined;
  readonly author: Caller | undefined;
  readonly reason: string;
  readonly createTime: Date;
  /** Who approved the proposal by which it was made. */
  readonly approvedBy?: Caller;
  /** `proposals/{id}`. */
  readonly proposal?: string;
}

/** Stores a revision. Throws a duplicate key error when its number is taken. */
export async function insertRevision(
  database: Database,
  session: ClientSession,
  revision: NewRevision,
): Promise<void> {
  const { policy, number, spec, author, reason, createTime, approvedBy, proposal } = revision;
  await revisions(database).insertOne(
    {
      _id: `${policy}/revisions/${number}`,
      policy,
      number: Long.fromBigInt(number),
      ...(spec && { spec: toJson(PolicySpecSchema, spec) as JsonObject }),
      ...(author && { author: toBinary(CallerSchema, author) }),
      reason,
      createTime,
      ...(approvedBy && { approvedBy: toBinary(CallerSchema, approvedBy) }),
      ...(proposal !== undefined && { proposal }),
    },
    { session },
  );
}

/** The number of a policy's newest revision; 0 when it has none. */
export async function newestRevision(
  database: Database,
  session: ClientSession,
  policy: string,
): Promise<bigint> {
  const newest = await revisions(database).findOne(
    { policy },
    { session, sort: { number: -1 }, projection: { number: 1 } },
  );
  return newest === null ? 0n : BigInt(newest.number.toString());
}

/** One revision of a policy; undefined when there is none of this number. */
export async function findRevision(
  database: Database,
  session: ClientSession,
  policy: string,
  number: bigint,
): Promise<PolicyRevision | undefined> {
  const document = await revisions(database).findOne({ _id: `${policy}/revisions/${number}` }, { session });
  return document === null ? undefined : toRevision(document);
}

/** Revisions of a policy, newest first, those before a number. */
export async function listRevisions(
  database: Database,
  policy: string,
  before: bigint | undefined,
  limit: number,
): Promise<PolicyRevision[]> {
  const range = before === undefined ? {} : { number: { $lt: Long.fromBigInt(before) } };
  const found = await revisions(database)
    .find({ policy, ...range })
    .sort({ number: -1 })
    .limit(limit)
    .toArray();
  return found.map(toRevision);
}

function toRevision(document: RevisionDocument): PolicyRevision {
  const { _id: name, number, spec, author, reason, createTime, approvedBy, proposal = '' } = document;
  return create(PolicyRevisionSchema, {
    name,
    number: BigInt(number.toString()),
    ...(spec && { spec: fromJson(PolicySpecSchema, spec) }),
    ...(author && { author: fromBinary(CallerSchema, author) }),
    reason,
    createTime: timestampFromDate(createTime),
    ...(approvedBy && { approvedBy: fromBinary(CallerSchema, approvedBy) }),
    proposal,
  });
}

function revisions(database: Database): Collection<RevisionDocument> {
  return database.db.collection<RevisionDocument>('policyRevisions', PLAIN_TYPES);
}
