import { create, type Message } from '@bufbuild/protobuf';
import type { GenMessage } from '@bufbuild/protobuf/codegenv2';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { GrantSchema } from '#proto/sworn/approval/v1/grant_pb.ts';
import { type Issuer, IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { type Revocation, RevocationSchema } from '#proto/sworn/identity/v1/revocation_pb.ts';
import {
  ForgottenSessionSchema,
  type Snapshot,
  UpstreamGrantSchema,
} from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { type Policy, PolicySchema, RuleSchema } from '#proto/sworn/policy/v1/policy_pb.ts';

const DENIED =
  'This data plane is older than a policy that applies here needs. Ask those who run it to upgrade it.';

/** What may be decided by of a snapshot that a newer control plane may have written. */
export interface Understood
  extends Pick<Snapshot, 'policies' | 'issuers' | 'upstreams' | 'grants' | 'forgottenSince'> {
  /** The names of what has fields that this version does not know. */
  readonly gaps: readonly string[];
}

/**
 * What this version knows of a snapshot, on the safe side of what it does not: a field that it does not know may be what
 * forbids something. A policy with one denies all that it applies to; an issuer, an upstream or a grant with one is left out. A
 * revocation with one counts for all whom the other fields name; where they name nobody, the issuers are left out whose callers
 * it may concern. A forgotten session with one has all sessions of then forgotten.
 */
export function understand(snapshot: Snapshot): Understood {
  const { policies, issuers, upstreams, grants, revocations, forgottenSessions } = snapshot;
  const gaps: string[] = [];
  const isKnown = <T extends Message>(schema: GenMessage<T>, nameOf: (message: T) => string) => {
    return (message: T): boolean => {
      const known = !hasUnknown(reflect(schema, message));
      if (!known) gaps.push(nameOf(message));
      return known;
    };
  };
  const nameOf = ({ name }: { readonly name: string }) => name;
  const isKnownPolicy = isKnown(PolicySchema, nameOf);
  const isKnownRevocation = isKnown(RevocationSchema, nameOf);
  const isKnownSession = isKnown(ForgottenSessionSchema, ({ session }) => session);
  const vague = revocations.filter((revocation) => !isKnownRevocation(revocation) && namesNobody(revocation));
  const isUntouched = (issuer: Issuer) => !vague.some((revocation) => mayConcern(revocation, issuer));
  let { forgottenSince } = snapshot;
  for (const session of forgottenSessions) {
    if (!isKnownSession(session) && session.revision > forgottenSince) forgottenSince = session.revision;
  }
  return {
    policies: policies.map((policy) => (isKnownPolicy(policy) ? policy : denying(policy))),
    issuers: issuers.filter(isKnown(IssuerSchema, nameOf)).filter(isUntouched),
    upstreams: upstreams.filter(isKnown(UpstreamGrantSchema, nameOf)),
    grants: grants.filter(isKnown(GrantSchema, nameOf)),
    forgottenSince,
    gaps,
  };
}

function namesNobody({ target }: Revocation): boolean {
  const { subject, email, client, tokenId, session } = target ?? {};
  return ![subject, email, client, tokenId, session].some(Boolean);
}

function mayConcern({ target }: Revocation, { spec }: Issuer): boolean {
  return (target?.issuer ?? '') === '' || target?.issuer === spec?.issuerUrl;
}

/** Its identifiers and masks stay: others may go by them. */
function denying({ name, spec }: Policy): Policy {
  const action = { case: 'deny', value: { message: DENIED } } as const;
  const rules = [create(RuleSchema, { name: 'not-understood', action })];
  return create(PolicySchema, { name, ...(spec && { spec: { ...spec, rules } }) });
}

/** Whether a message, or one in it, has fields that its schema has not (Protocol Buffers, "Unknown Fields"). */
function hasUnknown(message: ReflectMessage): boolean {
  if ((message.getUnknown()?.length ?? 0) > 0) return true;
  return message.fields.some((field) => {
    if (!message.isSet(field)) return false;
    if (field.fieldKind === 'message') return hasUnknown(message.get(field));
    if (field.fieldKind === 'list' && field.listKind === 'message')
      return [...message.get(field)].some((item) => hasUnknown(item as ReflectMessage));
    if (field.fieldKind === 'map' && field.mapKind === 'message')
      return [...message.get(field).values()].some((item) => hasUnknown(item as ReflectMessage));
    return false;
  });
}
