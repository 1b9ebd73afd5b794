import { create } from '@bufbuild/protobuf';
import type { ServiceImpl } from '@connectrpc/connect';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import type { Context } from '../context.ts';
import { applyPolicies } from '../policy/apply.ts';
import { createPolicy, notFound, removePolicy, rollbackPolicy, updatePolicy } from '../policy/policy.ts';
import { findPolicy, listPolicies } from '../storage/configuration/policies.ts';
import { listRevisions } from '../storage/configuration/policy-revisions.ts';
import { ifAltered } from '../storage/sealing/altered.ts';
import { getPerson } from './identity.ts';
import { readPage } from './paging.ts';
import { parseNumber } from './position.ts';
import { nameOf, takePage } from './take-page.ts';

const LIST_SCOPE = 'policies';

/** PolicyService over the store. Who may call what stands in access.ts. */
export function createPolicyService(context: Context): ServiceImpl<typeof PolicyService> {
  const { database } = context;
  return {
    async listPolicies(request) {
      const page = readPage(request, LIST_SCOPE);
      const { items, nextPageToken } = takePage(
        await listPolicies(database, page),
        page.limit,
        LIST_SCOPE,
        nameOf,
      );
      return { policies: items, nextPageToken };
    },
    async getPolicy({ name }) {
      const policy = await findPolicy(database, name);
      if (policy === undefined) throw notFound(name);
      return { policy };
    },
    async createPolicy({ policyId, policy = create(PolicySchema), reason }, handler) {
      const { caller } = getPerson(handler);
      return { policy: await createPolicy(context, { caller, reason }, policyId, policy) };
    },
    async updatePolicy({ policy = create(PolicySchema), updateMask, reason }, handler) {
      const { caller } = getPerson(handler);
      return { policy: await updatePolicy(context, { caller, reason }, policy, updateMask) };
    },
    async deletePolicy({ name, etag, reason }, handler) {
      const { caller } = getPerson(handler);
      await removePolicy(context, { caller, reason }, name, etag);
      return {};
    },
    async applyPolicies({ policies, validateOnly, reason }, handler) {
      const { caller } = getPerson(handler);
      return { results: await applyPolicies(context, { caller, reason }, policies, validateOnly) };
    },
    async listPolicyRevisions(request) {
      const { policy } = request;
      const scope = `revisions of ${policy}`;
      const { limit, after } = readPage(request, scope);
      const found = await listRevisions(database, policy, parseNumber(after), limit + 1);
      if (found.length === 0 && after === undefined) throw notFound(policy);
      const { items, nextPageToken } = takePage(found, limit, scope, ({ number }) => `${number}`);
      return { revisions: items, nextPageToken };
    },
    async rollbackPolicy({ policy, revision, etag, reason }, handler) {
      const { caller } = getPerson(handler);
      const before = await ifAltered(findPolicy(context.database, policy), () => undefined);
      const rolledBack = await rollbackPolicy(context, { caller, reason }, policy, revision, etag);
      return { policy: rolledBack, unchanged: rolledBack.etag === before?.etag };
    },
  };
}
