import type { Logger } from 'pino';
import { Backoff } from './backoff.ts';
import { describeFailure } from './reason.ts';

export interface FollowOptions<T> {
  /** For the log. */
  readonly stream: string;
  /** Opens the stream. Nothing but this signal ends it: leaving the loop does not cancel the call. */
  readonly open: (signal: AbortSignal) => AsyncIterable<T>;
  /** Called with each message in turn. */
  readonly onMessage: (message: T) => Promise<void> | void;
  /** Called when the stream has ended, with its error where it had one. */
  readonly onEnd: (error: unknown) => Promise<void> | void;
  /** Without a message for so long the stream counts as dead: heartbeats come more often. */
  readonly silenceMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Keeps a server stream open until `signal` aborts: reopens it, with jitter, when it ends, fails or goes silent. */
export async function followStream<T>(options: FollowOptions<T>): Promise<void> {
  const { stream, logger, signal } = options;
  const backoff = new Backoff();
  while (!signal.aborted) {
    const attempt = new AbortController();
    const silence = setTimeout(() => attempt.abort(new Error('no heartbeat')), options.silenceMs);
    let failure: unknown;
    try {
      for await (const message of options.open(AbortSignal.any([signal, attempt.signal]))) {
        silence.refresh();
        backoff.reset();
        await options.onMessage(message);
        if (signal.aborted) break;
      }
    } catch (error) {
      failure = error;
    } finally {
      clearTimeout(silence);
      attempt.abort();
    }
    if (signal.aborted) return;
    logger.warn(
      { stream, ...(failure === undefined ? {} : describeFailure(failure)) },
      'stream ended, reopening',
    );
    await options.onEnd(failure);
    await backoff.wait(signal);
  }
}
