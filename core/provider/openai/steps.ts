/** What is read in steps: between them others may have their turn. Nothing is read before it is asked for. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** All steps at a stretch. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
