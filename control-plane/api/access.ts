import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { Health } from '#proto/grpc/health/v1/health_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { EvidenceService } from '#proto/sworn/evidence/v1/evidence_service_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { NotificationService } from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { ProposalService } from '#proto/sworn/proposal/v1/proposal_service_pb.ts';
import { RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { ReviewService } from '#proto/sworn/review/v1/review_service_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { UsageService } from '#proto/sworn/usage/v1/usage_service_pb.ts';

/** Who may call an RPC: a person with one of these roles, any authenticated person, a plane, or anyone at all. */
export type Access = readonly Role[] | 'person' | 'plane' | 'anyone';

type AccessOf<S extends DescService> = Readonly<Record<keyof S['method'], Access>>;

const ADMIN: Access = [Role.ADMIN];
const AUDITOR: Access = [Role.AUDITOR];
const REVIEWER: Access = [Role.REVIEWER];
const ADMIN_OR_AUDITOR: Access = [Role.ADMIN, Role.AUDITOR];
const REVIEWER_OR_AUDITOR: Access = [Role.REVIEWER, Role.AUDITOR];

const APPROVAL: AccessOf<typeof ApprovalService> = {
  listApprovals: REVIEWER_OR_AUDITOR,
  getApproval: REVIEWER_OR_AUDITOR,
  watchApprovals: REVIEWER_OR_AUDITOR,
  approveApproval: REVIEWER,
  denyApproval: REVIEWER,
  listGrants: [Role.ADMIN, Role.REVIEWER, Role.AUDITOR],
  revokeGrant: [Role.ADMIN, Role.REVIEWER],
};

const AUDIT: AccessOf<typeof AuditService> = {
  listSessions: AUDITOR,
  listExchanges: AUDITOR,
  getExchange: AUDITOR,
  listRecords: AUDITOR,
  replaySession: AUDITOR,
  exportExchanges: AUDITOR,
  exportEvidence: AUDITOR,
  listGaps: AUDITOR,
};

const EVIDENCE: AccessOf<typeof EvidenceService> = {
  listEvidenceKeys: ADMIN_OR_AUDITOR,
  rotateEvidenceKey: ADMIN,
};

const IDENTITY: AccessOf<typeof IdentityService> = {
  whoAmI: 'person',
  listIssuers: ADMIN_OR_AUDITOR,
  getIssuer: ADMIN_OR_AUDITOR,
  createIssuer: ADMIN,
  updateIssuer: ADMIN,
  deleteIssuer: ADMIN,
  listRoleBindings: ADMIN_OR_AUDITOR,
  createRoleBinding: ADMIN,
  deleteRoleBinding: ADMIN,
  createRevocation: ADMIN,
  listRevocations: ADMIN_OR_AUDITOR,
  deleteRevocation: ADMIN,
};

const NOTIFICATION: AccessOf<typeof NotificationService> = {
  listNotifiers: ADMIN_OR_AUDITOR,
  getNotifier: ADMIN_OR_AUDITOR,
  createNotifier: ADMIN,
  updateNotifier: ADMIN,
  deleteNotifier: ADMIN,
  testNotifier: ADMIN,
  listNotifications: ADMIN_OR_AUDITOR,
  retryNotification: ADMIN,
};

const PLANE: AccessOf<typeof PlaneService> = {
  listPlanes: ADMIN_OR_AUDITOR,
  createJoinToken: ADMIN,
  withdrawJoinTokens: ADMIN,
  revokePlane: ADMIN,
  // Whoever holds a join token; the service checks it.
  enroll: 'anyone',
  watchSnapshot: 'plane',
  reportStatus: 'plane',
  appendRecords: 'plane',
  requestApproval: 'plane',
  watchApprovals: 'plane',
  consumeApproval: 'plane',
  withdrawApproval: 'plane',
  reportUsage: 'plane',
  watchUsage: 'plane',
};

const POLICY: AccessOf<typeof PolicyService> = {
  listPolicies: ADMIN_OR_AUDITOR,
  getPolicy: ADMIN_OR_AUDITOR,
  createPolicy: ADMIN,
  updatePolicy: ADMIN,
  deletePolicy: ADMIN,
  applyPolicies: ADMIN,
  listPolicyRevisions: ADMIN_OR_AUDITOR,
  rollbackPolicy: ADMIN,
};

const PROPOSAL: AccessOf<typeof ProposalService> = {
  createProposal: ADMIN,
  listProposals: ADMIN_OR_AUDITOR,
  getProposal: ADMIN_OR_AUDITOR,
  approveProposal: ADMIN,
  rejectProposal: ADMIN,
  withdrawProposal: ADMIN,
};

const RETENTION: AccessOf<typeof RetentionService> = {
  createHold: ADMIN,
  listHolds: ADMIN_OR_AUDITOR,
  releaseHold: ADMIN,
  eraseExchanges: ADMIN,
};

const REVIEW: AccessOf<typeof ReviewService> = {
  listReviews: REVIEWER_OR_AUDITOR,
  getReview: REVIEWER_OR_AUDITOR,
  completeReview: REVIEWER,
};

const UPSTREAM: AccessOf<typeof UpstreamService> = {
  listUpstreams: ADMIN_OR_AUDITOR,
  getUpstream: ADMIN_OR_AUDITOR,
  createUpstream: ADMIN,
  updateUpstream: ADMIN,
  deleteUpstream: ADMIN,
};

const USAGE: AccessOf<typeof UsageService> = { listUsage: ADMIN_OR_AUDITOR };

const HEALTH: AccessOf<typeof Health> = { check: 'anyone', watch: 'anyone' };

const TABLE = new Map<string, Readonly<Record<string, Access>>>([
  [ApprovalService.typeName, APPROVAL],
  [AuditService.typeName, AUDIT],
  [EvidenceService.typeName, EVIDENCE],
  [IdentityService.typeName, IDENTITY],
  [NotificationService.typeName, NOTIFICATION],
  [PlaneService.typeName, PLANE],
  [PolicyService.typeName, POLICY],
  [ProposalService.typeName, PROPOSAL],
  [RetentionService.typeName, RETENTION],
  [ReviewService.typeName, REVIEW],
  [UpstreamService.typeName, UPSTREAM],
  [UsageService.typeName, USAGE],
  [Health.typeName, HEALTH],
]);

/** Who may call this RPC; nobody (no role) where the table does not know it. */
export function accessOf(method: DescMethod): Access {
  const service = TABLE.get(method.parent.typeName);
  return service !== undefined && Object.hasOwn(service, method.localName)
    ? (service[method.localName] ?? [])
    : [];
}
