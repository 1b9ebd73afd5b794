import type { Head, WriterEpoch } from '../storage/record/writers.ts';

/** A writer says two things about one record, or goes on where it had ended. */
export interface Conflict extends WriterEpoch {
  /** What came first. */
  readonly stored: Head;
  /** What contradicts it. */
  readonly offered: Head;
  /** The seq of the record that is refused; that of `offered` where none is. */
  readonly refused?: bigint;
  /** For a person. */
  readonly why: string;
}

/** Records, or a head, that contradict what is there. Whoever answers the plane makes it an alarm. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  readonly conflict: Conflict;

  constructor(conflict: Conflict) {
    super(`record ${conflict.refused ?? conflict.offered.seq} of epoch ${conflict.epoch}: ${conflict.why}`);
    this.conflict = conflict;
  }
}
