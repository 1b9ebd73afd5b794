import { create } from '@bufbuild/protobuf';
import type { ServiceImpl } from '@connectrpc/connect';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { RoleBindingSchema } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import type { Context } from '../context.ts';
import { createIssuer, removeIssuer, updateIssuer } from '../identity/issuer.ts';
import { createRevocation, removeRevocation, viewRevocation } from '../identity/revocation.ts';
import { createRoleBinding, removeRoleBinding } from '../identity/role-binding.ts';
import { findIssuer, listIssuers } from '../storage/configuration/issuers.ts';
import { listRevocations } from '../storage/configuration/revocations.ts';
import { listRoleBindings } from '../storage/configuration/role-bindings.ts';
import { fail } from './fail.ts';
import { getPerson } from './identity.ts';
import { readPage } from './paging.ts';
import { createdAt, parsePosition } from './position.ts';
import { nameOf, takePage } from './take-page.ts';

const ISSUERS = 'issuers';
const ROLE_BINDINGS = 'roleBindings';
const REVOCATIONS = 'revocations';

/** IdentityService: whom Sworn trusts, and who may do what. */
export function createIdentityService(context: Context): ServiceImpl<typeof IdentityService> {
  return {
    whoAmI(_request, call) {
      const { caller, roles } = getPerson(call);
      return { caller, roles: [...roles].sort((a, b) => a - b) };
    },

    async listIssuers(request) {
      const page = readPage(request, ISSUERS);
      const { items, nextPageToken } = takePage(
        await listIssuers(context.database, page),
        page.limit,
        ISSUERS,
        nameOf,
      );
      return { issuers: items, nextPageToken };
    },

    async getIssuer({ name }) {
      const issuer = await findIssuer(context.database, name);
      if (issuer === undefined) throw fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
      return { issuer };
    },

    async createIssuer({ issuerId, issuer = create(IssuerSchema) }, call) {
      return { issuer: await createIssuer(context, getPerson(call).caller, issuerId, issuer) };
    },

    async updateIssuer({ issuer = create(IssuerSchema), updateMask }, call) {
      return { issuer: await updateIssuer(context, getPerson(call).caller, issuer, updateMask) };
    },

    async deleteIssuer({ name, etag }, call) {
      await removeIssuer(context, getPerson(call).caller, name, etag);
      return {};
    },

    async listRoleBindings(request) {
      const page = readPage(request, ROLE_BINDINGS);
      const found = await listRoleBindings(context.database, page);
      const { items, nextPageToken } = takePage(found, page.limit, ROLE_BINDINGS, nameOf);
      return { roleBindings: items, nextPageToken };
    },

    async createRoleBinding({ roleBindingId, roleBinding = create(RoleBindingSchema) }, call) {
      const { caller } = getPerson(call);
      return { roleBinding: await createRoleBinding(context, caller, roleBindingId, roleBinding) };
    },

    async deleteRoleBinding({ name, etag }, call) {
      await removeRoleBinding(context, getPerson(call).caller, name, etag);
      return {};
    },

    async createRevocation(request, call) {
      return { revocation: await createRevocation(context, getPerson(call).caller, request) };
    },

    async listRevocations(request) {
      const { limit, after } = readPage(request, REVOCATIONS);
      const found = await listRevocations(context.database, context.now(), parsePosition(after), limit + 1);
      const { items, nextPageToken } = takePage(found, limit, REVOCATIONS, createdAt);
      return { revocations: items.map(viewRevocation), nextPageToken };
    },

    async deleteRevocation({ name }, call) {
      await removeRevocation(context, getPerson(call).caller, name);
      return {};
    },
  };
}
