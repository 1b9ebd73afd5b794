import type { DescMethod } from '@bufbuild/protobuf';
import type { Interceptor } from '@connectrpc/connect';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type ApplyPoliciesRequest, PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { ChangeSchema } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';

/** The requests that can be proposed: the one list of what takes a second admin. */
const REQUESTS = new Set(ChangeSchema.fields.map(({ message }) => message?.typeName));

/** Whether a call takes a second admin where the deployment says so. */
export function takesSecond(method: DescMethod): boolean {
  return REQUESTS.has(method.input.typeName);
}

/**
 * Refuses what one admin alone may not do in this deployment. It stands before every service, so that none can forget it.
 * @returns an interceptor that throws ConnectError PROPOSAL_REQUIRED
 */
export function createProposalInterceptor({ settings }: Context): Interceptor {
  return (next) => async (request) => {
    if (settings.fourEyes && takesSecond(request.method) && !isTrial(request)) {
      throw fail(
        Reason.PROPOSAL_REQUIRED,
        'a second admin has to approve such a change here: propose it by ProposalService',
      );
    }
    return await next(request);
  };
}

/** It only says what would change. */
function isTrial(request: { readonly method: DescMethod; readonly message: unknown }): boolean {
  return (
    request.method === PolicyService.method.applyPolicies &&
    (request.message as ApplyPoliciesRequest).validateOnly
  );
}
