import { toCurrency } from '#core/limit/money.ts';
import type { FindingCounts } from '#core/phi/mask.ts';
import type { Circumstances } from '#core/policy/condition/context.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { readClaim } from '../../oidc/claims.ts';
import type { SessionTally } from './session-tally.ts';

/** Where a plane is, as its settings say. */
export interface PlanePlace {
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * What conditions know of a request beside itself.
 *
 * @param session `sessions/{id}`
 * @param distinct how many different values the prompt has; undefined where no policy asks for it
 */
export function circumstancesOf(
  plane: PlanePlace,
  tally: SessionTally,
  session: string,
  caller: Caller,
  distinct: FindingCounts | undefined,
): Circumstances {
  const { exchanges, tokens, costMicros } = tally.read(session);
  return {
    nowMs: Date.now(),
    claim: (name) => readClaim(caller, name),
    region: plane.region,
    labels: plane.labels,
    session: { exchanges, tokens, cost: toCurrency(costMicros) },
    distinct,
  };
}
