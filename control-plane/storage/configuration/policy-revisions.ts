import { create, fromBinary, fromJson, type JsonObject, toBinary, toJson } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Long } from 'mongodb';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type PolicySpec, PolicySpecSchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { type PolicyRevision, PolicyRevisionSchema } from '#proto/sworn/policy/v1/revision_pb.ts';
import type { ClientSession, Database } from '../database.ts';
import { sealedCollection } from '../sealing/sealed.ts';

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

const revisions = sealedCollection<RevisionDocument>('policyRevisions');

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
  await revisions.insert(database, session, {
    _id: `${policy}/revisions/${number}`,
    policy,
    number: Long.fromBigInt(number),
    ...(spec && { spec: toJson(PolicySpecSchema, spec) as JsonObject }),
    ...(author && { author: toBinary(CallerSchema, author) }),
    reason,
    createTime,
    ...(approvedBy && { approvedBy: toBinary(CallerSchema, approvedBy) }),
    ...(proposal !== undefined && { proposal }),
  });
}

/** The number of a policy's newest revision; 0 when it has none. */
export async function newestRevision(
  database: Database,
  session: ClientSession,
  policy: string,
): Promise<bigint> {
  const options = { session, sort: { number: -1 }, projection: { number: 1 } } as const;
  const newest = await revisions.of(database).findOne({ policy }, options);
  return newest === null ? 0n : BigInt(newest.number.toString());
}

/** One revision of a policy; undefined when there is none of this number. @throws AlteredError */
export async function findRevision(
  database: Database,
  session: ClientSession | undefined,
  policy: string,
  number: bigint,
): Promise<PolicyRevision | undefined> {
  const options = session && { session };
  const found = await revisions.findOne(database, { _id: `${policy}/revisions/${number}` }, options);
  const document = revisions.read(database, found);
  return document && toRevision(document);
}

/** Revisions of a policy, newest first, those before a number: as they stand, since an altered one is there to stay. */
export async function listRevisions(
  database: Database,
  policy: string,
  before: number | undefined,
  limit: number,
): Promise<PolicyRevision[]> {
  const range = before === undefined ? {} : { number: { $lt: Long.fromNumber(before) } };
  const found = await revisions.find(database, { policy, ...range }, { sort: { number: -1 }, limit });
  revisions.keep(database, found);
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
