import { glob, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resolveSettings } from '#core/settings/settings.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { SETTINGS } from '../../../control-plane/config/settings.ts';
import { type ControlPlane, startControlPlane } from '../../../control-plane/start.ts';
import { openTestMongo, type TestMongo } from '../../env/mongo.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';
import { makePlane } from '../enrollment/plane.ts';

/** Who may call what, written down by hand a second time: a slip in the table of the product shows here. */
const CALLS: Readonly<Record<string, string>> = {
  anyone: 'Health.Check Health.Watch PlaneService.Enroll',
  person: 'IdentityService.WhoAmI',
  plane: `PlaneService.WatchSnapshot PlaneService.ReportStatus PlaneService.AppendRecords PlaneService.RequestApproval
    PlaneService.WatchApprovals PlaneService.ConsumeApproval PlaneService.WithdrawApproval PlaneService.ReportUsage
    PlaneService.WatchUsage`,
  admin: `EvidenceService.RotateEvidenceKey IdentityService.CreateIssuer IdentityService.UpdateIssuer
    IdentityService.DeleteIssuer IdentityService.CreateRoleBinding IdentityService.DeleteRoleBinding
    IdentityService.CreateRevocation IdentityService.DeleteRevocation NotificationService.CreateNotifier
    NotificationService.UpdateNotifier NotificationService.DeleteNotifier NotificationService.TestNotifier
    NotificationService.RetryNotification PlaneService.CreateJoinToken PlaneService.WithdrawJoinTokens PlaneService.RevokePlane
    PolicyService.CreatePolicy PolicyService.UpdatePolicy PolicyService.DeletePolicy PolicyService.ApplyPolicies
    PolicyService.RollbackPolicy ProposalService.CreateProposal ProposalService.ApproveProposal
    ProposalService.RejectProposal ProposalService.WithdrawProposal RetentionService.CreateHold
    RetentionService.ReleaseHold RetentionService.EraseExchanges UpstreamService.CreateUpstream
    UpstreamService.UpdateUpstream UpstreamService.DeleteUpstream`,
  'admin auditor': `EvidenceService.ListEvidenceKeys IdentityService.ListIssuers IdentityService.GetIssuer
    IdentityService.ListRoleBindings IdentityService.ListRevocations NotificationService.ListNotifiers
    NotificationService.GetNotifier NotificationService.ListNotifications PlaneService.ListPlanes
    PolicyService.ListPolicies PolicyService.GetPolicy PolicyService.ListPolicyRevisions
    ProposalService.ListProposals ProposalService.GetProposal RetentionService.ListHolds
    UpstreamService.ListUpstreams UpstreamService.GetUpstream UsageService.ListUsage`,
  auditor: `AuditService.ListSessions AuditService.ListExchanges AuditService.GetExchange AuditService.ListRecords
    AuditService.ReplaySession AuditService.ExportExchanges AuditService.ExportEvidence AuditService.ListGaps`,
  reviewer: 'ApprovalService.ApproveApproval ApprovalService.DenyApproval ReviewService.CompleteReview',
  'reviewer auditor': `ApprovalService.ListApprovals ApprovalService.GetApproval ApprovalService.WatchApprovals
    ReviewService.ListReviews ReviewService.GetReview`,
  'admin reviewer auditor': 'ApprovalService.ListGrants',
  'admin reviewer': 'ApprovalService.RevokeGrant',
};

/** What comes of a call: it is let in, or why not. */
type Met = 'in' | 'unauthenticated' | 'role required' | 'plane revoked';

interface Bearer {
  readonly token?: string;
  readonly is: 'nobody' | 'person' | 'plane' | 'revoked plane';
  readonly roles?: readonly string[];
}

let directory: string;
let mongo: TestMongo;
let issuer: TestIssuer;
let controlPlane: ControlPlane;
const services: DescService[] = [];
const bearers = new Map<string, Bearer>();

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-matrix-'));
  mongo = await openTestMongo();
  issuer = await startIssuer();
  const flags = { mongodbUri: mongo.uri, listen: '127.0.0.1:0', issuer: issuer.url, drainDeadline: '1s' };
  const settings = resolveSettings(SETTINGS, { flags, env: {}, file: undefined });
  controlPlane = await startControlPlane(
    {
      ...settings,
      mongodbUri: mongo.uri,
      mongodbDatabase: mongo.newDatabase(),
      witnesses: [],
      smtp: undefined,
      tls: undefined,
      stateDirectory: join(directory, 'state'),
    },
    { logger: pino({ level: 'silent' }) },
  );
  for await (const file of glob(join(import.meta.dirname, '../../../proto/gen/**/*_pb.ts'))) {
    const module: Record<string, unknown> = await import(file);
    services.push(...Object.values(module).filter(isService));
  }
  await makeBearers();
});
afterAll(async () => {
  await controlPlane.close();
  await issuer.close();
  await mongo.close();
  await rm(directory, { recursive: true, force: true });
});

