import type { Approval } from '#proto/sworn/approval/v1/approval_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { WhoAmIResponse } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';

/** Whether who reads an approval has approved it already. */
export function hasApproved({ caller }: WhoAmIResponse, { votes }: Approval): boolean {
  return votes.some(({ reviewer }) => isSame(reviewer, caller));
}

/** Whether who reads an approval can decide, as far as can be told here; the control plane has the last word. */
export function canDecide(person: WhoAmIResponse, approval: Approval): boolean {
  const { caller, roles } = person;
  const isAddressed = approval.reviewers.some((group) => caller?.groups.includes(group));
  if (!roles.includes(Role.REVIEWER) || !isAddressed) return false;
  return !isSame(approval.caller, caller) && !hasApproved(person, approval);
}

function isSame(one: Caller | undefined, other: Caller | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  const isOneAccount = one.issuer === other.issuer && one.subject === other.subject;
  return isOneAccount || (one.email !== '' && one.email.toLowerCase() === other.email.toLowerCase());
}
