import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { MAX_RECORD_BYTES } from '#core/evidence/record/read.ts';
import type { Grant } from '#proto/sworn/approval/v1/grant_pb.ts';
import type { ConfigurationChange, ProposalStep } from '#proto/sworn/audit/v1/configuration_pb.ts';
import { RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Revocation } from '#proto/sworn/identity/v1/revocation_pb.ts';
import type { PolicyChange } from '#proto/sworn/policy/v1/revision_pb.ts';
import type { Hold } from '#proto/sworn/retention/v1/hold_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import type { ClientSession } from '../storage/database.ts';
import { insertRecords, type RecordDocument } from '../storage/record/records.ts';
import { advanceHead, type Head, readHead, type WriterEpoch } from '../storage/record/writers.ts';
import type { ActionName } from './action-names.ts';

/** Something that was done on the control plane. */
export interface Action {
  /** Who did it; undefined for the control plane itself. */
  readonly caller: Caller | undefined;
  /** `{noun}.{verb}`: `policy.update`, `content.read`. */
  readonly action: ActionName;
  /** What it was done to: `policies/research`. */
  readonly resource: string;
  /** Set when it is a step of an approval: it is then also found among the records of the exchange that waits. */
  readonly approval?: {
    readonly name: string;
    readonly exchange: string;
    readonly session: string;
    readonly policyRevision: bigint;
  };
  /** Set in alarms of a contradiction: what was stored, what was offered. */
  readonly conflict?: readonly WriterHead[];
  /** Set in erasures: found among the records of the exchange. */
  readonly erasure?: {
    readonly authority: string;
    readonly scope: string;
    readonly reason: string;
    readonly exchange: string;
    readonly session: string;
  };
  /** Set in steps of a review: they are then found among the records of the exchange. */
  readonly review?: { readonly exchange: string; readonly session: string };
  /** Set when a hold is placed or released: as it is from then on. */
  readonly hold?: Hold;
  /** Set when a plane joins: its Ed25519 key, 32 bytes. */
  readonly planeKey?: Uint8Array;
  /** Set when a policy is changed: the revision that it made. */
  readonly policyChange?: PolicyChange;
  /** Set when somebody is revoked. */
  readonly revocation?: Revocation;
  /** Set when a grant is given. */
  readonly grantCreated?: Grant;
  /** Set in steps of a proposal; what is changed by one has it from the context. */
  readonly proposal?: ProposalStep;
  /** Set when a role binding, issuer, upstream, notifier or plane is changed: what was set. */
  readonly configuration?: ConfigurationChange;
  /** Set when reviewers are asked: SHA-256 of the sealed question. */
  readonly questionSha256?: Uint8Array;
  /** Set when a reviewer gives a reason. */
  readonly reasonCommitment?: Uint8Array;
}

/** A record of a writer, by its place and digest. */
export interface WriterHead extends WriterEpoch, Head {}

/** A replica is a new writer at each start, so it has one epoch. */
const EPOCH = 1n;

/**
 * Records one action as the next record of the writer `control-plane/{replica}`. Within a transaction it is recorded if
 * and only if the transaction commits; without one it is durable when this returns.
 *
 * @throws ConnectError INVALID_ARGUMENT when the record would be longer than a leaf of the log may be
 */
export function recordAction(
  context: Context,
  session: ClientSession | undefined,
  action: Action,
): Promise<void> {
  return session === undefined ? queueAction(context, action) : recordActions(context, session, [action]);
}

/** Records actions in this order, in the given transaction. @throws as recordAction */
export async function recordActions(
  context: Context,
  session: ClientSession,
  actions: readonly Action[],
): Promise<void> {
  const { database } = context;
  const time = context.now();
  const writer = ownWriter(context);
  const head = await readHead(database, writer, session);
  let { seq, digest } = head;
  const proposal = context.proposal?.step;
  const documents = actions.map((action) => {
    const whole = { ...(proposal && { proposal }), ...action };
    const document = toDocument(writer.plane, seq + 1n, digest, time, whole);
    ({ seq, digest } = document);
    return document;
  });
  if (documents.length === 0) return;
  await insertRecords(database, session, documents);
  await advanceHead(database, session, writer, head, { seq, digest }, time);
  database.own.note(session, writer, head, { seq, digest });
}

