import { State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import type { Env } from '../../env/env.ts';

/** A reviewer who does as the prompt says: "Approve", "Deny" or "Nobody decides". */
export function review(env: Env): { close(): Promise<void> } {
  const over = new AbortController();
  const reviewer = env.api(ApprovalService, 'reviewer');
  const watching = (async () => {
    for await (const { approval } of reviewer.watchApprovals({}, { signal: over.signal })) {
      if (approval?.state !== State.PENDING) continue;
      const { name } = approval;
      const asked = await reviewer.getApproval({ name });
      if (asked.approval?.prompt.some(({ text }) => text.includes('Nobody decides'))) continue;
      const approves = asked.approval?.prompt.some(({ text }) => text.includes('Approve')) === true;
      await (approves ? reviewer.approveApproval({ name }) : reviewer.denyApproval({ name, reason: 'No.' }));
    }
  })();
  return {
    close: async () => {
      over.abort();
      await watching.catch(() => {});
    },
  };
}
