import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { type ConnectRouter, createConnectRouter, type ServiceImpl } from '@connectrpc/connect';
import { compressionGzip } from '@connectrpc/connect-node';
import { Health as HealthDesc } from '#proto/grpc/health/v1/health_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { EvidenceService } from '#proto/sworn/evidence/v1/evidence_service_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { NotificationService } from '#proto/sworn/notification/v1/notification_service_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { ProposalService } from '#proto/sworn/proposal/v1/proposal_service_pb.ts';
import { RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { ReviewService } from '#proto/sworn/review/v1/review_service_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { UsageService } from '#proto/sworn/usage/v1/usage_service_pb.ts';
import type { Context } from '../context.ts';
import { createPlaneAuthenticator } from '../enrollment/authenticate.ts';
import type { Health } from '../health.ts';
import { createPersonAuthenticator } from '../identity/authenticate.ts';
import { createProposalInterceptor } from '../proposal/require.ts';
import { accessOf } from './access.ts';
import { createApprovalService } from './approval-service.ts';
import { createAuditService } from './audit-service.ts';
import { createErrorInterceptor, explainError } from './errors.ts';
import { createEvidenceService } from './evidence-service.ts';
import { admit } from './gate.ts';
import { createHealthService } from './health-service.ts';
import { createIdentityService } from './identity-service.ts';
import { createNotificationService } from './notification-service.ts';
import { createPersonStreams } from './person-streams.ts';
import { createPlaneService } from './plane-service.ts';
import { createPolicyService } from './policy-service.ts';
import { createProposalService } from './proposal-service.ts';
import { createRetentionService } from './retention-service.ts';
import { createReviewService } from './review-service.ts';
import { createUpstreamService } from './upstream-service.ts';
import { createUsageService } from './usage-service.ts';
import { createValidationInterceptor } from './validation.ts';

/** A batch of records with their payloads: the largest request that there is. */
const MAX_RECORDS_BYTES = 96 * 1024 * 1024;
/** All other requests: policy documents and prompts that wait for approval are the largest. */
const MAX_REQUEST_BYTES = 20 * 1024 * 1024;
/** Requests of whom nobody knows: a join token with a key, the name of a service. */
const MAX_UNKNOWN_BYTES = 16 * 1024;
/** The longest timeout that a client may ask for; watches ask for none. */
const MAX_TIMEOUT_MS = 600_000;

/**
 * Every RPC of the control plane, ready to be served. Creating it starts to follow the store.
 *
 * @param hardStop Ends running calls; streams end earlier, when the context's shutdown aborts.
 */
export function createRoutes(context: Context, health: Health, hardStop: AbortSignal): ConnectRouter {
  const { logger } = context;
  const authenticators = {
    person: createPersonAuthenticator(context),
    plane: createPlaneAuthenticator(context),
  };
  const persons = createPersonStreams(logger);
  const router = createConnectRouter({
    acceptCompression: [compressionGzip],
    maxTimeoutMs: MAX_TIMEOUT_MS,
    interceptors: [
      persons.interceptor,
      createErrorInterceptor(logger),
      createValidationInterceptor(),
      createProposalInterceptor(context),
    ],
    requestGate: async (call) => {
      try {
        await admit(call, authenticators, () => health.phase === 'draining');
      } catch (error) {
        throw explainError(error, call, logger);
      }
    },
  });
  const names = new Set<string>();
  const add = <S extends DescService>(service: S, implementation: ServiceImpl<S>): void => {
    names.add(service.typeName);
    for (const method of service.methods)
      addMethod(router, method, implementation, context.shutdown, hardStop);
  };
  add(ApprovalService, createApprovalService(context));
  add(AuditService, createAuditService(context));
  add(EvidenceService, createEvidenceService(context));
  add(IdentityService, createIdentityService(context));
  add(NotificationService, createNotificationService(context));
  add(PlaneService, createPlaneService(context, persons.sweep));
  add(PolicyService, createPolicyService(context));
  add(ProposalService, createProposalService(context));
  add(RetentionService, createRetentionService(context));
  add(ReviewService, createReviewService(context));
  add(UpstreamService, createUpstreamService(context));
  add(UsageService, createUsageService(context));
  add(HealthDesc, createHealthService(health, names));
  return router;
}

/** Method by method, since limits and the end differ: a stream ends when draining begins, other calls may finish. */
function addMethod<S extends DescService>(
  router: ConnectRouter,
  method: DescMethod,
  implementation: ServiceImpl<S>,
  drain: AbortSignal,
  hardStop: AbortSignal,
): void {
  const handler = implementation[method.localName as keyof ServiceImpl<S>];
  router.rpc(method, (handler as never as (...args: never[]) => never).bind(implementation) as never, {
    readMaxBytes: maxBytesOf(method),
    shutdownSignal: method.methodKind === 'unary' ? hardStop : drain,
  });
}

function maxBytesOf(method: DescMethod): number {
  if (accessOf(method) === 'anyone') return MAX_UNKNOWN_BYTES;
  return method === PlaneService.method.appendRecords ? MAX_RECORDS_BYTES : MAX_REQUEST_BYTES;
}
