import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import {
  type SignedSnapshot,
  SignedSnapshotSchema,
  SnapshotSchema,
} from '#proto/sworn/plane/v1/snapshot_pb.ts';
import type { Policy } from '#proto/sworn/policy/v1/policy_pb.ts';
import { describeError } from '../../program/log.ts';
import { digestPolicy } from '../approval/binding.ts';
import { viewGrant } from '../approval/grant.ts';
import type { Context } from '../context.ts';
import { chooseEvidenceKey } from '../evidence-key/choose.ts';
import { viewForPlanes } from '../identity/revocation.ts';
import { viewForgotten } from '../retention/forget.ts';
import { listEvidenceKeys } from '../storage/configuration/evidence-keys.ts';
import { listForgotten } from '../storage/configuration/forgotten-sessions.ts';
import { type GrantDocument, listAllGrants } from '../storage/configuration/grants.ts';
import { readHeldHead } from '../storage/configuration/heads.ts';
import { listAllIssuers } from '../storage/configuration/issuers.ts';
import { listAllPolicies } from '../storage/configuration/policies.ts';
import { listAllRevocations } from '../storage/configuration/revocations.ts';
import { listAllUpstreams, type SealedUpstream } from '../storage/configuration/upstreams.ts';
import { findDefault } from '../upstream/default.ts';
import { openSecrets, parseHeaders } from '../upstream/secrets.ts';
import { loadMaskingKey } from './masking-key.ts';
import { keepRecorded } from './recorded.ts';
import { loadSigningKey, type SigningKey } from './signing-key.ts';

/** The newest evidence keys of the store, among which the one in force is looked for. */
const MAX_EVIDENCE_KEYS = 100;

/** A snapshot as every plane gets it: encoded and signed once. */
export interface BuiltSnapshot {
  readonly epoch: string;
  readonly revision: bigint;
  readonly signed: SignedSnapshot;
}

/**
 * Builds the newest snapshot. Everything is read in one transaction, so that it is exactly the state at its
 * revision. Undefined in a store in which nothing was ever changed.
 * @throws AlteredError when a policy, issuer, upstream or revocation is altered, is gone or is back: without one that denies, another
 *   may allow; and when the store is further back than this control plane has seen it
 */
export async function buildSnapshot(context: Context, key: SigningKey): Promise<BuiltSnapshot | undefined> {
  const { database } = context;
  const state = await database.transaction(async (session) => {
    const head = await readHeldHead(database, session);
    // One after the other: a session takes one operation at a time.
    const policies = await listAllPolicies(database, session, 'refuse');
    const issuers = await listAllIssuers(database, session);
    const upstreams = await listAllUpstreams(database, session, 'refuse');
    const evidenceKeys = await listEvidenceKeys(database, MAX_EVIDENCE_KEYS, undefined, session);
    const stored = await listAllRevocations(database, session);
    const revocations = await viewForPlanes(database, session, stored);
    const forgotten = await listForgotten(database, session);
    const grants = await listAllGrants(database, session, head?.reviseTime ?? new Date(0));
    const kept = await keepRecorded(database, session, { policies, issuers, upstreams, grants });
    return head && { head, ...kept, evidenceKeys, revocations, forgotten };
  });
  if (state === undefined) return undefined;
  const [maskingKey, receiptKey, evidenceKey] = await Promise.all([
    loadMaskingKey(context),
    loadSigningKey(context, 'receipt'),
    chooseEvidenceKey(context, state.evidenceKeys),
  ]);
  const { head } = state;
  const { epoch, revision, reviseTime } = head;
  const snapshot = create(SnapshotSchema, {
    epoch,
    revision,
    // Of the change, not of the building: all replicas make the same bytes of a revision.
    createTime: timestampFromDate(reviseTime),
    policies: [...state.policies],
    issuers: [...state.issuers],
    upstreams: grantAll(context, state.upstreams),
    maskingKey,
    ...(evidenceKey && { evidenceKey: { id: evidenceKey.id, publicKey: evidenceKey.publicKey } }),
    receiptKey: receiptKey.publicKey,
    revocations: state.revocations,
    ...viewForgotten(state.forgotten),
    grants: state.grants.filter((grant) => isOfPolicy(grant, state.policies)).map(viewGrant),
  });
  const bytes = toBinary(SnapshotSchema, snapshot);
  const signed = create(SignedSnapshotSchema, { snapshot: bytes, signature: key.sign(bytes) });
  return { epoch, revision, signed };
}

/** Whether the policy that has the grant's rule is the one that asked for the approval. */
function isOfPolicy({ policy, policyDigest }: GrantDocument, policies: readonly Policy[]): boolean {
  const spec = policies.find(({ name }) => name === policy)?.spec;
  return spec !== undefined && Buffer.compare(digestPolicy(spec), policyDigest) === 0;
}

/** An upstream that cannot be opened is left out, and refused by planes: it must not hold back the policies. */
function grantAll({ seal, logger }: Context, all: readonly SealedUpstream[]) {
  const fallback = findDefault(all.map(({ upstream }) => upstream))?.name;
  return all.flatMap((sealed) => {
    const { name, spec } = sealed.upstream;
    try {
      const isDefault = name === fallback;
      const secrets = openSecrets(seal, sealed);
      const secretHeaders = parseHeaders(secrets.secretHeaders);
      return [{ name, ...secrets, secretHeaders, ...(spec && { spec: { ...spec, isDefault } }) }];
    } catch (error) {
      logger.error({ upstream: name, ...describeError(error) }, 'credential left out');
      return [];
    }
  });
}
