/** A pattern that is not accepted: wrong, unsupported, or too large. */
export class PatternError extends Error {
  /** Where in the source, in UTF-16 units from its start. */
  readonly position: number;
  /** The message without the position. */
  readonly reason: string;

  constructor(reason: string, position: number) {
    super(`${reason} (at ${position})`);
    this.name = 'PatternError';
    this.reason = reason;
    this.position = position;
  }
}
