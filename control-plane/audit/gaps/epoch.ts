import { fromBinary } from '@bufbuild/protobuf';
import { RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Context } from '../../context.ts';
import type { Database } from '../../storage/database.ts';
import {
  type Acknowledged,
  findEdge,
  findHoles,
  findLast,
  firstSince,
  type LastRecord,
  listAcknowledged,
  listStored,
  type SeqRange,
} from '../../storage/record/coverage.ts';
import { listPlaneHeads, type PlaneHeads } from '../../storage/record/plane-heads.ts';
import type { WriterEpoch } from '../../storage/record/writers.ts';

/** What is known of one epoch of one writer. */
export interface EpochState extends WriterEpoch {
  /** The highest stored seq; 0 when nothing is stored. */
  readonly last: bigint;
  /** What is not stored below it; where a time is asked for, among what was received since. */
  readonly holes: readonly SeqRange[];
  /** Up to where the control plane said that it is stored; 0 when it said nothing. */
  readonly acknowledged: bigint;
  /** Up to where the plane said, signed, that it has written; 0 when it said nothing. */
  readonly head: bigint;
  /** How many records it had when it said so that were not handed in; undefined when it did not say. */
  readonly depth: bigint | undefined;
  /** Its last stored record is EPOCH_END. */
  readonly isEnded: boolean;
  /** Where its first record says that an earlier epoch ended; undefined where it says nothing, or is not here. */
  readonly previous: { readonly epoch: bigint; readonly seq: bigint } | undefined;
  /** When the last of it came, records or a head. */
  readonly heardTime: Date | undefined;
}

/** Which holes are looked for. */
export interface HoleSearch {
  /** Among records that were received at or after; among all where undefined. */
  readonly since: Date | undefined;
  /** So many of an epoch. */
  readonly limit: number;
  /** Ends the search, which then throws its reason. */
  readonly signal: AbortSignal;
}

/** Reads what is known of all epochs of a writer, or of all writers, by writer and epoch. */
export async function readEpochs(
  context: Context,
  plane: string | undefined,
  search: HoleSearch,
): Promise<Map<string, EpochState[]>> {
  const { database } = context;
  // Before the records: what is acknowledged meanwhile is no gap.
  const heads = byName(await listPlaneHeads(database, plane));
  const acknowledged = byName(await listAcknowledged(database, plane));
  const stored = byName(await listStored(database, plane));
  const all = new Map<string, WriterEpoch>([...stored, ...acknowledged, ...heads]);
  const states: EpochState[] = [];
  for (const [name, { plane, epoch }] of all) {
    const parts = { acknowledged: acknowledged.get(name), heads: heads.get(name) };
    states.push(await readEpoch(context, { plane, epoch }, parts, search));
  }
  states.sort((a, b) => (a.plane === b.plane ? compare(a.epoch, b.epoch) : compare(a.plane, b.plane)));
  return Map.groupBy(states, (state) => state.plane);
}

async function readEpoch(
  { database }: Context,
  writer: WriterEpoch,
  parts: {
    readonly acknowledged: Acknowledged | undefined;
    readonly heads: PlaneHeads | undefined;
  },
  search: HoleSearch,
): Promise<EpochState> {
  const { acknowledged, heads } = parts;
  const edge = await findLast(database, writer);
  const last = edge?.seq ?? 0n;
  const first = last === 0n ? undefined : await findEdge(database, writer, 1n);
  const { batch, heartbeat } = heads ?? {};
  const times = [acknowledged?.updateTime, batch?.receiveTime, heartbeat?.receiveTime];
  return {
    ...writer,
    last,
    holes: edge === undefined ? [] : await holesOf(database, writer, edge, search),
    // A batch's head is stored together with its records.
    acknowledged: largest([acknowledged?.seq, batch?.seq]),
    head: largest([heartbeat?.seq]),
    depth: heartbeat?.depth,
    isEnded: edge?.kind === RecordKind.EPOCH_END,
    previous: first && readPrevious(first.bytes),
    heardTime: latest(times),
  };
}

async function holesOf(
  database: Database,
  writer: WriterEpoch,
  { seq, receiveTime }: LastRecord,
  { since, limit, signal }: HoleSearch,
): Promise<SeqRange[]> {
  if (since !== undefined && receiveTime < since) return [];
  const first = since === undefined ? 1n : await firstSince(database, writer, seq, since);
  return await findHoles(database, writer, { first, last: seq }, limit, signal);
}

/** Bytes that are no record any more say nothing; that they were changed is for verification to tell. */
function readPrevious(bytes: Uint8Array): EpochState['previous'] {
  try {
    const { previous } = fromBinary(RecordSchema, bytes);
    return previous && { epoch: previous.epoch, seq: previous.seq };
  } catch {
    return undefined;
  }
}

/** The latest of these times; undefined when there is none. */
export function latest(times: readonly (Date | undefined)[]): Date | undefined {
  const known = times.flatMap((time) => (time === undefined ? [] : [time.getTime()]));
  return known.length === 0 ? undefined : new Date(Math.max(...known));
}

/** The largest of these seqs; 0 when there is none. */
export function largest(seqs: readonly (bigint | undefined)[]): bigint {
  let most = 0n;
  for (const seq of seqs) if (seq !== undefined && seq > most) most = seq;
  return most;
}

function byName<T extends WriterEpoch>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [`${item.plane}/epochs/${item.epoch}`, item]));
}

function compare<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
