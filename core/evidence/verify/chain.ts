import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { equalBytes, HASH_BYTES } from '../merkle/hash.ts';
import type { VerifiedRecord } from '../record/read.ts';
import { Digests } from './digests.ts';
import type { FaultList, RecordPlace } from './fault.ts';

/** What is known of one epoch of one writer. */
export interface EpochState {
  readonly plane: string;
  readonly epoch: bigint;
  /** Of its last record so far. */
  seq: bigint;
  digest: Uint8Array;
  index: number;
  /** Of the first one that came. */
  readonly firstIndex: number;
  isEnded: boolean;
  /** What its first record says of the one before; undefined where it says nothing or did not come. */
  previous: VerifiedRecord['previous'];
  /** Its first record came. */
  isBegun: boolean;
  /** Of all its records that came. */
  readonly digests: Digests;
}

const ZERO = new Uint8Array(HASH_BYTES);

/** Whether a writer is a plane: it signs heads, and begins and ends its epochs. Replicas of the control plane do not. */
export function isPlane(writer: string): boolean {
  return writer.startsWith('planes/');
}

/** Checks that the records of each epoch follow one another. Holds a state for each epoch and 32 bytes for each record. */
export class ChainCheck {
  readonly #faults: FaultList;
  readonly #isComplete: boolean;
  readonly #epochs = new Map<string, EpochState>();

  /** @param isComplete whether all records come; else only neighbours are compared */
  constructor(isComplete: boolean, faults: FaultList) {
    this.#isComplete = isComplete;
    this.#faults = faults;
  }

  /** All epochs that have records, by their first one's place. */
  get epochs(): ReadonlyMap<string, EpochState> {
    return this.#epochs;
  }

  /** Takes the next record. */
  add(record: VerifiedRecord, digest: Uint8Array, place: RecordPlace & { readonly index: number }): void {
    const { plane, epoch, seq, kind } = record;
    const key = epochKey(plane, epoch);
    const before = this.#epochs.get(key);
    if (before !== undefined && seq <= before.seq) {
      this.#faults.add('seq_repeated', `seq ${seq} comes after seq ${before.seq}`, place);
      return;
    }
    const expected = (before?.seq ?? 0n) + 1n;
    if (seq === expected) this.#checkFollows(record, before, place);
    else if (this.#isComplete) {
      const range = seq - 1n === expected ? `${expected}` : `${expected} to ${seq - 1n}`;
      this.#faults.add('seq_missing', `the records before it, seq ${range}, are missing`, place);
    }
    this.#checkBegin(record, place);
    const isEnd = kind === RecordKind.EPOCH_END;
    if (before === undefined) {
      const isBegun = seq === 1n;
      const { previous } = record;
      const digests = new Digests();
      digests.add(seq, digest);
      this.#epochs.set(key, {
        digests,
        plane,
        epoch,
        seq,
        digest,
        index: place.index,
        firstIndex: place.index,
        isEnded: isEnd,
        previous,
        isBegun,
      });
    } else {
      before.digests.add(seq, digest);
      Object.assign(before, { seq, digest, index: place.index, isEnded: before.isEnded || isEnd });
    }
  }

  /** Compares what epochs say of those before them, once all records have come. */
  finish(): void {
    if (!this.#isComplete) return;
    for (const epochs of Map.groupBy(this.#epochs.values(), ({ plane }) => plane).values()) {
      const ordered = epochs
        .filter(({ plane }) => isPlane(plane))
        .sort((a, b) => (a.epoch < b.epoch ? -1 : 1));
      ordered.forEach((state, at) => {
        this.#checkPrevious(state, ordered[at - 1]);
      });
    }
  }

  #checkFollows(record: VerifiedRecord, before: EpochState | undefined, place: RecordPlace): void {
    if (!equalBytes(record.prevHash, before?.digest ?? ZERO)) {
      const what = before === undefined ? 'is not zero' : `is not the digest of seq ${before.seq}`;
      this.#faults.add('chain_broken', `prev_hash ${what}`, place);
    }
    if (before?.isEnded === true) {
      this.#faults.add('epoch_end_passed', `the epoch had ended with seq ${before.seq}`, place);
    }
  }

  #checkBegin({ kind, plane, seq }: VerifiedRecord, place: RecordPlace): void {
    if (!isPlane(plane) || (kind === RecordKind.EPOCH_BEGIN) === (seq === 1n)) return;
    this.#faults.add('epoch_begin_wrong', 'the first record of an epoch is EPOCH_BEGIN, and no other', place);
  }

  #checkPrevious(state: EpochState, before: EpochState | undefined): void {
    const { plane, epoch, previous, isBegun } = state;
    const place = { index: state.firstIndex, plane, epoch, seq: 1n };
    if (previous === undefined) {
      if (before === undefined || !isBegun) return;
      if (before.isEnded) {
        const message = `epoch ${epoch} does not say that epoch ${before.epoch} was before it`;
        this.#faults.add('previous_contradicted', message, place);
        return;
      }
      const { index, seq } = before;
      const message = `it has no end, and epoch ${epoch} does not say where it ended`;
      this.#faults.add('epoch_unclosed', message, { index, plane, epoch: before.epoch, seq });
      return;
    }
    const named = this.#epochs.get(epochKey(previous.plane, previous.epoch));
    const isPassed = before !== undefined && previous.epoch < before.epoch;
    if (isPassed && !before.isEnded) {
      const message = `it has no end, and epoch ${epoch} goes on from an earlier one`;
      const { index, seq } = before;
      this.#faults.add('epoch_unclosed', message, { index, plane, epoch: before.epoch, seq });
    }
    if (previous.plane !== plane || previous.epoch >= epoch) {
      this.#faults.add('previous_contradicted', 'previous is no earlier epoch of its plane', place);
    } else if (named === undefined || named.seq < previous.seq) {
      const missing = { plane, epoch: previous.epoch, seq: previous.seq };
      this.#faults.add('record_missing', `epoch ${epoch} begins after it, and it is not in the log`, missing);
    } else if (named.seq > previous.seq || !equalBytes(named.digest, previous.digest)) {
      const message = `epoch ${epoch} begins after another record than the last one of epoch ${named.epoch}`;
      this.#faults.add('previous_contradicted', message, place);
    } else if (isPassed && before.isEnded) {
      // Its disk was set back, or there are two of it.
      const message = `epoch ${epoch} begins after epoch ${named.epoch}, and epoch ${before.epoch} was between them`;
      this.#faults.add('previous_contradicted', message, place);
    }
  }
}

/** The key of an epoch in maps. */
export function epochKey(plane: string, epoch: bigint): string {
  return `${plane} ${epoch}`;
}
