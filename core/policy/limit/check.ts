import type { Duration } from '@bufbuild/protobuf/wkt';
import { parseMoney } from '#core/limit/money.ts';
import { type Limit, LimitScope, type Policy } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { RawFault } from '../fault.ts';

const MIN_SECONDS = 60;
const MAX_SECONDS = 31 * 24 * 60 * 60;

/** What is wrong with the limits of a policy and its rules, beyond the rules of the .proto. */
export function checkLimits({ spec }: Policy): RawFault[] {
  const placed = [
    ...placeLimits('spec', spec?.limits),
    ...(spec?.rules ?? []).flatMap((rule, i) => placeLimits(`spec.rules[${i}]`, rule.limits)),
  ];
  const names = placed.map(({ limit }) => limit.name);
  const namesGroups = spec?.groups.includes('*') !== true;
  return placed.flatMap(({ path, limit }, i) => [
    ...(names.indexOf(limit.name) === i
      ? []
      : [{ path: `${path}.name`, message: `a limit of this name stands before: ${limit.name}` }]),
    ...(limit.per === LimitScope.GROUP && !namesGroups
      ? [{ path: `${path}.per`, message: 'group needs a policy that names its groups, and * names none' }]
      : []),
    ...(limit.every !== undefined && isOutOfRange(limit.every)
      ? [{ path: `${path}.every`, message: 'must be whole seconds, from 1m to 31d' }]
      : []),
    ...(limit.amount.case === 'cost' && parseMoney(limit.amount.value) === 0
      ? [{ path: `${path}.cost`, message: 'must be more than nothing' }]
      : []),
  ]);
}

function placeLimits(at: string, limits: readonly Limit[] = []): { path: string; limit: Limit }[] {
  return limits.map((limit, i) => ({ path: `${at}.limits[${i}]`, limit }));
}

function isOutOfRange({ seconds, nanos }: Duration): boolean {
  return seconds < MIN_SECONDS || seconds > MAX_SECONDS || nanos !== 0;
}
