import { createClient, createRouterTransport } from '@connectrpc/connect';
import { expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { EvidenceService } from '#proto/sworn/evidence/v1/evidence_service_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { NotificationService } from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { ChangeSchema } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { ProposalService } from '#proto/sworn/proposal/v1/proposal_service_pb.ts';
import { RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { ReviewService } from '#proto/sworn/review/v1/review_service_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { accessOf } from '../../../control-plane/api/access.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';
import type { Context } from '../../../control-plane/context.ts';
import { createProposalInterceptor, takesSecond } from '../../../control-plane/proposal/require.ts';

const SERVICES = [
  ApprovalService,
  AuditService,
  EvidenceService,
  IdentityService,
  NotificationService,
  PlaneService,
  PolicyService,
  ProposalService,
  RetentionService,
  ReviewService,
  UpstreamService,
];
/** What one admin does alone even then; docs/threat-model.md says so. */
const ALONE = [
  'EraseExchanges',
  'CreateHold',
  'ReleaseHold',
  'CreateRevocation',
  'DeleteRevocation',
  'CreateJoinToken',
  'WithdrawJoinTokens',
  'RevokePlane',
  'RotateEvidenceKey',
  'TestNotifier',
  'RetryNotification',
  // They are the way itself.
  'CreateProposal',
  'ApproveProposal',
  'RejectProposal',
  'WithdrawProposal',
];

test('each call of admins alone takes a second one, or is known not to', () => {
  const calls = SERVICES.flatMap((service) => service.methods).filter((method) => {
    const access = accessOf(method);
    return Array.isArray(access) && access.length === 1 && access[0] === Role.ADMIN;
  });
  const alone = calls.filter((method) => !takesSecond(method)).map(({ name }) => name);
  expect(alone.sort()).toEqual([...ALONE].sort());
  expect(calls.filter(takesSecond)).toHaveLength(ChangeSchema.fields.length);
});

test.each([
  [true, false, Reason.PROPOSAL_REQUIRED],
  [true, true, undefined],
  [false, false, undefined],
])('four eyes %s, a trial %s: %s', async (fourEyes, validateOnly, reason) => {
  const context = { settings: { fourEyes } } as Context;
  const transport = createRouterTransport(
    (router) => router.service(PolicyService, { applyPolicies: () => ({}) }),
    { router: { interceptors: [createProposalInterceptor(context)] } },
  );
  const call = createClient(PolicyService, transport).applyPolicies({ validateOnly });
  expect(await call.then(() => undefined, reasonOf)).toBe(reason);
});