/** Compares what the store has of this process's own record with what it has stored; `database.own` has what was found. */
export async function lookAtOwnRecord(context: Context): Promise<void> {
  const { database } = context;
  const writer = ownWriter(context);
  const atLeast = database.own.reached(writer);
  if (atLeast === 0n) return;
  // Committed: it was no old answer of a store in the middle of an election.
  const head = await database.transaction((session) => readHead(database, writer, session));
  database.own.compare(writer, head, atLeast);
}

function toDocument(
  plane: string,
  seq: bigint,
  prevHash: Uint8Array,
  time: Date,
  action: Action,
): RecordDocument {
  const {
    approval,
    caller,
    conflict = [],
    erasure,
    hold,
    planeKey,
    resource,
    revocation,
    grantCreated,
    policyChange,
    proposal,
    configuration,
    questionSha256,
    reasonCommitment,
    review,
  } = action;
  const { exchange, session } = approval ?? erasure ?? review ?? { exchange: '', session: '' };
  const kind = approval === undefined ? RecordKind.ACTION : RecordKind.APPROVAL;
  const record = create(RecordSchema, {
    plane,
    epoch: EPOCH,
    seq,
    prevHash: Uint8Array.from(prevHash),
    time: timestampFromDate(time),
    kind,
    exchange,
    session,
    ...(caller === undefined ? {} : { caller }),
    policyRevision: approval?.policyRevision ?? 0n,
    approval: approval?.name ?? '',
    action: action.action,
    resource,
    ...(planeKey === undefined ? {} : { planeKey: Uint8Array.from(planeKey) }),
    conflict: conflict.map((head) => ({ ...head, digest: Uint8Array.from(head.digest) })),
    ...(erasure && { erasure: pickErasure(erasure) }),
    ...(hold && { hold }),
    ...(policyChange && { policyChange }),
    ...(revocation && { revocation }),
    ...(grantCreated && { grantCreated }),
    ...(proposal && { proposal }),
    ...(configuration && { configuration }),
    ...(questionSha256 && { questionSha256: Uint8Array.from(questionSha256) }),
    ...(reasonCommitment && { reasonCommitment: Uint8Array.from(reasonCommitment) }),
  });
  const bytes = toBinary(RecordSchema, record);
  if (bytes.length > MAX_RECORD_BYTES) {
    throw fail(
      Reason.INVALID_ARGUMENT,
      `the record of ${action.action} would be longer than ${MAX_RECORD_BYTES} bytes`,
    );
  }
  const digest = createHash('sha256').update(bytes).digest();
  const fields = { plane, epoch: EPOCH, seq, digest, bytes, kind, exchange, session };
  return { _id: uuidv7(), ...fields, action: action.action, resource, time, receiveTime: time };
}

function pickErasure({ authority, scope, reason }: NonNullable<Action['erasure']>) {
  return { authority, scope, reason };
}

/** The writer that this process is. */
export function ownWriter({ replica }: Context): WriterEpoch {
  return { plane: `control-plane/${replica}`, epoch: EPOCH };
}

interface Waiting {
  readonly action: Action;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Queue {
  waiting: Waiting[];
  isRunning: boolean;
}

/** Records in one transaction at most. */
const MAX_GROUP = 200;
const queues = new WeakMap<Context, Queue>();

/**
 * All actions of a replica extend one chain, so their transactions can only run one after the other: those that wait
 * meanwhile go together into the next one.
 */
async function queueAction(context: Context, action: Action): Promise<void> {
  // Alone, so that an action that cannot be recorded does not fail those beside it.
  toDocument(ownWriter(context).plane, 1n, new Uint8Array(32), context.now(), action);
  const queue = queues.get(context) ?? { waiting: [], isRunning: false };
  queues.set(context, queue);
  await new Promise<void>((resolve, reject) => {
    queue.waiting.push({ action, resolve, reject });
    if (!queue.isRunning) void run(context, queue);
  });
}

async function run(context: Context, queue: Queue): Promise<void> {
  queue.isRunning = true;
  while (queue.waiting.length > 0) {
    const group = queue.waiting.splice(0, MAX_GROUP);
    try {
      await recordGroup(
        context,
        group.map((waiting) => waiting.action),
      );
      for (const waiting of group) waiting.resolve();
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
    }
  }
  queue.isRunning = false;
}

function recordGroup(context: Context, actions: readonly Action[]): Promise<void> {
  return context.database.transaction((session) => recordActions(context, session, actions));
}
