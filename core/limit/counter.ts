import type { MessageInitShape } from '@bufbuild/protobuf';
import type { LimitScope } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { UsageCounter, UsageCounterSchema, UsageUnit } from '#proto/sworn/usage/v1/usage_pb.ts';

/** What is counted together for one limit. */
export interface Counter {
  /** `policies/{id}`. */
  readonly policy: string;
  /** The limit's name. */
  readonly limit: string;
  readonly per: LimitScope;
  /** The caller's; empty for groups and policies. */
  readonly issuer: string;
  /** The caller's, or the group; empty for a policy. */
  readonly subject: string;
  readonly unit: UsageUnit;
  readonly everySeconds: number;
}

/** A text that is the same for the same counter, and for no other. A limit that is given another time or unit is another one. */
export function counterId(counter: Counter): string {
  const { policy, limit, per, issuer, subject, unit, everySeconds } = counter;
  return JSON.stringify([policy, limit, per, issuer, subject, unit, everySeconds]);
}

/** As messages have it. */
export function toMessage(counter: Counter): MessageInitShape<typeof UsageCounterSchema> {
  const { policy, limit, per, issuer, subject, unit, everySeconds } = counter;
  return { policy, limit, per, issuer, subject, unit, everySeconds: BigInt(everySeconds) };
}

/** Of a message. */
export function fromMessage(message: UsageCounter): Counter {
  const { policy, limit, per, issuer, subject, unit, everySeconds } = message;
  return { policy, limit, per, issuer, subject, unit, everySeconds: Number(everySeconds) };
}
