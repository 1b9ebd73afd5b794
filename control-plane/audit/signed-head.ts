import { timestampDate } from '@bufbuild/protobuf/wkt';
import { EvidenceError } from '#core/evidence/error.ts';
import { verifyStatement } from '#core/evidence/statement/sign.ts';
import { formatStatement } from '#core/evidence/statement/statement.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { SignedHead } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { fail } from '../api/fail.ts';
import type { PlaneIdentity } from '../api/identity.ts';
import type { StoredHead } from '../storage/record/plane-heads.ts';
import { MAX_INT64 } from './batch.ts';

/** A head whose signature is its plane's. */
export interface PlaneHead extends Omit<StoredHead, 'receiveTime'> {
  readonly epoch: bigint;
}

/**
 * Verifies a head with the key that its plane enrolled with.
 * @throws ConnectError INVALID_ARGUMENT (metadata: head)
 */
export function readSignedHead(plane: PlaneIdentity, signed: SignedHead): PlaneHead {
  const { head, time: stamp, signature } = signed;
  if (head === undefined || stamp === undefined) throw invalidHead('has no head, or no time');
  if (head.plane !== plane.name) throw invalidHead('is of another plane');
  if (head.epoch < 1n || head.epoch > MAX_INT64 || head.seq > MAX_INT64) {
    throw invalidHead('has an epoch or seq that no record has');
  }
  const time = timestampDate(stamp);
  const { epoch, seq, digest } = head;
  try {
    const text = formatStatement('head', { plane: plane.name, epoch, seq, digest, time });
    verifyStatement('head', { text, signature }, plane.publicKey);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw invalidHead(error.message);
  }
  return { epoch, seq, digest, time, signature };
}

/** The error for a head that says nothing. */
export function invalidHead(why: string): Error {
  return fail(Reason.INVALID_ARGUMENT, `head: ${why}`, { head: why });
}
