import type { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { reasonOf } from '../../control-plane/api/fail.ts';

/** The reason that a call is refused for, undefined when it succeeds; throws when it fails without a reason. */
export async function refusal(call: Promise<unknown>): Promise<Reason | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    return reason;
  }
}
