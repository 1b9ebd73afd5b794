/** Why the spool refuses. */
export type SpoolErrorCode =
  /** The disk did not take the entry; it is not in the spool. A later append may succeed. */
  | 'append_failed'
  /** Too little space is left to begin an exchange; what belongs to running ones, and refusals, are still taken. */
  | 'low_space'
  /** The disk does not give entries. A later read may succeed. */
  | 'read_failed'
  /** A segment holds something else than was written. */
  | 'damaged'
  /** The spool is closed or closing. */
  | 'closed';

/** A refusal of the spool, with the cause from the operating system where there is one. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError';
  readonly code: SpoolErrorCode;

  constructor(code: SpoolErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
