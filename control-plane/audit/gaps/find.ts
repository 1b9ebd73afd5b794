import { create } from '@bufbuild/protobuf';
import { type Gap, GapKind, GapSchema, GapWitness } from '#proto/sworn/audit/v1/gap_pb.ts';
import { type EpochState, largest } from './epoch.ts';

/**
 * What is not here of one writer. Of what is named and not stored, only what was never acknowledged and belongs to the
 * newest epoch may still come: a plane hands its records in in order, so that with the first record of a later epoch here
 * nothing of an earlier one is on its way. Nor is anything where the plane has fewer records than are not here: a database
 * of before was put back, and what follows on what it has is not there any more.
 *
 * @param epochs of one writer, oldest first
 * @param canSend whether the writer is heard of and trusted
 */
export function findGaps(epochs: readonly EpochState[], canSend: boolean): Gap[] {
  const newestStored = largest(epochs.filter(({ last }) => last > 0n).map(({ epoch }) => epoch));
  return withNamed(epochs).flatMap((state) => {
    const mayCome = canSend && state.epoch >= newestStored;
    return [...missing(state, mayCome), ...unclosed(state, epochs)];
  });
}

interface NamedEpoch extends EpochState {
  /** The highest seq that the first record of a later epoch names; 0 when none does. */
  readonly named: bigint;
}

/** Adds what later epochs say of earlier ones, also of those of which nothing else is known. */
function withNamed(epochs: readonly EpochState[]): NamedEpoch[] {
  const named = new Map<bigint, bigint>();
  for (const { previous } of epochs) {
    if (previous !== undefined) {
      named.set(previous.epoch, largest([named.get(previous.epoch), previous.seq]));
    }
  }
  const plane = epochs[0]?.plane ?? '';
  const known = new Set(epochs.map(({ epoch }) => epoch));
  const unknown = [...named.keys()].filter((epoch) => !known.has(epoch));
  return [...epochs, ...unknown.map((epoch) => nothingOf(plane, epoch))]
    .map((state) => ({ ...state, named: named.get(state.epoch) ?? 0n }))
    .sort((a, b) => (a.epoch < b.epoch ? -1 : 1));
}

function nothingOf(plane: string, epoch: bigint): EpochState {
  const nothing = { last: 0n, holes: [], acknowledged: 0n, head: 0n, depth: undefined, isEnded: false };
  return { plane, epoch, ...nothing, previous: undefined, heardTime: undefined };
}

function missing(state: NamedEpoch, mayCome: boolean): Gap[] {
  const { last, acknowledged, head, depth, named, holes } = state;
  const gaps = holes.map((hole) => gapOf(state, GapKind.MISSING, GapWitness.STORED, hole.first, hole.last));
  if (acknowledged > last) {
    gaps.push(gapOf(state, GapKind.MISSING, GapWitness.STORED, last + 1n, acknowledged));
  }
  const safe = largest([last, acknowledged]);
  const end = largest([head, named]);
  if (end > safe) {
    const isThere = depth === undefined || head - safe <= depth;
    const kind = mayCome && isThere ? GapKind.WAITING : GapKind.MISSING;
    const witness = head === end ? GapWitness.HEAD : GapWitness.EPOCH_BEGIN;
    gaps.push(gapOf(state, kind, witness, safe + 1n, end));
  }
  return gaps;
}

/** An epoch without an end is closed by the next one that is here, when that says where it ended. */
function unclosed(state: NamedEpoch, epochs: readonly EpochState[]): Gap[] {
  const { last, isEnded, epoch, acknowledged, head } = state;
  const next = epochs.find((later) => later.epoch > epoch && later.last > 0n);
  if (last === 0n || isEnded || next === undefined || next.previous?.epoch === epoch) return [];
  const first = largest([last, acknowledged, head]) + 1n;
  return [gapOf(state, GapKind.UNCLOSED, GapWitness.EPOCH_BEGIN, first, 0n)];
}

function gapOf(
  { plane, epoch }: EpochState,
  kind: GapKind,
  witness: GapWitness,
  firstSeq: bigint,
  lastSeq: bigint,
): Gap {
  return create(GapSchema, { kind, plane, epoch, firstSeq, lastSeq, witness });
}
