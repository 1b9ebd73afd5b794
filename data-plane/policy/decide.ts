import { setImmediate as nextTurn } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import type { FindingCounts } from '#core/phi/mask.ts';
import type { CompiledPolicies } from '#core/policy/compiled.ts';
import type { Circumstances } from '#core/policy/condition/context.ts';
import { tellDenial } from '#core/policy/decision-words.ts';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import { needsOf } from '#core/policy/opaque.ts';
import type { PolicyResult } from '#core/policy/result.ts';
import { strictestOf } from '#core/policy/strictest.ts';
import { choiceOf } from '#core/policy/tokenize.ts';
import type { BatchLine } from '#core/provider/openai/batch/read.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Action, type Decision, DecisionSchema } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { CompiledSnapshot } from '../control/control.ts';
import type { Exchange, Received, Verdict } from '../exchange.ts';

/** Lines that are judged at a stretch: a large batch must not keep everybody else waiting. */
const TURN_LINES = 100;

/** What the policies of a snapshot say to a request, and what they would say if those that only observe counted. */
export async function decide(
  { policies }: CompiledSnapshot,
  ...asked: Asked
): Promise<{ verdict: Verdict; observed: Decision | undefined }> {
  const verdict = await judge(policies, ...asked);
  const observed = policies.observed && (await observe(policies.observed, asked));
  return { verdict, observed };
}

/** Whatever goes wrong in it is no matter of the request. */
async function observe(policies: CompiledPolicies, asked: Asked): Promise<Decision> {
  try {
    return (await judge(policies, ...asked)).decision;
  } catch {
    return create(DecisionSchema, { reason: 'what the policies that observe say could not be worked out' });
  }
}

type Asked = [
  caller: Caller,
  received: Received,
  findings: FindingCounts,
  lineFindings: readonly FindingCounts[],
  circumstances: Circumstances,
];

/** Where it brings requests for later, the lines of a batch, each of them is judged as the request that it is, and the strictest word counts. */
async function judge(
  policies: CompiledPolicies,
  caller: Caller,
  received: Received,
  findings: FindingCounts,
  lineFindings: readonly FindingCounts[],
  circumstances: Circumstances,
): Promise<Verdict> {
  const { content, target } = received;
  const { route } = target;
  const own = evaluatePolicies(policies, {
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
    const verdict = decideLine(policies, caller, line, lineFindings[index] ?? {}, circumstances);
    verdicts.push(verdict);
    if (verdict.decision.action === Action.DENY) break;
  }
  return strictestOf(isForm(received) ? asItIs(own, 'a form') : own, verdicts);
}

function decideLine(
  policies: CompiledPolicies,
  caller: Caller,
  line: BatchLine,
  findings: FindingCounts,
  circumstances: Circumstances,
): PolicyResult {
  const { number, route, model, tools, texts, opaque, parameters } = line;
  const result = evaluatePolicies(policies, {
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
  const kept = asItIs(line.hasSecrets ? denySecrets(result) : result, 'a line of a batch');
  const judged = withoutFindings(kept, findings);
  return { ...judged, decision: { ...judged.decision, reason: `${where}: ${judged.decision.reason}` } };
}

/** The answers to a batch come in another exchange, of whoever asks for them. */
function withoutFindings(result: PolicyResult, findings: FindingCounts): PolicyResult {
  const { decision, tokenize } = result;
  if (decision.action === Action.DENY || tokenize === undefined) return result;
  const names = (Object.keys(findings) as (keyof FindingCounts)[]).filter(
    (name) => (findings[name] ?? 0) > 0 && choiceOf(tokenize, name) !== 'keep',
  );
  if (names.length === 0) return result;
  return denied(
    result,
    `policy wants ${names.join(', ')} replaced by tokens, which cannot be done in a batch`,
  );
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
  const { decision, param } = verdict;
  if (decision.action === Action.ALLOW || decision.action === Action.REQUIRE_APPROVAL) return;
  const about = param === '' ? {} : { param };
  const code = decision.policy === '' ? 'no_policy' : 'policy_denied';
  throw new GatewayError(code, tellDenial(verdict), about);
}
