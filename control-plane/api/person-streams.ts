import { ConnectError, type Interceptor } from '@connectrpc/connect';
import type { Logger } from 'pino';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Call, explainError } from './errors.ts';
import { fail } from './fail.ts';
import { type Person, personAgainKey, personKey } from './identity.ts';

/** For so long a stream goes on while nobody can say whether its reader still may: the store, or their issuer, is away. */
const UNKNOWN_MS = 30_000;

/** The streams of people that this replica serves. */
export interface PersonStreams {
  /** Stands outside the one that explains errors: services and that one have its signal. */
  readonly interceptor: Interceptor;
  /** Looks at all of them: to be called when the configuration may have changed, and every few seconds. */
  sweep(): void;
}

/**
 * Ends a person's stream when what let them in holds no more: the token has ended or was revoked, its issuer is not trusted any
 * more, a role was taken away. It is asked anew at each change of the configuration, by whichever replica, and every few seconds.
 */
export function createPersonStreams(logger: Logger): PersonStreams {
  const streams = new Set<() => void>();
  const interceptor: Interceptor = (next) => async (request) => {
    const { contextValues: values, method, signal } = request;
    const [person, admitAgain] = [values.get(personKey), values.get(personAgainKey)];
    if (!request.stream || person === undefined || admitAgain === undefined) return await next(request);
    const ended = new AbortController();
    const look = watchPerson(person, admitAgain, ended, { values, method, signal }, logger);
    streams.add(look);
    // Connect aborts it at the end of every call.
    signal.addEventListener('abort', () => streams.delete(look), { once: true });
    // It may have changed between the gate and now.
    look();
    return await next({ ...request, signal: AbortSignal.any([signal, ended.signal]) });
  };
  const sweep = (): void => {
    for (const look of streams) look();
  };
  return { interceptor, sweep };
}

/** @returns what has a person looked at: once at a time, and once more for whoever asked meanwhile */
function watchPerson(
  person: Person,
  admitAgain: () => Promise<Person>,
  ended: AbortController,
  call: Call,
  logger: Logger,
): () => void {
  let knownMs = performance.now();
  let failure: unknown;
  let isLooking = false;
  let isWanted = false;

  const look = async (): Promise<void> => {
    const startMs = performance.now();
    try {
      checkKept(person, await admitAgain());
      knownMs = startMs;
      failure = undefined;
    } catch (error) {
      failure = error;
      if (isRefusal(error)) ended.abort(error);
    }
  };
  const run = async (): Promise<void> => {
    isLooking = true;
    while (isWanted && !ended.signal.aborted && !call.signal.aborted) {
      isWanted = false;
      await look();
    }
    isLooking = false;
  };
  return () => {
    if (performance.now() - knownMs > UNKNOWN_MS) {
      failure ??= fail(Reason.STORE_UNAVAILABLE, 'the store does not answer; try again');
      ended.abort(explainError(failure, call, logger));
    }
    isWanted = true;
    if (!isLooking) void run();
  };
}

/** What a stream is shown follows from what its reader was when it began. */
function checkKept(before: Person, { caller, roles }: Person): void {
  const isKept =
    [...before.roles].every((role) => roles.has(role)) &&
    before.caller.groups.every((group) => caller.groups.includes(group));
  if (!isKept) throw fail(Reason.ROLE_REQUIRED, 'a role or group of yours was taken away; start again');
}

/** Whether it says that they may not, and not merely that nobody can tell. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof ConnectError)) return false;
  return error.findDetails(ErrorDetailSchema)[0]?.metadata['cause'] !== 'issuer_unavailable';
}