function isService(value: unknown): value is DescService {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'service';
}

async function makeBearers(): Promise<void> {
  const admins = ['sworn-admins'];
  const all = [...admins, 'sworn-reviewers', 'sworn-auditors'];
  const admin = await issuer.token({ groups: admins });
  bearers.set('nobody', { is: 'nobody' });
  bearers.set('rubbish', { token: 'x', is: 'nobody' });
  bearers.set('a caller of planes', {
    token: await issuer.token({ groups: all, aud: 'sworn-gateway' }),
    is: 'nobody',
  });
  bearers.set('somebody who was', { token: await issuer.token({ groups: all, exp: 1 }), is: 'nobody' });
  bearers.set('a person', { token: await issuer.token({ groups: ['clinicians'] }), is: 'person' });
  bearers.set('an admin', { token: admin, is: 'person', roles: ['admin'] });
  bearers.set('a reviewer', {
    token: await issuer.token({ groups: ['sworn-reviewers'] }),
    is: 'person',
    roles: ['reviewer'],
  });
  bearers.set('an auditor', {
    token: await issuer.token({ groups: ['sworn-auditors'] }),
    is: 'person',
    roles: ['auditor'],
  });
  bearers.set('a service with the role of an admin', {
    token: await issuer.token({ groups: admins, sub: 'robot', client_id: 'robot' }),
    is: 'person',
    roles: ['admin'],
  });
  const planes = createClient(
    PlaneService,
    createConnectTransport({
      baseUrl: controlPlane.url,
      httpVersion: '1.1',
      interceptors: [
        (next) => (request) => {
          request.header.set('authorization', `Bearer ${admin}`);
          return next(request);
        },
      ],
    }),
  );
  const join = async () => {
    const plane = makePlane();
    const { joinToken } = await planes.createJoinToken({ displayName: 'a plane' });
    return { plane, name: (await planes.enroll(plane.request(joinToken))).name };
  };
  const [known, revoked] = [await join(), await join()];
  await planes.revokePlane({ name: revoked.name });
  bearers.set('a plane', { token: await known.plane.token(known.name), is: 'plane' });
  bearers.set('a revoked plane', { token: await revoked.plane.token(revoked.name), is: 'revoked plane' });
  bearers.set('a plane in the name of another', {
    token: await revoked.plane.token(known.name),
    is: 'nobody',
  });
}

/** What should come of it. */
function expected(access: string, { is, roles = [] }: Bearer): Met {
  if (access === 'anyone') return 'in';
  if (access === 'plane') {
    if (is === 'revoked plane') return 'plane revoked';
    return is === 'plane' ? 'in' : 'unauthenticated';
  }
  if (is !== 'person') return 'unauthenticated';
  return access === 'person' || roles.some((role) => access.split(' ').includes(role))
    ? 'in'
    : 'role required';
}

/** Calls with a body that is none: who is let in is told that. */
async function call(method: DescMethod, { token }: Bearer): Promise<Met> {
  const isStream = method.methodKind === 'server_streaming';
  const response = await fetch(`${controlPlane.url}/${method.parent.typeName}/${method.name}`, {
    method: 'POST',
    headers: {
      'content-type': isStream ? 'application/connect+json' : 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: isStream ? Buffer.from([0, 0, 0, 0, 1, 0x78]) : 'x',
  });
  const text = await response.text();
  const { code, message } = /"code":"(?<code>\w+)".*?"message":"(?<message>[^"]*)/.exec(text)?.groups ?? {};
  if (code === 'invalid_argument') return 'in';
  if (code === 'unauthenticated') return 'unauthenticated';
  if (message?.startsWith('this takes the role')) return 'role required';
  if (message === 'the plane is revoked') return 'plane revoked';
  throw new Error(`${method.name}: ${response.status} ${text}`);
}

test('each call of the API is let in for those who may, and for nobody else', async () => {
  const access = new Map(
    Object.entries(CALLS).flatMap(([who, names]) => names.split(/\s+/).map((name) => [name, who] as const)),
  );
  const methods = new Map(
    services.flatMap((service) =>
      service.methods.map((method) => [`${service.name}.${method.name}`, method] as const),
    ),
  );
  expect([...access.keys()].sort()).toEqual([...methods.keys()].sort());
  const wrong: string[] = [];
  for (const [name, method] of methods) {
    for (const [who, bearer] of bearers) {
      const [is, should] = [await call(method, bearer), expected(access.get(name) ?? '', bearer)];
      if (is !== should) wrong.push(`${name} by ${who}: ${is}, not ${should}`);
    }
  }
  expect(wrong).toEqual([]);
});
