import type { Filter } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { beyond, type Position } from '../keyset.ts';
import { sealedCollection } from '../sealing/sealed.ts';

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
  readonly reasonKey?: Uint8Array;
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
  /** It was withdrawn because the policy that asked has changed. */
  readonly policyChanged?: boolean;
  readonly consumedBy?: { readonly plane: string; readonly exchange: string };
}

/** One person's approval. */
export interface StoredVote {
  /** A serialised sworn.identity.v1.Caller. */
  readonly reviewer: Uint8Array;
  readonly time: Date;
  readonly reason: string;
  /** Of the record's commitment to it; absent where there is none. */
  readonly reasonKey?: Uint8Array;
}

/** With the question, a serialised SealedPayload; only for the one who reads it. */
type WholeDocument = ApprovalDocument & { readonly question?: Uint8Array };

/** What a transition writes beside the state. */
export type TransitionFields = Partial<
  Pick<
    ApprovalDocument,
    'decidedBy' | 'decideTime' | 'reason' | 'reasonKey' | 'consumedBy' | 'waiting' | 'votes' | 'policyChanged'
  >
>;

const approvals = sealedCollection<WholeDocument>('approvals');

const WITHOUT_QUESTION = { projection: { question: 0 } } as const;

/** An approval by name; undefined when there is none. @throws AlteredError */
export async function findApproval(
  database: Database,
  name: string,
  session?: ClientSession,
): Promise<ApprovalDocument | undefined> {
  const options = session === undefined ? WITHOUT_QUESTION : { ...WITHOUT_QUESTION, session };
  return approvals.read(database, await approvals.findOne(database, { _id: name }, options));
}

/** What the reviewer of an approval reads, as its plane sealed it. */
export async function findSealedQuestion(database: Database, name: string): Promise<Uint8Array | undefined> {
  const document = await approvals.of(database).findOne({ _id: name }, { projection: { question: 1 } });
  return document?.question;
}

/** The PENDING or APPROVED approval of a binding, whether or not it is overdue. @throws AlteredError */
export async function findOpenApproval(
  database: Database,
  session: ClientSession,
  openKey: string,
): Promise<ApprovalDocument | undefined> {
  const found = await approvals.findOne(database, { openKey }, { ...WITHOUT_QUESTION, session });
  return approvals.read(database, found);
}

/** Stores a new approval with its sealed question. Fails as a duplicate when its binding is open already; an altered one goes. */
export async function insertApproval(
  database: Database,
  session: ClientSession,
  document: ApprovalDocument,
  question: Uint8Array,
): Promise<void> {
  const { openKey } = document;
  const key = openKey === undefined ? undefined : { openKey };
  await approvals.insert(database, session, { ...document, question }, key);
}

/** Notes that one more plane holds a request for this approval. */
export async function joinApproval(
  database: Database,
  session: ClientSession,
  name: string,
  plane: string,
): Promise<void> {
  const update = { $addToSet: { planes: plane, waiting: plane } };
  await approvals.of(database).updateOne({ _id: name }, update, { session });
}

/** Notes that a plane no longer holds a request for a PENDING approval. */
export async function leaveApproval(
  database: Database,
  session: ClientSession,
  name: string,
  plane: string,
): Promise<void> {
  const update = { $pull: { waiting: plane } };
  await approvals.of(database).updateOne({ _id: name, state: 'PENDING' }, update, { session });
}

/**
 * Moves an approval, as it was read in this transaction, to another state, if `condition` holds in the same instant.
 * Returns it as it is now; undefined when it was not moved.
 */
export async function moveApproval(
  database: Database,
  session: ClientSession,
  document: ApprovalDocument,
  to: ApprovalState,
  time: Date,
  condition: { readonly isExpired: boolean; readonly requestDigest?: Uint8Array },
  fields: TransitionFields = {},
): Promise<ApprovalDocument | undefined> {
  const { requestDigest } = condition;
  const isExpired = document.expireTime <= time;
  if (isExpired !== condition.isExpired) return undefined;
  if (requestDigest !== undefined && Buffer.compare(requestDigest, document.requestDigest) !== 0)
    return undefined;
  const filter: Filter<WholeDocument> = {
    expireTime: condition.isExpired ? { $lte: time } : { $gt: time },
    ...(requestDigest !== undefined && { requestDigest }),
  };
  const set = { ...fields, state: to, updateTime: time };
  const unset = to === 'APPROVED' ? [] : (['openKey'] as const);
  return await approvals.change(database, session, document, { set, unset }, filter);
}

