/** What a provider sent cannot be read, so it cannot be masked and must not be passed on. */
export class ResponseError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'ResponseError';
  }
}
