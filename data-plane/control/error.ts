/** Why a plane cannot start. */
export type ControlErrorCode =
  /** The plane is not enrolled and has no join token. */
  | 'join_token_missing'
  /** The control plane did not accept the join token. */
  | 'join_token_refused'
  /** The control plane did not answer in time, or failed. */
  | 'control_plane_unreachable'
  /** The plane's state on disk is not what a plane wrote. */
  | 'state_unreadable'
  /** The state directory has the records of another plane. */
  | 'state_foreign';

/** A plane that cannot start; its message says what to do. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
