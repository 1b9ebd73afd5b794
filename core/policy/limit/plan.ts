import { type Counter, counterId } from '#core/limit/counter.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { LimitScope } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { CompiledPolicy, CompiledRule } from '../compiled.ts';
import type { CompiledLimit } from './compile.ts';

/** A limit with whose requests it counts together: what one request has to keep to. */
export interface AppliedLimit extends Counter {
  /** The counter's. */
  readonly id: string;
  readonly max: number;
}

/** The limits of all policies that apply to a caller's request, and of the rule that holds in each. */
export function applyLimits(
  applying: readonly CompiledPolicy[],
  held: ReadonlyMap<CompiledPolicy, CompiledRule>,
  caller: Caller,
): AppliedLimit[] {
  const applied: AppliedLimit[] = [];
  for (const policy of applying) {
    for (const limit of policy.limits) applied.push(...applyLimit(policy, limit, caller));
    for (const limit of held.get(policy)?.limits ?? []) applied.push(...applyLimit(policy, limit, caller));
  }
  return applied;
}

function applyLimit(
  { name: policy, groups }: CompiledPolicy,
  { name: limit, per, unit, max, everySeconds }: CompiledLimit,
  caller: Caller,
): AppliedLimit[] {
  const apply = (issuer: string, subject: string): AppliedLimit => {
    const counter = { policy, limit, per, issuer, subject, unit, everySeconds };
    return { ...counter, id: counterId(counter), max };
  };
  if (per === LimitScope.CALLER) return [apply(caller.issuer, caller.subject)];
  if (per === LimitScope.POLICY) return [apply('', '')];
  return [...new Set(caller.groups)].filter((group) => groups?.has(group)).map((group) => apply('', group));
}

/** The limits of a request that brings others: each once. */
export function uniteLimits(said: readonly (readonly AppliedLimit[])[]): AppliedLimit[] {
  return [...new Map(said.flat().map((limit) => [limit.id, limit])).values()];
}
