import { compilePolicies } from '#core/policy/compile.ts';
import { PolicyError, type PolicyFault } from '#core/policy/fault.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Policy } from '#proto/sworn/policy/v1/policy_pb.ts';
import { fail } from '../api/fail.ts';

const MAX_FAULTS = 100;

/**
 * Checks that planes will be able to run `changed`, together with the policies that stay as they are.
 * A fault of a policy that is stored already does not count: it must not stop anyone from mending another.
 * @throws ConnectError POLICY_INVALID; its metadata maps `policies/a spec.rules[0].when` to what is wrong
 */
export function checkPolicies(changed: readonly Policy[], unchanged: readonly Policy[]): void {
  const own = faultsOf(changed);
  if (own.length > 0) throw invalid(own);
  const names = new Set(changed.map(({ name }) => name));
  // Without a path it is about all policies together: what they are in sum is more than a plane takes.
  const common = faultsOf([...changed, ...unchanged]).filter(
    ({ document, path }) => path === '' || names.has(document),
  );
  if (common.length > 0) throw invalid(common);
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

function invalid(faults: readonly PolicyFault[]) {
  const metadata: Record<string, string> = {};
  for (const { document, path, message } of faults.slice(0, MAX_FAULTS)) {
    const position = path === '' ? document : `${document} ${path}`;
    const before = metadata[position];
    metadata[position] = before === undefined ? message : `${before}\n${message}`;
  }
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  return fail(Reason.POLICY_INVALID, `the policy does not compile: ${count}, nothing was changed`, metadata);
}
