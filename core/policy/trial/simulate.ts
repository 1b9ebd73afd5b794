import type { Detector } from '#core/phi/detect.ts';
import { type EntityName, isEntityName } from '#core/phi/entities.ts';
import type { FindingCounts } from '#core/phi/mask.ts';
import { methodOf } from '#core/phi/replace/replace.ts';
import { type ModelRequest, RequestError, readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Action, type Decision } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { CompiledPolicies } from '../compiled.ts';
import type { SessionSoFar } from '../condition/context.ts';
import { shortName } from '../decision-words.ts';
import { type Explanation, explainPolicies } from '../explain.ts';
import { needsOf } from '../opaque.ts';
import { choiceOf } from '../tokenize.ts';
import { countDelivered, countDistinct, countFindings } from './count.ts';

/** An exchange as its records have it. */
export interface Recorded {
  readonly caller: Caller;
  /** When it began: milliseconds since 1970. */
  readonly startMs: number;
  readonly decision: Decision;
  /** What was found in its prompt then. */
  readonly findings: FindingCounts;
  /** What was replaced by tokens in the request then. */
  readonly tokenized: FindingCounts;
  /** What was masked in its answer then. */
  readonly masked: FindingCounts;
  /** The prompt as it came; undefined where it is not there any more. */
  readonly prompt: { readonly method: string; readonly path: string; readonly body: Uint8Array } | undefined;
  /** The texts that were delivered. */
  readonly delivered: readonly string[];
  /** What was answered in its session before; undefined where that is not known. */
  readonly session: SessionSoFar | undefined;
}

/** What would become of it; `changed`: the same, but policy would have had the request changed otherwise. */
export type Change = 'denied' | 'asked' | 'allowed' | 'changed' | 'same';

/** Values by entity: in the request on its way to the provider, in the answer on its way to the caller. */
export interface Masks {
  readonly request: FindingCounts;
  readonly answer: FindingCounts;
}

/** What other policies would have said to it. */
export interface Simulated {
  readonly change: Change;
  readonly decision: Decision;
  /** What went bare, and would be masked, in the request by tokens. */
  readonly masked: Masks;
  /** What was masked, and would go bare. */
  readonly unmasked: Masks;
}

/** Why it cannot be said. */
export interface Unknown {
  readonly change: 'unknown';
  readonly reason: string;
}

const CHANGES: Readonly<Record<Action, Change>> = {
  [Action.UNSPECIFIED]: 'same',
  [Action.ALLOW]: 'allowed',
  [Action.DENY]: 'denied',
  [Action.REQUIRE_APPROVAL]: 'asked',
};

/** Facts that no record has, as conditions name them. */
const UNRECORDED = /^(?:caller\.claims|labels|region|session)\b/;
const NO_SESSION: SessionSoFar = { exchanges: 0, tokens: 0, cost: 0 };

/**
 * What policies would have said to a recorded exchange. What was found then counts, the external detector's findings among
 * it; identifiers of the policies are looked for anew. Where they would have read what no record has, it cannot be said:
 * nothing is guessed.
 *
 * @param detector that knows the identifiers of the policies
 */
export function simulate(
  compiled: CompiledPolicies,
  detector: Detector,
  recorded: Recorded,
): Simulated | Unknown {
  const read = readPrompt(recorded);
  if (typeof read === 'string') return { change: 'unknown', reason: read };
  const explanation = explain(compiled, detector, recorded, read);
  const missing = missingFacts(explanation, recorded.session !== undefined);
  if (missing.length > 0) {
    return { change: 'unknown', reason: `conditions read what is not recorded: ${missing.join(', ')}` };
  }
  const { decision } = explanation.result;
  const { policy, limit } = recorded.decision;
  if (limit !== '' && decision.action !== Action.DENY) {
    const place = `policy ${shortName(policy)}, limit ${limit}`;
    return { change: 'unknown', reason: `${place} refused it, and limits are not counted anew` };
  }
  const change = compare(decision, recorded.decision);
  return { change, decision, ...compareMasks(explanation, detector, recorded) };
}

