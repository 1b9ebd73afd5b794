import type { Route } from '#core/provider/openai/catalogue.ts';
import { isOpaqueKind, type OpaqueKind } from '#core/provider/openai/content/kind.ts';
import type { PolicySpec } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { CompiledPolicy } from './compiled.ts';

/** Content that cannot be read, which a request brings or its answer is made of. */
export interface OpaqueNeed {
  readonly kind: OpaqueKind;
  /** It goes on only where a policy lets it through; otherwise unless a policy that speaks of such content leaves it out. */
  readonly mustBeAllowed: boolean;
}

/** What is not let through, and by which policy: empty when it is for want of one. */
export interface Forbidden {
  readonly kind: OpaqueKind;
  readonly policy: string;
}

type Says = Pick<CompiledPolicy, 'name' | 'opaque'>;

/** The kinds that a policy lets through; undefined when it does not say. A kind that this version does not know is left out. */
export function planOpaque({ opaque }: Pick<PolicySpec, 'opaque'>): ReadonlySet<OpaqueKind> | undefined {
  return opaque && new Set(opaque.allow.filter(isOpaqueKind));
}

/** The kinds that all policies let through of those which say; undefined when none does. */
export function commonOpaque(policies: readonly Says[]): ReadonlySet<OpaqueKind> | undefined {
  const said = policies.flatMap(({ opaque }) => (opaque === undefined ? [] : [opaque]));
  const [first, ...others] = said;
  return first && new Set([...first].filter((kind) => others.every((other) => other.has(kind))));
}

/** What a request of this route needs leave for: what it brings, and what its answer always is. */
export function needsOf(
  route: Pick<Route, 'opaque' | 'answers'>,
  contents: readonly { readonly kind: OpaqueKind }[],
): OpaqueNeed[] {
  const answer = route.answers === undefined ? [] : [{ kind: route.answers }];
  const mustBeAllowed = route.opaque === 'by policy';
  return [...contents, ...answer].map(({ kind }) => ({ kind, mustBeAllowed }));
}

/** The first content that the policies which apply do not let through; undefined when there is none. */
export function findForbidden(
  policies: readonly Says[],
  needs: readonly OpaqueNeed[],
): Forbidden | undefined {
  for (const { kind, mustBeAllowed } of needs) {
    const saying = policies.filter(({ opaque }) => opaque !== undefined);
    const against = saying.find(({ opaque }) => !opaque?.has(kind));
    if (against !== undefined) return { kind, policy: against.name };
    if (saying.length === 0 && mustBeAllowed) return { kind, policy: '' };
  }
  return undefined;
}
