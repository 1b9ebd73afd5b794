import { type Approval, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import type { Env } from './env.ts';

/** The pending approval of this caller, as soon as there is one. */
export async function pendingApproval(env: Env, caller = 'clinician'): Promise<Approval> {
  const over = new AbortController();
  try {
    for await (const { approval } of env
      .api(ApprovalService, 'reviewer')
      .watchApprovals({}, { signal: over.signal })) {
      if (approval?.state === State.PENDING && approval.caller?.subject === caller) return approval;
    }
  } finally {
    over.abort();
  }
  throw new Error('the watch ended without a pending approval');
}
