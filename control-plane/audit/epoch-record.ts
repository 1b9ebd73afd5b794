import { type Record, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';

const DIGEST_BYTES = 32;

/** Whether records of this kind begin or end an epoch: they are about no exchange. */
export function isEpochRecord(kind: RecordKind): boolean {
  return kind === RecordKind.EPOCH_BEGIN || kind === RecordKind.EPOCH_END;
}

/**
 * Whether an epoch begins with EPOCH_BEGIN and nothing else has that kind, and whether it names an earlier epoch of the same
 * plane as the one before it. That nothing follows EPOCH_END shows with the next record only.
 * @returns what is wrong; undefined when nothing is
 */
export function checkEpochRecord(record: Record): string | undefined {
  const { kind, seq, previous, exchange, session } = record;
  if ((kind === RecordKind.EPOCH_BEGIN) !== (seq === 1n)) {
    return 'the first record of an epoch is EPOCH_BEGIN, and no other';
  }
  if (isEpochRecord(kind) && (exchange !== '' || session !== '')) {
    return 'the first and last record of an epoch are about no exchange';
  }
  if (previous === undefined) return undefined;
  if (kind !== RecordKind.EPOCH_BEGIN) return 'previous is for EPOCH_BEGIN only';
  const isEarlier = previous.epoch >= 1n && previous.epoch < record.epoch;
  const isHead = previous.seq >= 1n && previous.digest.length === DIGEST_BYTES;
  if (previous.plane !== record.plane || !isEarlier || !isHead) {
    return 'previous must be a record of an earlier epoch of the same plane';
  }
  return undefined;
}
