import type { StoredLog } from '../storage/log/log.ts';

/** What is wrong with the stored log. */
export type LogFaultCode =
  /** It has fewer leaves than were signed. */
  | 'rolled_back'
  /** It does not begin with the tree that was signed, or its tiles do not lead to its root. */
  | 'inconsistent';

/** @throws LogFault where something other than a control plane wrote how far the log has come: its last leaves may be anybody's */
export function requireOurs({ isOurs, head }: StoredLog): void {
  if (isOurs) return;
  throw new LogFault(
    'inconsistent',
    `no control plane wrote that the log has ${head.size} leaves and this root`,
  );
}

/** The stored log is not the one that this control plane signed. Nothing is added to it or signed. */
export class LogFault extends Error {
  override readonly name = 'LogFault';
  readonly code: LogFaultCode;

  constructor(code: LogFaultCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
