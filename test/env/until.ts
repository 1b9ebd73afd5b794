const POLL_MS = 25;

/**
 * Resolves once the condition holds; rejects, saying what did not come, when it does not within the deadline.
 * @param pollMs how often it is looked at: less often where a look costs much
 */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  deadlineMs = 60_000,
  pollMs = POLL_MS,
): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
