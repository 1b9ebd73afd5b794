import type { PolicyFault } from '#core/policy/fault.ts';
import type { Policy } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { Context } from '../context.ts';
import { listUpstreamNames } from '../storage/configuration/upstreams.ts';
import type { ClientSession } from '../storage/database.ts';
import { invalid } from './check.ts';

/**
 * Checks that the upstreams that policies name are there: one that is not would leave requests with no way to go.
 * @throws ConnectError POLICY_INVALID
 */
export async function checkUpstreams(
  { database }: Context,
  changed: readonly Policy[],
  session?: ClientSession,
): Promise<void> {
  if (changed.every(({ spec }) => (spec?.upstreams.length ?? 0) === 0)) return;
  const known = new Set(await listUpstreamNames(database, session));
  const faults: PolicyFault[] = changed.flatMap(({ name, spec }) =>
    (spec?.upstreams ?? []).flatMap((id, i) =>
      known.has(`upstreams/${id}`)
        ? []
        : [{ document: name, path: `spec.upstreams[${i}]`, message: `there is no upstream ${id}` }],
    ),
  );
  if (faults.length > 0) throw invalid(faults);
}
