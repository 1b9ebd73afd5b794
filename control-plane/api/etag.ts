import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { fail } from './fail.ts';

/**
 * Guards a write (AIP-154): an etag that was sent must be that of the resource as it is now.
 * @param sent empty when the caller does not ask for the guard
 * @throws ConnectError ETAG_MISMATCH
 */
export function checkEtag(sent: string, current: { readonly name: string; readonly etag: string }): void {
  if (sent === '' || sent === current.etag) return;
  throw fail(Reason.ETAG_MISMATCH, `${current.name} was changed since; read it again, then write`, {
    name: current.name,
  });
}
