import type { Collection, Filter, UpdateFilter } from 'mongodb';
import type { ClientSession, Database } from './database.ts';
import { beyond, type Position } from './keyset.ts';
import { PLAIN_TYPES } from './plain-types.ts';

/** Where an approval stands; sworn.approval.v1.State by name. */
export type ApprovalState = 'PENDING' | 'APPROVED' | 'DENIED' | 'EXPIRED' | 'WITHDRAWN' | 'CONSUMED';

/** An approval as it is stored, without its question. */
export interface ApprovalDocument {
  /** `approvals/{id}`. */
  readonly _id: string;
  readonly state: ApprovalState;
  /** The binding, while the approval is PENDING or APPROVED; unique. */
  readonly openKey?: string;
  /** A serialised sworn.identity.v1.Caller. */
  readonly caller: Uint8Array;
  readonly subject: string;
  /** The plane that asked first. */
  readonly plane: string;
  /** All planes that asked: they are told what becomes of it. */
  readonly planes: readonly string[];
  /** Those of them that still hold a request; when the last withdraws, the approval is withdrawn. */
  readonly waiting: readonly string[];
  readonly exchange: string;
  readonly session: string;
  readonly route: string;
  readonly model: string;
  readonly requestDigest: Uint8Array;
  readonly policyRevision: bigint;
  readonly policy: string;
  readonly rule: string;
  readonly policyDigest: Uint8Array;
  readonly message: string;
  /** Groups. */
  readonly reviewers: readonly string[];
  readonly findings: readonly { readonly entity: string; readonly count: number }[];
  readonly createTime: Date;
  readonly expireTime: Date;
  /** When reviewers are reminded; absent when they were, or are not to be. */
  readonly remindTime?: Date;
  /** When the state last changed. */
  readonly updateTime: Date;
  /** A serialised sworn.identity.v1.Caller. */
  readonly decidedBy?: Uint8Array;
  readonly decideTime?: Date;
  readonly reason?: string;
  /** So many people have to approve; absent, as the next ones, in approvals of before. */
  readonly quorum?: number;
  readonly votes?: readonly StoredVote[];
  readonly reasonRequired?: boolean;
  /** Services that may decide, by client or subject. */
  readonly serviceReviewers?: readonly string[];
  /** For how long reviewers may grant the rule at most; 0: not at all. */
  readonly windowSeconds?: number;
  /** Made with a key outside the store, of the question and what is shown beside it: nobody can put others in their place. */
  readonly questionMark?: Uint8Array;
  /** When its question was destroyed. */
  readonly eraseTime?: Date;
  readonly consumedBy?: { readonly plane: string; readonly exchange: string };
}

/** One person's approval. */
export interface StoredVote {
  /** A serialised sworn.identity.v1.Caller. */
  readonly reviewer: Uint8Array;
  readonly time: Date;
  readonly reason: string;
}

/** With the question, a serialised SealedPayload; only for the one who reads it. */
type WholeDocument = ApprovalDocument & { readonly question?: Uint8Array };

/** What a transition writes beside the state. */
export type TransitionFields = Partial<
  Pick<ApprovalDocument, 'decidedBy' | 'decideTime' | 'reason' | 'consumedBy' | 'waiting' | 'votes'>
>;

const WITHOUT_QUESTION = { projection: { question: 0 } } as const;

/** An approval by name; undefined when there is none. */
export async function findApproval(
  database: Database,
  name: string,
  session?: ClientSession,
): Promise<ApprovalDocument | undefined> {
  const options = session === undefined ? WITHOUT_QUESTION : { ...WITHOUT_QUESTION, session };
  return (await approvals(database).findOne({ _id: name }, options)) ?? undefined;
}

/** What the reviewer of an approval reads, as its plane sealed it. */
export async function findSealedQuestion(database: Database, name: string): Promise<Uint8Array | undefined> {
  const document = await approvals(database).findOne({ _id: name }, { projection: { question: 1 } });
  return document?.question;
}

/** The PENDING or APPROVED approval of a binding, whether or not it is overdue. */
export async function findOpenApproval(
  database: Database,
  session: ClientSession,
  openKey: string,
): Promise<ApprovalDocument | undefined> {
  return (await approvals(database).findOne({ openKey }, { ...WITHOUT_QUESTION, session })) ?? undefined;
}

/** Stores a new approval with its sealed question. Fails as a duplicate when its binding is open already. */
export async function insertApproval(
  database: Database,
  session: ClientSession,
  document: ApprovalDocument,
  question: Uint8Array,
): Promise<void> {
  await approvals(database).insertOne({ ...document, question }, { session });
}

/** Notes that one more plane holds a request for this approval. */
export async function joinApproval(
  database: Database,
  session: ClientSession,
  name: string,
  plane: string,
): Promise<void> {
  const update = { $addToSet: { planes: plane, waiting: plane } };
  await approvals(database).updateOne({ _id: name }, update, { session });
}

/** Notes that a plane no longer holds a request for a PENDING approval. */
export async function leaveApproval(
  database: Database,
  session: ClientSession,
  name: string,
  plane: string,
): Promise<void> {
  const update = { $pull: { waiting: plane } };
  await approvals(database).updateOne({ _id: name, state: 'PENDING' }, update, { session });
}

/**
 * Moves an approval from one state to another, if it is in that state and `condition` holds in the same instant.
 * Returns it as it is now; undefined when it was not moved.
 */
