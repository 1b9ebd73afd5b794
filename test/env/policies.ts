import { parsePolicies } from '#core/policy/parse.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import type { Env } from './env.ts';
import { until } from './until.ts';

/** Puts policies into force, and waits until all planes, so many, have them. */
export async function putPolicies(env: Env, yaml: string, planeCount = 1): Promise<void> {
  await env.api(PolicyService, 'admin').applyPolicies({ policies: parsePolicies(yaml) });
  await until('the planes have it', async () => {
    const { planes } = await env.api(PlaneService, 'admin').listPlanes({});
    return (
      planes.length === planeCount && planes.every((plane) => plane.headRevision === plane.appliedRevision)
    );
  });
}
