import { create } from '@bufbuild/protobuf';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { RoleBindingSchema } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { NotifierSchema } from '#proto/sworn/notification/v1/notifier_pb.ts';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { Change } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { UpstreamSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { fail } from '../api/fail.ts';
import { namesOf } from '../audit/configuration.ts';
import type { Context } from '../context.ts';
import { createIssuer, removeIssuer, updateIssuer } from '../identity/issuer.ts';
import { createRoleBinding, removeRoleBinding } from '../identity/role-binding.ts';
import { createNotifier, removeNotifier, updateNotifier } from '../notification/notifier.ts';
import { applyPolicies } from '../policy/apply.ts';
import { createPolicy, removePolicy, rollbackPolicy, updatePolicy } from '../policy/policy.ts';
import type { Authorship } from '../policy/revise.ts';
import { createUpstream, removeUpstream, updateUpstream } from '../upstream/upstream.ts';

/**
 * Makes the change of a proposal, in its author's name, as the call itself would.
 * @throws ConnectError what that call throws; INVALID_ARGUMENT when there is none
 */
export async function performChange(
  context: Context,
  author: Authorship,
  { request }: Change,
): Promise<unknown> {
  const { caller } = author;
  switch (request.case) {
    case 'applyPolicies':
      return await applyPolicies(context, author, request.value.policies, false);
    case 'createPolicy': {
      const { policyId, policy = create(PolicySchema) } = request.value;
      return await createPolicy(context, author, policyId, policy);
    }
    case 'updatePolicy': {
      const { policy = create(PolicySchema), updateMask } = request.value;
      return await updatePolicy(context, author, policy, updateMask);
    }
    case 'deletePolicy':
      return await removePolicy(context, author, request.value.name, request.value.etag);
    case 'rollbackPolicy': {
      const { policy, revision, etag } = request.value;
      return await rollbackPolicy(context, author, policy, revision, etag);
    }
    case 'createRoleBinding': {
      const { roleBindingId, roleBinding = create(RoleBindingSchema) } = request.value;
      return await createRoleBinding(context, caller, roleBindingId, roleBinding);
    }
    case 'deleteRoleBinding':
      return await removeRoleBinding(context, caller, request.value.name, request.value.etag);
    case 'createIssuer': {
      const { issuerId, issuer = create(IssuerSchema) } = request.value;
      return await createIssuer(context, caller, issuerId, issuer);
    }
    case 'updateIssuer': {
      const { issuer = create(IssuerSchema), updateMask } = request.value;
      return await updateIssuer(context, caller, issuer, updateMask);
    }
    case 'deleteIssuer':
      return await removeIssuer(context, caller, request.value.name, request.value.etag);
    case 'createUpstream': {
      const { upstreamId, upstream = create(UpstreamSchema), ...secrets } = request.value;
      return await createUpstream(context, caller, upstreamId, upstream, secrets);
    }
    case 'updateUpstream': {
      const { upstream = create(UpstreamSchema), updateMask, ...secrets } = request.value;
      return await updateUpstream(context, caller, upstream, updateMask, secrets);
    }
    case 'deleteUpstream':
      return await removeUpstream(context, caller, request.value.name, request.value.etag);
    case 'createNotifier': {
      const { notifierId, notifier = create(NotifierSchema), secret } = request.value;
      return await createNotifier(context, caller, notifierId, notifier, secret);
    }
    case 'updateNotifier': {
      const { notifier = create(NotifierSchema), updateMask, secret } = request.value;
      return await updateNotifier(context, caller, notifier, updateMask, secret);
    }
    case 'deleteNotifier':
      return await removeNotifier(context, caller, request.value.name, request.value.etag);
    case undefined:
      throw fail(Reason.INVALID_ARGUMENT, 'change: a call is required', { change: 'is required' });
  }
}

/** The resources that a change is about, each once. */
export function resourcesOf({ request }: Change): string[] {
  switch (request.case) {
    case 'applyPolicies':
      return [...new Set(request.value.policies.map(({ name }) => name))];
    case 'createPolicy':
      return [`policies/${request.value.policyId}`];
    case 'updatePolicy':
      return [request.value.policy?.name ?? ''];
    case 'rollbackPolicy':
      return [request.value.policy];
    case 'createRoleBinding':
      return [`roleBindings/${request.value.roleBindingId}`];
    case 'createIssuer':
      return [`issuers/${request.value.issuerId}`];
    case 'updateIssuer':
      return [request.value.issuer?.name ?? ''];
    case 'createUpstream':
      return [`upstreams/${request.value.upstreamId}`];
    case 'updateUpstream':
      return [request.value.upstream?.name ?? ''];
    case 'createNotifier':
      return [`notifiers/${request.value.notifierId}`];
    case 'updateNotifier':
      return [request.value.notifier?.name ?? ''];
    case undefined:
      throw fail(Reason.INVALID_ARGUMENT, 'change: a call is required', { change: 'is required' });
    default:
      return [request.value.name];
  }
}

/** The secrets that a change sets, by the names of their fields. */
export function secretsOf({ request }: Change): string[] {
  switch (request.case) {
    case 'createUpstream':
    case 'updateUpstream': {
      const { credential, clientKey, proxyCredential, secretHeaders } = request.value;
      return namesOf({ credential, clientKey, proxyCredential, secretHeaders });
    }
    case 'createNotifier':
    case 'updateNotifier':
      return namesOf({ secret: request.value.secret });
    default:
      return [];
  }
}
