import { ConnectError } from '@connectrpc/connect';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';

/** The reason and metadata with which a call fails; throws when it does not fail, or with another kind of error. */
export async function failure(
  promise: Promise<unknown>,
): Promise<{ reason: Reason; metadata: Record<string, string> }> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConnectError)) throw error;
  const [detail] = error.findDetails(ErrorDetailSchema);
  return { reason: detail?.reason ?? Reason.UNSPECIFIED, metadata: detail?.metadata ?? {} };
}
