import { create } from '@bufbuild/protobuf';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import type { Policy } from '#proto/sworn/policy/v1/policy_pb.ts';
import { type Change, ChangeSchema, type Proposal } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import type { Context } from '../../../control-plane/context.ts';
import { createRoleBinding } from '../../../control-plane/identity/role-binding.ts';
import { createProposal } from '../../../control-plane/proposal/propose.ts';
import { findPolicy } from '../../../control-plane/storage/configuration/policies.ts';
import { person } from '../audit/call.ts';
import type { Store } from '../audit/store.ts';

export const amy = person('amy', ['sworn-admins']);
export const ben = person('ben', ['sworn-admins']);
export const cleo = person('cleo', ['sworn-admins']);

/** That a policy of this name shall say this. */
export function applyOf(id: string, description: string, etag = ''): Change {
  const policy = {
    name: `policies/${id}`,
    etag,
    spec: {
      description,
      groups: ['*'],
      rules: [{ name: 'all', action: { case: 'allow' as const, value: {} } }],
    },
  };
  return create(ChangeSchema, { request: { case: 'applyPolicies', value: { policies: [policy] } } });
}

/** That a group shall be admins. */
export function bindOf(id: string, group: string): Change {
  const value = { roleBindingId: id, roleBinding: { group, role: Role.ADMIN } };
  return create(ChangeSchema, { request: { case: 'createRoleBinding', value } });
}

/** Proposes, where something would be different. */
export async function propose(
  context: Context,
  change: Change,
  caller: Caller = amy,
  reason = 'protocol 12',
): Promise<Proposal> {
  const proposal = await createProposal(context, { caller, reason }, change);
  if (proposal === undefined) throw new Error('nothing would be different');
  return proposal;
}

/** Makes amy, ben and cleo admins. */
export async function bindAdmins(store: Store): Promise<void> {
  const binding = { group: 'sworn-admins', role: Role.ADMIN };
  await createRoleBinding(store.replica(), undefined, 'admins', binding);
}

/** The policy as it is stored. */
export async function stored(store: Store, id: string): Promise<Policy | undefined> {
  return await findPolicy(store.database, `policies/${id}`);
}