export async function moveApproval(
  database: Database,
  session: ClientSession,
  move: { readonly name: string; readonly from: ApprovalState; readonly to: ApprovalState },
  time: Date,
  condition: { readonly isExpired: boolean; readonly requestDigest?: Uint8Array },
  fields: TransitionFields = {},
): Promise<ApprovalDocument | undefined> {
  const filter: Filter<WholeDocument> = {
    _id: move.name,
    state: move.from,
    expireTime: condition.isExpired ? { $lte: time } : { $gt: time },
    ...(condition.requestDigest === undefined ? {} : { requestDigest: condition.requestDigest }),
  };
  const update: UpdateFilter<WholeDocument> = {
    $set: { ...fields, state: move.to, updateTime: time },
    ...(move.to === 'APPROVED' ? {} : { $unset: { openKey: true } }),
  };
  const options = { ...WITHOUT_QUESTION, session, returnDocument: 'after' } as const;
  return (await approvals(database).findOneAndUpdate(filter, update, options)) ?? undefined;
}

/**
 * Adds an approval of one of several people to a PENDING approval that is not overdue. Returns it as it is now; undefined when
 * it cannot be approved any more.
 */
export async function addVote(
  database: Database,
  session: ClientSession,
  name: string,
  vote: StoredVote,
): Promise<ApprovalDocument | undefined> {
  const filter: Filter<WholeDocument> = { _id: name, state: 'PENDING', expireTime: { $gt: vote.time } };
  const update: UpdateFilter<WholeDocument> = { $push: { votes: vote }, $set: { updateTime: vote.time } };
  const options = { ...WITHOUT_QUESTION, session, returnDocument: 'after' } as const;
  return (await approvals(database).findOneAndUpdate(filter, update, options)) ?? undefined;
}

/**
 * Destroys what reviewers read of these exchanges, with its wrapped key, and the digest of the request, by which a text could
 * be guessed. The approvals can no longer let anything go on, nor be found by an identical request.
 * @returns how many questions there were
 */
export async function eraseQuestions(
  database: Database,
  session: ClientSession,
  exchanges: readonly string[],
  eraseTime: Date,
): Promise<number> {
  const filter = { exchange: { $in: [...exchanges] }, question: { $exists: true } };
  const update = {
    $unset: { question: '' as const, openKey: '' as const },
    $set: { eraseTime, requestDigest: Buffer.alloc(0) },
  };
  return (await approvals(database).updateMany(filter, update, { session })).modifiedCount;
}

/** Whether there is anything left that reviewers read of these exchanges. */
export async function hasQuestions(database: Database, exchanges: readonly string[]): Promise<boolean> {
  const filter = { exchange: { $in: [...exchanges] }, question: { $exists: true } };
  return (await approvals(database).findOne(filter, { projection: { _id: 1 } })) !== null;
}

/** Names of open approvals that are overdue, the longest overdue first. */
export async function listOverdue(database: Database, time: Date, limit: number): Promise<string[]> {
  const found = await approvals(database)
    .find({ state: { $in: ['PENDING', 'APPROVED'] }, expireTime: { $lte: time } })
    .project<{ _id: string }>({ _id: 1 })
    .sort({ expireTime: 1 })
    .limit(limit)
    .toArray();
  return found.map((document) => document._id);
}

/** Whose approvals: those addressed to any of these groups, those that a plane asked for, or all. */
export type Audience = { readonly groups: readonly string[] } | { readonly plane: string } | 'all';

/** Approvals, newest first, after a position. No states means all states. */
export function listApprovals(
  database: Database,
  audience: Audience,
  states: readonly ApprovalState[],
  after: Position | undefined,
  limit: number,
): Promise<ApprovalDocument[]> {
  const filter: Filter<WholeDocument> = {
    $and: [
      audienceFilter(audience),
      states.length === 0 ? {} : { state: { $in: [...states] } },
      beyond('createTime', after, -1),
    ],
  };
  return approvals(database)
    .find(filter, WITHOUT_QUESTION)
    .sort({ createTime: -1, _id: -1 })
    .limit(limit)
    .toArray();
}

/** Name and state of the approvals that are pending or changed since then, at most `limit`, newest changes first. */
export async function listRecent(
  database: Database,
  audience: Audience,
  since: Date,
  limit: number,
): Promise<{ readonly _id: string; readonly state: ApprovalState }[]> {
  const filter: Filter<WholeDocument> = {
    $and: [audienceFilter(audience), { $or: [{ state: 'PENDING' }, { updateTime: { $gte: since } }] }],
  };
  return await approvals(database)
    .find(filter)
    .project<{ _id: string; state: ApprovalState }>({ state: 1 })
    .sort({ updateTime: -1, _id: -1 })
    .limit(limit)
    .toArray();
}

/** The approvals of these names that exist, oldest first. */
export function readApprovals(database: Database, names: readonly string[]): Promise<ApprovalDocument[]> {
  return approvals(database)
    .find({ _id: { $in: [...names] } }, WITHOUT_QUESTION)
    .sort({ createTime: 1, _id: 1 })
    .toArray();
}

function audienceFilter(audience: Audience): Filter<WholeDocument> {
  if (audience === 'all') return {};
  if ('plane' in audience) return { planes: audience.plane };
  return { reviewers: { $in: [...audience.groups] } };
}

function approvals(database: Database): Collection<WholeDocument> {
  return database.db.collection<WholeDocument>('approvals', PLAIN_TYPES);
}
