import type { MessageInitShape } from '@bufbuild/protobuf';
import { toMessage } from '#core/limit/counter.ts';
import { compileLimits } from '#core/policy/limit/compile.ts';
import type { UsageSchema } from '#proto/sworn/usage/v1/usage_service_pb.ts';
import type { Context } from '../context.ts';
import { listAllPolicies } from '../storage/configuration/policies.ts';
import type { Page } from '../storage/keyset.ts';
import { sumUsage, type UsageSum } from '../storage/record/usage.ts';

/** One page of counters with what they have counted, and what their policies allow now; and one more where there is one. */
export async function listUsage(
  context: Context,
  policy: string,
  page: Page,
): Promise<{ readonly key: string; readonly usage: MessageInitShape<typeof UsageSchema> }[]> {
  const sums = await sumUsage(context.database, policy, context.now(), page);
  const allowed = await readAllowed(context);
  return sums.map(({ key, counter, used }) => ({
    key,
    usage: { counter: toMessage(counter), used, allowed: allowed.get(limitKey(counter)) ?? 0n },
  }));
}

/** What limits allow, by policy, name, time and unit. */
async function readAllowed(context: Context): Promise<Map<string, bigint>> {
  const policies = await listAllPolicies(context.database);
  return new Map(
    policies.flatMap(({ name, spec }) =>
      compileLimits([...(spec?.limits ?? []), ...(spec?.rules ?? []).flatMap(({ limits }) => limits)]).map(
        ({ name: limit, unit, everySeconds, per, max }) =>
          [limitKey({ policy: name, limit, unit, everySeconds, per }), BigInt(max)] as const,
      ),
    ),
  );
}

function limitKey({
  policy,
  limit,
  unit,
  everySeconds,
  per,
}: Pick<UsageSum['counter'], 'policy' | 'limit' | 'unit' | 'everySeconds' | 'per'>): string {
  return JSON.stringify([policy, limit, unit, everySeconds, per]);
}
