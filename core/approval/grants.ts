import { timestampMs } from '@bufbuild/protobuf/wkt';
import type { Grant } from '#proto/sworn/approval/v1/grant_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';

/** The rule that asks for approval. */
export interface AskingRule {
  /** `policies/{id}`. */
  readonly policy: string;
  readonly rule: string;
}

/** What can be asked of grants made ready. */
export interface Grants {
  /** The grant by which this caller need not wait for this rule at this time, in milliseconds since 1970. */
  find(caller: Caller, asking: AskingRule, nowMs: number): Grant | undefined;
}

/** Grants made ready for the request path: one look-up. Of several for one caller and rule the longest counts. */
export function compileGrants(grants: readonly Grant[]): Grants {
  const longest = new Map<string, Grant>();
  for (const grant of grants) {
    if (grant.caller === undefined) continue;
    const key = keyOf(grant.caller, grant);
    const other = longest.get(key);
    if (other === undefined || endMs(other) < endMs(grant)) longest.set(key, grant);
  }
  return {
    find(caller, asking, nowMs) {
      const grant = longest.size === 0 ? undefined : longest.get(keyOf(caller, asking));
      return grant !== undefined && endMs(grant) > nowMs ? grant : undefined;
    },
  };
}

/** Every part stands with its length, so that no two run into the same text. */
function keyOf({ issuer, subject }: Caller, { policy, rule }: AskingRule): string {
  return [issuer, subject, policy, rule].map((part) => `${part.length}:${part}`).join('');
}

/** A grant without an end has none: it counts for nothing. */
function endMs({ expireTime }: Grant): number {
  return expireTime === undefined ? 0 : timestampMs(expireTime);
}
