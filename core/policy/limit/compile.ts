import { parseMoney } from '#core/limit/money.ts';
import type { Limit, LimitScope } from '#proto/sworn/policy/v1/policy_pb.ts';
import { UsageUnit } from '#proto/sworn/usage/v1/usage_pb.ts';

/** A limit that is ready to be counted by. */
export interface CompiledLimit {
  readonly name: string;
  readonly per: LimitScope;
  readonly unit: UsageUnit;
  /** Requests, tokens, or millionths of the currency of prices. */
  readonly max: number;
  readonly everySeconds: number;
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
