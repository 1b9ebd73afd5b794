import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { CompiledSnapshot } from '../control/control.ts';
import type { Verdict } from '../exchange.ts';
import type { Trail } from '../record/trail.ts';

/** Whoever holds a grant for the rule that asks need not wait; the intent says by which. */
export function noteGrant(
  { grants }: CompiledSnapshot,
  caller: Caller,
  { decision }: Verdict,
  trail: Trail,
): void {
  if (decision.action !== Action.REQUIRE_APPROVAL) return;
  const grant = grants.find(caller, decision, Date.now());
  if (grant === undefined) return;
  trail.known.grant = grant.name;
  trail.known.approval = grant.approval;
}