function compare(decision: Decision, before: Decision): Change {
  if (decision.action !== before.action) return CHANGES[decision.action] ?? 'same';
  return changesOf(decision) === changesOf(before) ? 'same' : 'changed';
}

function changesOf({ changes }: Decision): string {
  return JSON.stringify(changes.map(({ parameter, change }) => [parameter, change]));
}

function explain(
  compiled: CompiledPolicies,
  detector: Detector,
  { caller, startMs, findings, session = NO_SESSION }: Recorded,
  { target, content }: { readonly target: Target; readonly content: ModelRequest },
): Explanation {
  const { texts } = content;
  const custom = [...detector.entities].every(isEntityName) ? {} : countFindings(detector, texts);
  return explainPolicies(compiled, {
    caller,
    route: target.route.id,
    model: content.model,
    stream: content.stream,
    tools: content.tools,
    parameters: content.parameters,
    texts: texts.map(({ text }) => text),
    findings: { ...only(custom, (name) => !isEntityName(name)), ...only(findings, isEntityName) },
    opaque: needsOf(target.route, content.opaque),
    circumstances: {
      nowMs: startMs,
      claim: () => [],
      region: '',
      labels: {},
      session,
      distinct: compiled.readsDistinct ? countDistinct(detector, texts, startMs) : undefined,
    },
  });
}

function readPrompt({ prompt }: Recorded): { target: Target; content: ModelRequest } | string {
  if (prompt === undefined) return 'its content is erased';
  const { method, path, body } = prompt;
  if (method === 'WEBSOCKET') return 'it was a message of a connection';
  try {
    const target = readTarget(method, path);
    if (target === undefined) return 'its route is not served any more';
    if (target.route.form !== undefined) return 'it was a form, of which the record has no type';
    const content = readRequest(target, body);
    return content.lines.length > 0 ? 'it brought requests for later' : { target, content };
  } catch (error) {
    if (error instanceof RequestError) return 'it would be refused unread';
    throw error;
  }
}

/** What rules read on the way to their decision and nobody knows any more, each once. */
function missingFacts({ policies }: Explanation, isSessionKnown: boolean): string[] {
  const read = policies.flatMap(({ rules }) => rules.flatMap(({ values }) => values.map(([name]) => name)));
  const missing = read.filter(
    (name) => UNRECORDED.test(name) && !(isSessionKnown && name.startsWith('session.')),
  );
  return [...new Set(missing)].sort();
}

/** Nothing is delivered of what is denied. */
function compareMasks(
  { result: { decision, mask, tokenize } }: Explanation,
  detector: Detector,
  recorded: Recorded,
): Pick<Simulated, 'masked' | 'unmasked'> {
  if (decision.action === Action.DENY || recorded.decision.action === Action.DENY) {
    const none = { request: {}, answer: {} };
    return { masked: none, unmasked: none };
  }
  const isBare = (name: EntityName) => methodOf(mask, name) === 'none';
  const isSent = (name: EntityName) => tokenize === undefined || choiceOf(tokenize, name) === 'keep';
  // Of a date that was moved a date is left: what a mask replaced was not bare.
  const bare = only(
    countDelivered(detector, recorded.delivered),
    (name) => recorded.masked[name] === undefined,
  );
  const sentBare = only(recorded.findings, (name) => recorded.tokenized[name] === undefined);
  return {
    masked: {
      request: only(sentBare, (name) => !isSent(name)),
      answer: only(bare, (name) => !isBare(name)),
    },
    unmasked: { request: only(recorded.tokenized, isSent), answer: only(recorded.masked, isBare) },
  };
}

function only(counts: FindingCounts, wanted: (name: EntityName) => boolean): FindingCounts {
  const entries = Object.entries(counts) as [EntityName, number][];
  return Object.fromEntries(entries.filter(([name, count]) => count > 0 && wanted(name)));
}
