import type { FindingCounts } from '#core/phi/mask.ts';
import type { Circumstances } from '#core/policy/condition/context.ts';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { CompiledSnapshot } from '../control/control.ts';
import type { Exchange, Received, Verdict } from '../exchange.ts';

/** What the policies of a snapshot say to a request. */
export function decide(
  snapshot: CompiledSnapshot,
  caller: Caller,
  received: Received,
  findings: FindingCounts,
  circumstances: Circumstances,
): Verdict {
  const { content, target } = received;
  return evaluatePolicies(snapshot.policies, {
    caller,
    route: target.route.id,
    model: content.model,
    stream: content.stream,
    tools: content.tools,
    texts: content.texts.map(({ text }) => text),
    findings,
    parameters: content.parameters,
    circumstances,
  });
}

/** Throws GatewayError `detector_unavailable` when the external detector has not seen the prompt and policy wants it to. */
export function requireSeen({ unseen, verdict }: Exchange): void {
  if (unseen !== undefined && verdict.externalRequired) throw unseen;
}

/** Throws GatewayError `policy_denied` or `no_policy` when the verdict is a denial. */
export function requireNotDenied(verdict: Verdict): void {
  const { decision, denyMessage, param } = verdict;
  if (decision.action === Action.ALLOW || decision.action === Action.REQUIRE_APPROVAL) return;
  if (decision.policy === '') {
    throw new GatewayError('no_policy', `No policy allows this request: ${decision.reason}.`);
  }
  const words = denyMessage === '' ? '' : ` ${denyMessage}`;
  const message = `Policy refuses this request: ${decision.reason}.${words}`;
  throw new GatewayError('policy_denied', message, param === '' ? {} : { param });
}
