import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FindingCounts } from '#core/phi/mask.ts';
import type { Circumstances } from '#core/policy/condition/context.ts';
import { evaluatePolicies, type PolicyResult } from '#core/policy/evaluate.ts';
import { needsOf } from '#core/policy/opaque.ts';
import { strictestOf } from '#core/policy/strictest.ts';
import type { BatchLine } from '#core/provider/openai/batch/read.ts';
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
  circumstances: Circumstances,
): Promise<Verdict> {
  const { content, target } = received;
  const { route } = target;
  const own = evaluatePolicies(snapshot.policies, {
    caller,
    route: route.id,
    model: content.model,
    stream: content.stream,
    tools: content.tools,
    texts: content.texts.map(({ text }) => text),
    findings,
    opaque: needsOf(route, content.opaque),
    parameters: content.parameters,
    circumstances,
  });
  const verdicts: PolicyResult[] = [];
  for (const [index, line] of content.lines.entries()) {
    if (index % TURN_LINES === TURN_LINES - 1) await nextTurn();
    const verdict = decideLine(snapshot, caller, line, lineFindings[index] ?? {}, circumstances);
    verdicts.push(verdict);
    if (verdict.decision.action === Action.DENY) break;
  }
  return strictestOf(isForm(received) ? asItIs(own, 'a form') : own, verdicts);
}

function decideLine(
  snapshot: CompiledSnapshot,
  caller: Caller,
  line: BatchLine,
  findings: FindingCounts,
  circumstances: Circumstances,
): PolicyResult {
  const { number, route, model, tools, texts, opaque, parameters } = line;
  const result = evaluatePolicies(snapshot.policies, {
    caller,
    route: route.id,
    model,
    stream: false,
    tools,
    texts: texts.map(({ text }) => text),
    findings,
    opaque: needsOf(route, opaque),
    parameters,
    circumstances,
  });
  const where = number === 0 ? `its requests (${route.id})` : `line ${number} (${route.id})`;
  const judged = asItIs(line.hasSecrets ? denySecrets(result) : result, 'a line of a batch');
  return { ...judged, decision: { ...judged.decision, reason: `${where}: ${judged.decision.reason}` } };
}

/** A file is kept by the provider, and recorded whole. */
function denySecrets(result: PolicyResult): PolicyResult {
  if (result.decision.action === Action.DENY) return result;
  return denied(result, 'it holds credentials of tools, which a file may not keep');
}

/** What cannot be edited is refused where policy wants it changed. */
function asItIs(result: PolicyResult, what: string): PolicyResult {
  const { decision, edits } = result;
  if (decision.action === Action.DENY || edits.length === 0) return result;
  const wanted = decision.changes.map(({ parameter, change }) => `${parameter} ${change}`).join(', ');
  return denied(result, `${what} goes to the provider as it is, and policy wants a change: ${wanted}`);
}

function denied(result: PolicyResult, reason: string): PolicyResult {
  const { policy, rule } = result.decision;
  const decision = { ...result.decision, action: Action.DENY, policy, rule, reason, changes: [] };
  return { ...result, decision, denyMessage: '', approval: undefined, edits: [] };
}

function isForm({ content }: Received): boolean {
  return content.outgoing.contentType.startsWith('multipart/');
}

/** Throws GatewayError `detector_unavailable` when the external detector has not seen the prompt and policy wants it to. */
export function requireSeen({ unseen, verdict }: Exchange): void {
  if (unseen !== undefined && verdict.externalRequired) throw unseen;
}

/** Throws GatewayError `policy_denied` or `no_policy` when the verdict is a denial. */
export function requireNotDenied(verdict: Verdict): void {
  const { decision, denyMessage, param } = verdict;
  if (decision.action === Action.ALLOW || decision.action === Action.REQUIRE_APPROVAL) return;
  const about = param === '' ? {} : { param };
  if (decision.policy === '') {
    throw new GatewayError('no_policy', `No policy allows this request: ${decision.reason}.`, about);
  }
  const words = denyMessage === '' ? '' : ` ${denyMessage}`;
  throw new GatewayError('policy_denied', `Policy refuses this request: ${decision.reason}.${words}`, about);
}
