/** A record or its content that is too large: the control plane would never take it, or nobody could open it again. */
export class RecordError extends Error {
  override readonly name = 'RecordError';

  constructor(what: 'record' | 'payload' | 'content', bytes: number, limit: number) {
    super(`a ${what} has ${bytes} bytes; at most ${limit} are allowed`);
  }
}
