import { formatMoney } from '#core/limit/money.ts';
import { LimitScope } from '#proto/sworn/policy/v1/policy_pb.ts';
import { UsageUnit } from '#proto/sworn/usage/v1/usage_pb.ts';
import { shortName } from '../decision-words.ts';
import { formatDuration } from '../duration.ts';
import type { AppliedLimit } from './plan.ts';

/** `policy ward, limit daily`. */
export function placeOf({ policy, limit }: AppliedLimit): string {
  return `policy ${shortName(policy)}, limit ${limit}`;
}

/** `100 requests of each caller in 1m`. */
export function describeLimit({ unit, max, per, subject, everySeconds }: AppliedLimit): string {
  return `${describeAmount(unit, max)} ${whose(per, subject)} in ${formatDuration(everySeconds)}`;
}

function describeAmount(unit: UsageUnit, max: number): string {
  if (unit === UsageUnit.COST_MICROS) return `a cost of ${formatMoney(max)}`;
  return `${max} ${unit === UsageUnit.TOKENS ? 'tokens' : 'requests'}`;
}

function whose(per: LimitScope, subject: string): string {
  if (per === LimitScope.CALLER) return 'of each caller';
  return per === LimitScope.GROUP ? `of the group ${subject}` : 'of all callers';
}
