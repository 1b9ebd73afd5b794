import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import { revokePlane, type StoredPlane } from '../storage/configuration/planes.ts';

/**
 * Ends the trust in a plane: its next call is refused, its streams end, its key cannot enroll again. Again is no
 * error.
 * @throws ConnectError NOT_FOUND
 */
export function endTrust(context: Context, caller: Caller, name: string): Promise<StoredPlane> {
  return applyChange(
    context,
    { caller, action: 'plane.revoke', resource: name },
    async (session) => {
      const plane = await revokePlane(context.database, name, context.now(), session);
      if (plane === undefined) throw fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
      return plane;
    },
    'control-plane',
  );
}
