import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { v7 as uuidv7 } from 'uuid';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { RevocationTargetSchema } from '#proto/sworn/identity/v1/revocation_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { NotifierSchema } from '#proto/sworn/notification/v1/notifier_pb.ts';
import { ConsumeApprovalRequestSchema } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { SnapshotSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { PolicySchema, type PolicySpec } from '#proto/sworn/policy/v1/policy_pb.ts';
import { HoldScopeSchema } from '#proto/sworn/retention/v1/hold_pb.ts';
import { ErasureResult } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { UpstreamSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { consumeApproval } from '../../../control-plane/approval/consume.ts';
import { decideApproval } from '../../../control-plane/approval/decide.ts';
import { revokeGrant } from '../../../control-plane/approval/grant.ts';
import { requestApproval } from '../../../control-plane/approval/request.ts';
import type { Context } from '../../../control-plane/context.ts';
import { buildSnapshot } from '../../../control-plane/distribution/build.ts';
import { loadSigningKey } from '../../../control-plane/distribution/signing-key.ts';
import { createPlaneAuthenticator } from '../../../control-plane/enrollment/authenticate.ts';
import { enrollPlane } from '../../../control-plane/enrollment/enroll.ts';
import { createJoinToken, hashJoinToken } from '../../../control-plane/enrollment/join-token.ts';
import { endTrust } from '../../../control-plane/enrollment/revoke.ts';
import { createIssuer, removeIssuer } from '../../../control-plane/identity/issuer.ts';
import { createRevocation, removeRevocation } from '../../../control-plane/identity/revocation.ts';
import { createRoleBinding, removeRoleBinding } from '../../../control-plane/identity/role-binding.ts';
import { createNotifier, removeNotifier } from '../../../control-plane/notification/notifier.ts';
import { notify } from '../../../control-plane/notification/notify.ts';
import { applyPolicies } from '../../../control-plane/policy/apply.ts';
import { removePolicy, rollbackPolicy } from '../../../control-plane/policy/policy.ts';
import { foresee } from '../../../control-plane/retention/erase.ts';
import { endHold, placeHold } from '../../../control-plane/retention/hold.ts';
import { concludeReview } from '../../../control-plane/review/complete.ts';
import {
  findReview,
  insertReviews,
  type ReviewDocument,
} from '../../../control-plane/storage/approval/reviews.ts';
import { findIssuerByUrl } from '../../../control-plane/storage/configuration/issuers.ts';
import { isRevoked } from '../../../control-plane/storage/configuration/revocations.ts';
import { findRoles } from '../../../control-plane/storage/configuration/role-bindings.ts';
import type { ClientSession } from '../../../control-plane/storage/database.ts';
import type { ExchangeDocument } from '../../../control-plane/storage/record/exchanges.ts';
import { AlteredError } from '../../../control-plane/storage/sealing/altered.ts';
import type { SealedName } from '../../../control-plane/storage/sealing/sealing.ts';
import { createUpstream, removeUpstream } from '../../../control-plane/upstream/upstream.ts';
import { rawOf } from '../../env/alter.ts';
import { makeRosters } from '../../env/rosters.ts';
import { question, rita, rob } from '../approval/question.ts';
import { person } from '../audit/call.ts';
import { newName, sha256 } from '../audit/writer.ts';
import { makePlane } from '../enrollment/plane.ts';

export const admin = person('ada', ['sworn-admins']);

/** Something that was configured, as its reader sees it. */
export interface Configured {
  /** Its `_id`. */
  readonly id: string;
  /** Whether what it opens is open; for a revocation, whether it is in force. Refusals are not caught. */
  works(): Promise<boolean>;
  /** What an admin does when it was altered. */
  mend(): Promise<unknown>;
}

/** How the documents of one collection come about, and what somebody would change in one. */
export interface Kind {
  make(context: Context, id: string): Promise<Configured>;
  readonly field: Readonly<Record<string, unknown>>;
}

const author = { caller: admin, reason: 'protocol 12' };

async function snapshotOf(context: Context) {
  const built = await buildSnapshot(context, await loadSigningKey(context, 'snapshot'));
  return fromBinary(SnapshotSchema, built?.signed.snapshot ?? new Uint8Array());
}

const policyOf = (id: string, description = 'as applied') =>
  create(PolicySchema, {
    name: `policies/${id}`,
    spec: {
      description,
      groups: [`${id}-group`],
      rules: [{ name: 'none', action: { case: 'deny', value: {} } }],
    } as Partial<PolicySpec> as never,
  });

async function makeApproval(context: Context, id: string, windowMs?: number) {
  const rule = windowMs === undefined ? 'ask' : 'ask-two';
  const asked = question(id, { rule });
  const { name } = await requestApproval(context, 'planes/one', asked);
  const vote = { state: 'APPROVED', reason: 'fine' } as const;
  if (windowMs !== undefined) await decideApproval(context, rita, name, vote);
  const by = windowMs === undefined ? rita : rob;
  await decideApproval(context, by, name, { ...vote, ...(windowMs !== undefined && { windowMs }) });
  return { name, asked };
}

/** One for each collection that is sealed. */
export const KINDS: Readonly<Record<SealedName, Kind>> = {
  policies: {
    field: { spec: { groups: ['*'], rules: [{ name: 'all', allow: {} }] } },
    async make(context, id) {
      const name = `policies/${id}`;
      const apply = () => applyPolicies(context, author, [policyOf(id)], false);
      await apply();
      return {
        id: name,
        works: async () => (await snapshotOf(context)).policies.some((policy) => policy.name === name),
        mend: apply,
      };
    },
  },
  policyRevisions: {
    field: { spec: { groups: ['*'], rules: [{ name: 'all', allow: {} }] } },
    async make(context, id) {
      const name = `policies/${id}`;
      const apply = (text: string) => applyPolicies(context, author, [policyOf(id, text)], false);
      await apply('first');
      await apply('second');
      return {
        id: `${name}/revisions/1`,
        works: async () =>
          (await rollbackPolicy(context, author, name, 1n, '')).spec?.description === 'first',
        mend: () => rollbackPolicy(context, author, name, 2n, ''),
      };
    },
  },
  holds: {
    field: { session: 'sessions/of-nobody' },
    async make(context, id) {
      const scope = create(HoldScopeSchema, { caller: id });
      const place = () => placeHold(context, admin, scope, 'matter 4711');
      const { name } = await place();
      return {
        id: name,
        works: async () => {
          const exchange = { _id: `exchanges/${id}`, sessions: [], subject: id, startTime: context.now() };
          const [foreseen] = await foresee(context.database, [exchange as unknown as ExchangeDocument]);
          return foreseen?.result === ErasureResult.HELD;
        },
        mend: async () => {
          await place();
          await endHold(context, admin, name, 'altered');
        },
      };
    },
  },
  reviews: {
    field: { state: 'COMPLETED', verdict: 'JUSTIFIED' },
    async make(context, id) {
      const open = async (): Promise<string> => {
        const review: ReviewDocument = {
          _id: `reviews/${uuidv7()}`,
          state: 'PENDING',
          caller: toBinary(CallerSchema, person(id)),
          plane: 'planes/one',
          exchange: newName('exchanges'),
          session: newName('sessions'),
          route: 'responses.create',
          model: 'gpt-5',
          policyRevision: 1n,
          policy: 'policies/one',
          rule: 'ask',
          reviewers: [],
          serviceReviewers: [],
          findings: [{ entity: 'MRN', count: 2 }],
          useTime: context.now(),
          createTime: context.now(),
          dueTime: context.now(),
        };
        await context.database.transaction((session) => insertReviews(context.database, session, [review]));
        return review._id;
      };
      let name = await open();
      return {
        id: name,
        works: async () => {
          const find = (session: ClientSession) => findReview(context.database, name, session);
          return (await context.database.transaction(find))?.state === 'PENDING';
        },
        // Nobody but the operator can say that it need not be there.
        mend: async () => {
          await rawOf(context.database, 'reviews').deleteOne({ _id: name });
          await makeRosters(context.database);
          name = await open();
        },
      };
    },
  },
  issuers: {
    field: { controlPlaneAudiences: ['anything'] },
    async make(context, id) {
      const issuerUrl = `https://${id}.example.org`;
      const create_ = () =>
        createIssuer(
          context,
          admin,
          id,
          create(IssuerSchema, { spec: { issuerUrl, groupsClaim: 'groups' } }),
        );
      await create_();
      return {
        id: `issuers/${id}`,
        works: async () => {
          await snapshotOf(context);
          return (await findIssuerByUrl(context.database, issuerUrl)) !== undefined;
        },
        mend: create_,
      };
    },
  },
  roleBindings: {
    field: { role: 'ADMIN' },
    async make(context, id) {
      const bind = () => createRoleBinding(context, admin, id, { group: `${id}-group`, role: Role.AUDITOR });
      await bind();
      return {
        id: `roleBindings/${id}`,
        works: async () => (await findRoles(context.database, [`${id}-group`])).size > 0,
        mend: bind,
      };
    },
  },
  upstreams: {
    field: { baseUrl: 'https://evil.example.com' },
    async make(context, id) {
      const upstream = create(UpstreamSchema, { spec: { baseUrl: `https://${id}.example.com/v1` } });
      const secrets = { credential: 'sk-1', clientKey: '', proxyCredential: '', secretHeaders: [] };
      const add = () => createUpstream(context, admin, id, upstream, secrets);
      await add();
      const name = `upstreams/${id}`;
      return {
        id: name,
        works: async () => (await snapshotOf(context)).upstreams.some((granted) => granted.name === name),
        mend: add,
      };
    },
  },
  notifiers: {
    field: { events: ['approval.request'] },
    async make(context, id) {
      const name = `notifiers/${id}`;
      const url = `https://${id}.example.org/hook`;
      const spec = { channel: { case: 'webhook' as const, value: { url } }, events: ['review.overdue'] };
      const secret = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;
      const add = () => createNotifier(context, admin, id, create(NotifierSchema, { spec }), secret);
      await add();
      const told = () => context.database.db.collection('notifications').countDocuments({ notifier: name });
      return {
        id: name,
        works: async () => {
          const before = await told();
          await context.database.transaction(async (session) => {
            for (const event of ['review.overdue', 'approval.request']) {
              await notify(context, session, { event, resource: 'reviews/one' });
            }
          });
          return (await told()) > before;
        },
        mend: add,
      };
    },
  },
  planes: {
    field: { displayName: 'another' },
    async make(context, id) {
      const { joinToken } = await createJoinToken(context, admin, id);
      const plane = makePlane();
      const name = await enrollPlane(context, plane.request(joinToken) as never);
      let current = { name, plane };
      return {
        id: name,
        works: async () => {
          const iat = Math.floor(context.now().getTime() / 1_000);
          const token = await current.plane.token(current.name, { iat, exp: iat + 90 });
          return (await createPlaneAuthenticator(context)(token)).name === current.name;
        },
        mend: async () => {
          await endTrust(context, admin, name);
          const again = await createJoinToken(context, admin, id);
          const renewed = makePlane();
          current = {
            name: await enrollPlane(context, renewed.request(again.joinToken) as never),
            plane: renewed,
          };
        },
      };
    },
  },
  joinTokens: {
    field: { expireTime: new Date(Date.now() + 1e9) },
    async make(context, id) {
      let { joinToken } = await createJoinToken(context, admin, id);
      return {
        id: hashJoinToken(joinToken),
        works: async () => (await enrollPlane(context, makePlane().request(joinToken) as never)) !== '',
        mend: async () => {
          ({ joinToken } = await createJoinToken(context, admin, id));
        },
      };
    },
  },
  grants: {
    field: { expireTime: new Date(Date.now() + 1e9) },
    async make(context, id) {
      const { name: approval } = await makeApproval(context, id, 3_600_000);
      const granted = await context.database.db.collection('grants').findOne({ approval });
      const name = String(granted?._id);
      let isMended = false;
      return {
        id: name,
        works: async () =>
          isMended || (await snapshotOf(context)).grants.some((grant) => grant.approval === approval),
        mend: async () => {
          await revokeGrant(context, { caller: admin, roles: new Set([Role.ADMIN]) }, name);
          isMended = true;
        },
      };
    },
  },
  approvals: {
    field: { expireTime: new Date(Date.now() + 1e9) },
    async make(context, id) {
      const { name, asked } = await makeApproval(context, id);
      let current = name;
      return {
        id: name,
        works: async () => {
          const requestDigest = sha256(Buffer.from(id));
          const request = { name: current, exchange: newName('exchanges'), requestDigest };
          await consumeApproval(context, 'planes/one', create(ConsumeApprovalRequestSchema, request));
          return true;
        },
        mend: async () => {
          current = (await requestApproval(context, 'planes/one', asked)).name;
          await decideApproval(context, rita, current, { state: 'APPROVED', reason: 'fine' });
        },
      };
    },
  },
  revocations: {
    field: { expireTime: new Date(1) },
    async make(context, id) {
      const target = create(RevocationTargetSchema, { subject: id });
      const revoke = () => createRevocation(context, admin, { target, reason: 'left' });
      const { name } = await revoke();
      const token = {
        issuer: 'https://idp.example.org',
        subject: id,
        email: '',
        client: '',
        tokenId: uuidv7(),
      };
      return {
        id: name,
        works: async () => {
          await snapshotOf(context);
          return await isRevoked(context.database, token, context.now());
        },
        mend: async () => {
          await revoke();
          await removeRevocation(context, admin, name);
        },
      };
    },
  },
};

/** Removes what stands for good, as an admin would. */
export const REMOVALS: Partial<Record<SealedName, (context: Context, name: string) => Promise<unknown>>> = {
  policies: (context, name) => removePolicy(context, author, name, ''),
  issuers: (context, name) => removeIssuer(context, admin, name, ''),
  roleBindings: (context, name) => removeRoleBinding(context, admin, name, ''),
  upstreams: (context, name) => removeUpstream(context, admin, name, ''),
  notifiers: (context, name) => removeNotifier(context, admin, name, ''),
  revocations: (context, name) => removeRevocation(context, admin, name),
  holds: (context, name) => endHold(context, admin, name, 'altered'),
  reviews: async (context, name) => {
    const finding = { verdict: 'JUSTIFIED', reason: 'it was so' } as const;
    await concludeReview(context, rita, name, finding).catch(async (error: unknown) => {
      if (!(error instanceof AlteredError)) throw error;
      await rawOf(context.database, 'reviews').deleteOne({ _id: name });
      await makeRosters(context.database);
    });
  },
  grants: (context, name) => revokeGrant(context, { caller: admin, roles: new Set([Role.ADMIN]) }, name),
};