/**
 * Adds an approval of one of several people to an approval, as it was read in this transaction, that is PENDING and not overdue.
 * Returns it as it is now; undefined when it cannot be approved any more.
 */
export async function addVote(
  database: Database,
  session: ClientSession,
  document: ApprovalDocument,
  vote: StoredVote,
): Promise<ApprovalDocument | undefined> {
  if (document.state !== 'PENDING' || document.expireTime <= vote.time) return undefined;
  const filter: Filter<WholeDocument> = { state: 'PENDING', expireTime: { $gt: vote.time } };
  const set = { votes: [...(document.votes ?? []), vote], updateTime: vote.time };
  return await approvals.change(database, session, document, { set }, filter);
}

/**
 * Destroys what reviewers read of these exchanges, with its wrapped key, the digest of the request, by which a text could be
 * guessed, and why they decided so, which may be of a patient; the record commits to that. The approvals can no longer let
 * anything go on, nor be found by an identical request.
 * @returns how many questions there were
 */
export async function eraseQuestions(
  database: Database,
  session: ClientSession,
  exchanges: readonly string[],
  eraseTime: Date,
): Promise<number> {
  const filter = { exchange: { $in: [...exchanges] }, question: { $exists: true } };
  const unset = ['question', 'openKey', 'reason', 'reasonKey'] as const;
  const found = await approvals.find(database, filter, { ...WITHOUT_QUESTION, session });
  for (const document of found) {
    // One that was altered may have anything there.
    const votes = Array.isArray(document.votes) ? document.votes.map(withoutReason) : undefined;
    const set = { eraseTime, requestDigest: Buffer.alloc(0), ...(votes && { votes }) };
    await approvals.change(database, session, document, { set, unset });
  }
  return found.length;
}

function withoutReason({ reasonKey: _key, ...vote }: StoredVote): StoredVote {
  return { ...vote, reason: '' };
}

/** Whether there is anything left that reviewers read of these exchanges. */
export async function hasQuestions(database: Database, exchanges: readonly string[]): Promise<boolean> {
  const filter = { exchange: { $in: [...exchanges] }, question: { $exists: true } };
  return (await approvals.of(database).findOne(filter, { projection: { _id: 1 } })) !== null;
}

/** Ends an open approval that was altered, as it is of no use any more and must not stand in the way of another. */
export async function endAltered(
  database: Database,
  session: ClientSession,
  name: string,
): Promise<undefined> {
  const update = {
    $set: { state: 'EXPIRED' as const },
    $unset: { openKey: true, remindTime: true } as const,
  };
  await approvals.of(database).updateOne({ _id: name }, update, { session });
}

/** Names of open approvals that are overdue, the longest overdue first. */
export async function listOverdue(database: Database, time: Date, limit: number): Promise<string[]> {
  const found = await approvals
    .of(database)
    .find({ state: { $in: ['PENDING', 'APPROVED'] }, expireTime: { $lte: time } })
    .project<{ _id: string }>({ _id: 1 })
    .sort({ expireTime: 1 })
    .limit(limit)
    .toArray();
  return found.map((document) => document._id);
}

/** Whose approvals: those addressed to any of these groups, those that a plane asked for, or all. */
export type Audience = { readonly groups: readonly string[] } | { readonly plane: string } | 'all';

/** Approvals, newest first, after a position, as they stand: a list opens nothing. No states means all states. */
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
  return approvals.find(database, filter, { ...WITHOUT_QUESTION, sort: { createTime: -1, _id: -1 }, limit });
}

/** The approvals of these names that exist and are not altered, oldest first. */
export async function readApprovals(
  database: Database,
  names: readonly string[],
): Promise<ApprovalDocument[]> {
  const found = await approvals.find(
    database,
    { _id: { $in: [...names] } },
    { ...WITHOUT_QUESTION, sort: { createTime: 1, _id: 1 } },
  );
  return approvals.keep(database, found);
}

/** The approvals of an audience. */
export function audienceFilter(audience: Audience): Filter<ApprovalDocument> {
  if (audience === 'all') return {};
  if ('plane' in audience) return { planes: audience.plane };
  return { reviewers: { $in: [...audience.groups] } };
}
