import { create } from '@bufbuild/protobuf';
import type { ServiceImpl } from '@connectrpc/connect';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import type { Context } from '../context.ts';
import { applyPolicies } from '../policy/apply.ts';
import { createPolicy, notFound, removePolicy, updatePolicy } from '../policy/policy.ts';
import { findPolicy, listPolicies } from '../storage/policies.ts';
import { getPerson } from './identity.ts';
import { readPage } from './paging.ts';
import { takePage } from './take-page.ts';

const LIST_SCOPE = 'policies';

/** PolicyService over the store. Who may call what stands in access.ts. */
export function createPolicyService(context: Context): ServiceImpl<typeof PolicyService> {
  const { database } = context;
  return {
    async listPolicies(request) {
      const page = readPage(request, LIST_SCOPE);
      const { items, nextPageToken } = takePage(await listPolicies(database, page), page, LIST_SCOPE);
      return { policies: items, nextPageToken };
    },
    async getPolicy({ name }) {
      const policy = await findPolicy(database, name);
      if (policy === undefined) throw notFound(name);
      return { policy };
    },
    async createPolicy({ policyId, policy = create(PolicySchema) }, handler) {
      return { policy: await createPolicy(context, getPerson(handler).caller, policyId, policy) };
    },
    async updatePolicy({ policy = create(PolicySchema), updateMask }, handler) {
      return { policy: await updatePolicy(context, getPerson(handler).caller, policy, updateMask) };
    },
    async deletePolicy({ name, etag }, handler) {
      await removePolicy(context, getPerson(handler).caller, name, etag);
      return {};
    },
    async applyPolicies({ policies, validateOnly }, handler) {
      return { results: await applyPolicies(context, getPerson(handler).caller, policies, validateOnly) };
    },
  };
}
