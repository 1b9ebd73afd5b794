import { Code, ConnectError } from '@connectrpc/connect';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';

/** A reason that an RPC may fail with. */
export type FailReason = Exclude<keyof typeof Reason, 'UNSPECIFIED'>;

/** The Connect code of every reason: the one table. */
const CODES: Readonly<Record<FailReason, Code>> = {
  UNAUTHENTICATED: Code.Unauthenticated,
  ROLE_REQUIRED: Code.PermissionDenied,
  INVALID_ARGUMENT: Code.InvalidArgument,
  INVALID_PAGE_TOKEN: Code.InvalidArgument,
  INVALID_UPDATE_MASK: Code.InvalidArgument,
  NOT_FOUND: Code.NotFound,
  ALREADY_EXISTS: Code.AlreadyExists,
  ETAG_MISMATCH: Code.Aborted,
  POLICY_INVALID: Code.InvalidArgument,
  JOIN_TOKEN_INVALID: Code.PermissionDenied,
  PLANE_REVOKED: Code.PermissionDenied,
  APPROVAL_NOT_PENDING: Code.FailedPrecondition,
  APPROVAL_NOT_USABLE: Code.FailedPrecondition,
  OWN_REQUEST: Code.PermissionDenied,
  NOT_ADDRESSED: Code.PermissionDenied,
  RECORD_GAP: Code.FailedPrecondition,
  RECORD_CONFLICT: Code.AlreadyExists,
  IN_USE: Code.FailedPrecondition,
  STORE_UNAVAILABLE: Code.Unavailable,
  DRAINING: Code.Unavailable,
  INTERNAL: Code.Internal,
  EVIDENCE_KEY_UNAVAILABLE: Code.FailedPrecondition,
  CONTENT_ALTERED: Code.DataLoss,
  CONTENT_ERASED: Code.FailedPrecondition,
  ALREADY_APPROVED: Code.FailedPrecondition,
  PERSON_REQUIRED: Code.PermissionDenied,
  LOCKS_OUT: Code.FailedPrecondition,
  REVIEW_NOT_PENDING: Code.FailedPrecondition,
  PROPOSAL_REQUIRED: Code.FailedPrecondition,
  PROPOSAL_NOT_PENDING: Code.FailedPrecondition,
  PROPOSAL_CONFLICT: Code.Aborted,
};

const NAMES = new Map<Reason, FailReason>(
  (Object.keys(CODES) as FailReason[]).map((name) => [Reason[name], name]),
);

/**
 * The error of an RPC: throw it. The Connect code follows from the reason; programs read the attached ErrorDetail.
 *
 * @param message For a person: what is wrong and what to do. No secret, no content of a prompt.
 * @param metadata What it is about: field paths, resource names, revisions.
 */
export function fail(
  reason: Reason,
  message: string,
  metadata: Readonly<Record<string, string>> = {},
): ConnectError {
  const name = NAMES.get(reason) ?? 'INTERNAL';
  const detail = { desc: ErrorDetailSchema, value: { reason: Reason[name], metadata: { ...metadata } } };
  return new ConnectError(message, CODES[name], undefined, [detail]);
}

/** The reason that an RPC's error carries, if it is one of ours. */
export function reasonOf(error: unknown): Reason | undefined {
  if (!(error instanceof ConnectError)) return undefined;
  return error.findDetails(ErrorDetailSchema)[0]?.reason;
}
