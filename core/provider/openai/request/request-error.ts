/** A request that Sworn does not accept. The message holds none of its content. */
export class RequestError extends Error {
  /** The member that is at fault, `query`, or `''` for the body as a whole. */
  readonly place: string;

  constructor(message: string, place: string) {
    super(message);
    this.name = 'RequestError';
    this.place = place;
  }
}
