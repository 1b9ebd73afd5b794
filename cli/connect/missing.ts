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

/** Whether something is on record under a session or exchange. */
export async function isOnRecord({ client }: Invocation, name: string): Promise<boolean> {
  const scope = name.startsWith('sessions/')
    ? ({ case: 'session', value: name } as const)
    : ({ case: 'exchange', value: name } as const);
  try {
    // One is enough; leaving the loop ends the stream.
    for await (const _ of client(RetentionService).eraseExchanges({ ...ASKING, scope })) break;
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Says what may be wrong with a name that nothing is on record under. */
export function missingText(name: string): string {
  const named = name.startsWith('sessions/')
    ? ", which 'sworn audit sessions' gives, not a name of the application's"
    : '';
  return `nothing is on record under ${name} yet: check that this is its id${named}`;
}
