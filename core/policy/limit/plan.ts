import type { Counter } from '#core/limit/counter.ts';
import { counterId } from '#core/limit/counter.ts';
import { parseMoney } from '#core/limit/money.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type Limit, LimitScope } from '#proto/sworn/policy/v1/policy_pb.ts';
import { UsageUnit } from '#proto/sworn/usage/v1/usage_pb.ts';
import type { CompiledPolicy, CompiledRule } from '../compiled.ts';

/** A limit that is ready to be counted by. */
export interface CompiledLimit {
  readonly name: string;
  readonly per: LimitScope;
  readonly unit: UsageUnit;
  /** Requests, tokens, or millionths of the currency of prices. */
  readonly max: number;
  readonly everySeconds: number;
}

/** A limit with whose requests it counts together: what one request has to keep to. */
export interface AppliedLimit extends Counter {
  /** The counter's. */
  readonly id: string;
  readonly max: number;
}

/** Limits that have been checked. */
export function compileLimits(limits: readonly Limit[]): CompiledLimit[] {
  return limits.flatMap(({ name, per, amount, every }) => {
    const everySeconds = Number(every?.seconds ?? 0n);
    const max = amount.case === 'cost' ? parseMoney(amount.value) : Number(amount.value);
    if (amount.case === undefined || max === undefined) return [];
    return [{ name, per, unit: UNITS[amount.case], max, everySeconds }];
  });
}

const UNITS = {
  requests: UsageUnit.REQUESTS,
  tokens: UsageUnit.TOKENS,
  cost: UsageUnit.COST_MICROS,
} as const;

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
