import type { UnloggedEpoch } from '../storage/record/writers.ts';

/** Records of one epoch that become leaves next: the first `count` of those from `first` to `last`. */
export interface Share {
  readonly plane: string;
  readonly epoch: bigint;
  readonly first: bigint;
  /** The newest that is stored. */
  readonly last: bigint;
  readonly count: number;
}

/**
 * Which of the waiting records become leaves next: at most `limit`, shared fairly among the planes, so that a plane with
 * a long backlog does not hold up the others. A plane's come by epoch and seq.
 *
 * @param epochs by plane and epoch
 */
export function shareOut(epochs: readonly UnloggedEpoch[], limit: number): Share[] {
  const waiting = epochs.filter(({ seq, loggedSeq }) => seq > loggedSeq);
  const planes = [...Map.groupBy(waiting, ({ plane }) => plane).values()]
    .map((ofPlane) => ({ ofPlane, count: ofPlane.reduce((sum, epoch) => sum + countOf(epoch), 0) }))
    .sort((a, b) => a.count - b.count);
  let left = limit;
  return planes.flatMap(({ ofPlane, count }, at) => {
    const share = Math.min(count, Math.ceil(left / (planes.length - at)));
    left -= share;
    return takeFirst(ofPlane, share);
  });
}

function takeFirst(epochs: readonly UnloggedEpoch[], share: number): Share[] {
  let left = share;
  const shares: Share[] = [];
  for (const epoch of epochs) {
    const count = Math.min(left, countOf(epoch));
    if (count === 0) break;
    left -= count;
    shares.push({
      plane: epoch.plane,
      epoch: epoch.epoch,
      first: epoch.loggedSeq + 1n,
      last: epoch.seq,
      count,
    });
  }
  return shares;
}

function countOf({ seq, loggedSeq }: UnloggedEpoch): number {
  return Number(seq - loggedSeq);
}
