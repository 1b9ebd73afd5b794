import { Code, ConnectError } from '@connectrpc/connect';
import { type ErrorDetail, ErrorDetailSchema, ReasonSchema } from '#proto/sworn/error/v1/error_pb.ts';
import { describeConnectionFault } from '../../program/connection-fault.ts';

/** What a failed call to the control plane says about itself; undefined when the failure is not the server's own. */
export function readDetail(error: unknown): ErrorDetail | undefined {
  return ConnectError.from(error).findDetails(ErrorDetailSchema)[0];
}

/**
 * For logs: code and reason of a failed call, and where no answer came the fault of the connection; never its message, which
 * may repeat what was sent.
 */
export function describeFailure(error: unknown): { code: string; reason: string; fault?: string } {
  const { code } = ConnectError.from(error);
  const reason = readDetail(error)?.reason;
  const fault = describeConnectionFault(error);
  return {
    code: Code[code],
    reason: reason === undefined ? '' : (ReasonSchema.value[reason]?.name ?? ''),
    ...(fault === undefined ? {} : { fault }),
  };
}
