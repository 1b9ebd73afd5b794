import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { fail } from '../api/fail.ts';

/**
 * Ends a stream that was aborted with an error: one that just ended would look complete.
 * @throws ConnectError DRAINING
 */
export function stopIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw fail(Reason.DRAINING, 'the stream was ended before its end; start it again');
}
