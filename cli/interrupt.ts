import { EXIT } from './failure.ts';

/** The launcher and the terminal may deliver one Ctrl-C twice; a second one counts only after this. */
const SECOND_SIGNAL_AFTER_MS = 1_000;

let controller: AbortController | undefined;

/**
 * The signal that aborts on Ctrl-C (SIGINT) or SIGTERM; a second one, later, ends the process at once. The handlers
 * are installed at the first call, so that commands with their own (`sworn dev`) are not disturbed.
 */
export function interruptSignal(): AbortSignal {
  if (controller !== undefined) return controller.signal;
  const created = new AbortController();
  controller = created;
  let firstAtMs: number | undefined;
  const interrupt = () => {
    firstAtMs ??= performance.now();
    if (performance.now() - firstAtMs > SECOND_SIGNAL_AFTER_MS) process.exit(EXIT.interrupted);
    created.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return created.signal;
}
