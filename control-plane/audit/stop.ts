import { ConnectError } from '@connectrpc/connect';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { fail } from '../api/fail.ts';

/**
 * Ends a stream that was aborted with an error: one that just ended would look complete.
 * @throws ConnectError what it was aborted with, or DRAINING
 */
export function stopIfAborted({ aborted, reason }: AbortSignal): void {
  if (!aborted) return;
  if (reason instanceof ConnectError) throw reason;
  throw fail(Reason.DRAINING, 'the stream was ended before its end; start it again');
}
