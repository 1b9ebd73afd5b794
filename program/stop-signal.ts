/** npm and a terminal may both deliver the same Ctrl-C: a second signal within this is the first one's echo. */
const SIGNAL_ECHO_MS = 1_000;

/**
 * Aborts at the first SIGINT or SIGTERM, with the name of the signal as the message of its reason; a second one, once it cannot
 * be the first one's echo, exits at once. To be called once in a process.
 *
 * @param exitCode of the second signal
 */
export function stopSignal(exitCode: number): AbortSignal {
  const controller = new AbortController();
  let firstMs: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    const nowMs = performance.now();
    if (firstMs === undefined) {
      firstMs = nowMs;
      // Node that ends by itself gives its handlers back a while before it is gone: an echo would kill it then.
      process.once('beforeExit', () => process.exit());
      controller.abort(new DOMException(signal, 'AbortError'));
    } else if (nowMs - firstMs > SIGNAL_ECHO_MS) {
      process.exit(exitCode);
    }
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return controller.signal;
}
