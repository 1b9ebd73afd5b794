import { fromBinary } from '@bufbuild/protobuf';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { findApproval, leaveApproval } from '../storage/approval/approvals.ts';
import { doTransition } from './transition.ts';

/**
 * Notes that no request on this plane waits for the approval any longer. When it is pending and no other plane holds
 * an identical request, it is withdrawn; when it is decided already, nothing happens.
 *
 * @throws ConnectError NOT_FOUND, also for a plane that never asked for it
 */
export async function withdrawApproval(context: Context, plane: string, name: string): Promise<void> {
  const { database } = context;
  await database.transaction(async (session) => {
    const document = await findApproval(database, name, session);
    if (document === undefined || !document.planes.includes(plane)) {
      throw fail(Reason.NOT_FOUND, `${name} does not exist`, { name });
    }
    if (document.state !== 'PENDING') return;
    const isLast = document.waiting.every((waiting) => waiting === plane);
    if (!isLast) return await leaveApproval(database, session, name, plane);
    const caller = fromBinary(CallerSchema, document.caller);
    await doTransition(context, session, document, { to: 'WITHDRAWN', caller, fields: { waiting: [] } });
  });
}
