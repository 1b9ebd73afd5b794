import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FindingCounts } from '#core/phi/mask.ts';
import { evaluatePolicies, type PolicyResult } from '#core/policy/evaluate.ts';
import type { OpaqueNeed } from '#core/policy/opaque.ts';
import { strictestOf } from '#core/policy/strictest.ts';
import type { BatchLine } from '#core/provider/openai/batch/read.ts';
import type { Route } from '#core/provider/openai/catalogue.ts';
import type { OpaqueKind } from '#core/provider/openai/content/kind.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { CompiledSnapshot } from '../control/control.ts';
import type { Exchange, Received, Verdict } from '../exchange.ts';

/** Lines that are judged at a stretch: a large batch must not keep everybody else waiting. */
const TURN_LINES = 100;

/**
 * What the policies of a snapshot say to a request. Where it brings requests for later, the lines of a batch, each of them is
 * judged as the request that it is, and the strictest word counts.
 */
export async function decide(
  snapshot: CompiledSnapshot,
  caller: Caller,
  received: Received,
  findings: FindingCounts,
  lineFindings: readonly FindingCounts[],
): Promise<Verdict> {
  const { content, target } = received;
  const { route } = target;
  const answer = route.answers === undefined ? [] : [{ kind: route.answers }];
  const own = evaluatePolicies(snapshot.policies, {
    caller,
    route: route.id,
    model: content.model,
    stream: content.stream,
    tools: content.tools,
    texts: content.texts.map(({ text }) => text),
    findings,
    opaque: needs(route, [...content.opaque, ...answer]),
  });
  const verdicts: PolicyResult[] = [];
  for (const [index, line] of content.lines.entries()) {
    if (index % TURN_LINES === TURN_LINES - 1) await nextTurn();
    const verdict = decideLine(snapshot, caller, line, lineFindings[index] ?? {});
    verdicts.push(verdict);
    if (verdict.decision.action === Action.DENY) break;
  }
  return strictestOf(own, verdicts);
}

function decideLine(
  snapshot: CompiledSnapshot,
  caller: Caller,
  line: BatchLine,
  findings: FindingCounts,
): PolicyResult {
  const { number, route, model, tools, texts, opaque } = line;
  const answer = route.answers === undefined ? [] : [{ kind: route.answers }];
  const result = evaluatePolicies(snapshot.policies, {
    caller,
    route: route.id,
    model,
    stream: false,
    tools,
    texts: texts.map(({ text }) => text),
    findings,
    opaque: needs(route, [...opaque, ...answer]),
  });
  const where = number === 0 ? `its requests (${route.id})` : `line ${number} (${route.id})`;
  return { ...result, decision: { ...result.decision, reason: `${where}: ${result.decision.reason}` } };
}

function needs(route: Route, contents: readonly { readonly kind: OpaqueKind }[]): OpaqueNeed[] {
  return contents.map(({ kind }) => ({ kind, mustBeAllowed: route.opaque === 'by policy' }));
}

/** Throws GatewayError `detector_unavailable` when the external detector has not seen the prompt and policy wants it to. */
export function requireSeen({ unseen, verdict }: Exchange): void {
  if (unseen !== undefined && verdict.externalRequired) throw unseen;
}

/** Throws GatewayError `policy_denied` or `no_policy` when the verdict is a denial. */
export function requireNotDenied(verdict: Verdict): void {
  const { decision, denyMessage } = verdict;
  if (decision.action === Action.ALLOW || decision.action === Action.REQUIRE_APPROVAL) return;
  if (decision.policy === '') {
    throw new GatewayError('no_policy', `No policy allows this request: ${decision.reason}.`);
  }
  const words = denyMessage === '' ? '' : ` ${denyMessage}`;
  throw new GatewayError('policy_denied', `Policy refuses this request: ${decision.reason}.${words}`);
}
