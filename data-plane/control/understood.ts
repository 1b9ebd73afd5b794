import { create, type Message } from '@bufbuild/protobuf';
import type { GenMessage } from '@bufbuild/protobuf/codegenv2';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { GrantSchema } from '#proto/sworn/approval/v1/grant_pb.ts';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { type Snapshot, UpstreamGrantSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { type Policy, PolicySchema, RuleSchema } from '#proto/sworn/policy/v1/policy_pb.ts';

const DENIED =
  'This data plane is older than a policy that applies here needs. Ask those who run it to upgrade it.';

/** What may be decided by of a snapshot that a newer control plane may have written. */
export interface Understood extends Pick<Snapshot, 'policies' | 'issuers' | 'upstreams' | 'grants'> {
  /** The names of what has fields that this version does not know. */
  readonly gaps: readonly string[];
}

/**
 * What this version knows of a snapshot, on the safe side of what it does not: a field that it does not know may be what
 * forbids something. A policy with one denies all that it applies to; an issuer, an upstream or a grant with one is left out.
 */
export function understand({ policies, issuers, upstreams, grants }: Snapshot): Understood {
  const gaps: string[] = [];
  const isKnown = <T extends Message & { readonly name: string }>(schema: GenMessage<T>) => {
    return (message: T): boolean => {
      const known = !hasUnknown(reflect(schema, message));
      if (!known) gaps.push(message.name);
      return known;
    };
  };
  const isKnownPolicy = isKnown(PolicySchema);
  return {
    policies: policies.map((policy) => (isKnownPolicy(policy) ? policy : denying(policy))),
    issuers: issuers.filter(isKnown(IssuerSchema)),
    upstreams: upstreams.filter(isKnown(UpstreamGrantSchema)),
    grants: grants.filter(isKnown(GrantSchema)),
    gaps,
  };
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
