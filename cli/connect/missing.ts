import { Code, ConnectError } from '@connectrpc/connect';
import { RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import type { Invocation } from '../invocation.ts';

/** Of a question that destroys nothing, and is not recorded. */
const ASKING = { authority: 'nobody', reason: 'nothing is destroyed', validateOnly: true };

/** Whether the control plane said that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.NotFound;
}

/** What a call gives; undefined where there is no such thing. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Tells an admin when nothing is on record under the session or exchange that they have just named: it may be still to
 * come, or the name is wrong, and then what was asked for does nothing.
 */
export async function noteMissing({ client, output }: Invocation, name: string): Promise<void> {
  const isSession = name.startsWith('sessions/');
  const scope = isSession
    ? ({ case: 'session', value: name } as const)
    : ({ case: 'exchange', value: name } as const);
  try {
    // One is enough; leaving the loop ends the stream.
    for await (const _ of client(RetentionService).eraseExchanges({ ...ASKING, scope })) return;
  } catch (error) {
    if (!isMissing(error)) throw error;
    const named = isSession ? ", which 'sworn audit sessions' gives, not a name of the application's" : '';
    output.note(`nothing is on record under ${name} yet: check that this is its id${named}`);
  }
}
