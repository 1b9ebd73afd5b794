/** A pattern that is not accepted: wrong, unsupported, or too large. */
export class PatternError extends Error {
  /** Where in the source, in UTF-16 units from its start. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(`${message} (at ${position})`);
    this.name = 'PatternError';
    this.position = position;
  }
}
