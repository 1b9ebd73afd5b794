import type { Collection, Filter } from 'mongodb';
import type { ClientSession, Database } from '../database.ts';
import { beyond, type Position } from '../keyset.ts';
import { PLAIN_TYPES } from '../plain-types.ts';

/** Where a proposal stands; sworn.proposal.v1.ProposalState by name. */
export type ProposalState = 'PENDING' | 'APPLIED' | 'REJECTED' | 'WITHDRAWN' | 'EXPIRED';

/** A proposal as it is stored. */
export interface ProposalDocument {
  /** `proposals/{id}`. */
  readonly _id: string;
  readonly state: ProposalState;
  /** A serialised sworn.proposal.v1.ProposalContent, as the seal wrote it. */
  readonly content: Uint8Array;
  readonly createTime: Date;
  readonly expireTime: Date;
  /** A serialised sworn.identity.v1.Caller. */
  readonly decidedBy?: Uint8Array;
  readonly decideTime?: Date;
  readonly decisionReason?: string;
}

/** What the end of a proposal writes. */
export type ProposalEnd = Pick<ProposalDocument, 'content' | 'decidedBy' | 'decideTime' | 'decisionReason'>;

/** Stores a new proposal. */
export async function insertProposal(
  database: Database,
  session: ClientSession,
  document: ProposalDocument,
): Promise<void> {
  await proposals(database).insertOne(document, { session });
}

/** A proposal by name. */
export async function findProposal(
  database: Database,
  name: string,
  session?: ClientSession,
): Promise<ProposalDocument | undefined> {
  return (await proposals(database).findOne({ _id: name }, { ...(session && { session }) })) ?? undefined;
}

/** How many are pending, up to a limit. */
export function countPending(database: Database, session: ClientSession, limit: number): Promise<number> {
  return proposals(database).countDocuments({ state: 'PENDING' }, { session, limit });
}

/** Ends a PENDING proposal. Returns it as it is now; undefined when it was not pending. */
export async function endProposal(
  database: Database,
  session: ClientSession,
  name: string,
  state: Exclude<ProposalState, 'PENDING'>,
  end: ProposalEnd,
): Promise<ProposalDocument | undefined> {
  const options = { session, returnDocument: 'after' } as const;
  const update = { $set: { ...end, state } };
  return (
    (await proposals(database).findOneAndUpdate({ _id: name, state: 'PENDING' }, update, options)) ??
    undefined
  );
}

/** Names of PENDING proposals whose time is over, the longest overdue first. */
export async function listOverdueProposals(database: Database, now: Date, limit: number): Promise<string[]> {
  const found = await proposals(database)
    .find({ state: 'PENDING', expireTime: { $lte: now } })
    .project<{ _id: string }>({ _id: 1 })
    .sort({ expireTime: 1 })
    .limit(limit)
    .toArray();
  return found.map(({ _id }) => _id);
}

/** Proposals, newest first, after a position. No states means all states. */
export function listProposals(
  database: Database,
  states: readonly ProposalState[],
  after: Position | undefined,
  limit: number,
): Promise<ProposalDocument[]> {
  const filter: Filter<ProposalDocument> = {
    $and: [states.length === 0 ? {} : { state: { $in: [...states] } }, beyond('createTime', after, -1)],
  };
  return proposals(database).find(filter).sort({ createTime: -1, _id: -1 }).limit(limit).toArray();
}

function proposals(database: Database): Collection<ProposalDocument> {
  return database.db.collection<ProposalDocument>('proposals', PLAIN_TYPES);
}
