import { durationMs } from '@bufbuild/protobuf/wkt';
import { compilePolicies } from '#core/policy/compile.ts';
import { formatDuration } from '#core/policy/duration.ts';
import { PolicyError, type PolicyFault } from '#core/policy/fault.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Policy } from '#proto/sworn/policy/v1/policy_pb.ts';
import { fail } from '../api/fail.ts';

const MAX_FAULTS = 100;

/**
 * Checks that planes will be able to run `changed`, together with the policies that stay as they are.
 * A fault of a policy that is stored already does not count: it must not stop anyone from mending another.
 * @param minimumRetentionMs what the deployment keeps content for at least
 * @throws ConnectError POLICY_INVALID; its metadata maps `policies/a spec.rules[0].when` to what is wrong
 */
export function checkPolicies(
  changed: readonly Policy[],
  unchanged: readonly Policy[],
  minimumRetentionMs: number,
): void {
  const own = [...faultsOf(changed), ...tooShort(changed, minimumRetentionMs)];
  if (own.length > 0) throw invalid(own);
  const names = new Set(changed.map(({ name }) => name));
  // Without a path it is about all policies together: what they are in sum is more than a plane takes.
  const common = faultsOf([...changed, ...unchanged]).filter(
    ({ document, path }) => path === '' || names.has(document),
  );
  if (common.length > 0) throw invalid(common);
}

function tooShort(policies: readonly Policy[], minimumMs: number): PolicyFault[] {
  const message = `must be ${formatDuration(minimumMs / 1_000)} or more: this deployment keeps content so long`;
  return policies.flatMap(({ name, spec }) => {
    const rules = (spec?.rules ?? []).map(({ retention }, i) => ({
      path: `spec.rules[${i}].retention`,
      retention,
    }));
    return [{ path: 'spec.retention', retention: spec?.retention }, ...rules].flatMap(
      ({ path, retention }) =>
        retention === undefined || durationMs(retention) >= minimumMs
          ? []
          : [{ document: name, path, message }],
    );
  });
}

function faultsOf(policies: readonly Policy[]): readonly PolicyFault[] {
  try {
    compilePolicies(policies);
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.faults;
    throw error;
  }
}

/** @returns the error of policies with these faults */
export function invalid(faults: readonly PolicyFault[]) {
  const metadata: Record<string, string> = {};
  for (const { document, path, message } of faults.slice(0, MAX_FAULTS)) {
    const position = path === '' ? document : `${document} ${path}`;
    const before = metadata[position];
    metadata[position] = before === undefined ? message : `${before}\n${message}`;
  }
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  return fail(Reason.POLICY_INVALID, `the policy does not compile: ${count}, nothing was changed`, metadata);
}
