import { create } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import type { FindingCounts, MaskPlan } from '#core/phi/mask.ts';
import { mustBeNamed, ROUTES } from '#core/provider/openai/catalogue.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Action, type Decision, DecisionSchema } from '#proto/sworn/policy/v1/decision_pb.ts';
import { EXPIRES_DEFAULT_SECONDS } from './check.ts';
import type { CompiledPolicies, CompiledPolicy, CompiledRule } from './compile.ts';
import { ConditionError } from './condition/compile.ts';
import { type Bindings, bindFacts, bindPatterns } from './condition/context.ts';
import { MASK_ALL, uniteMasks } from './mask.ts';
import { longestRetention } from './retention.ts';

/** What is known of a request before it goes anywhere. */
export interface PolicyRequest {
  readonly caller: Caller;
  /** The route id: `responses.create`. */
  readonly route: string;
  /** Empty when the request names none. */
  readonly model: string;
  readonly stream: boolean;
  /** The names of the tools that the request offers. */
  readonly tools: readonly string[];
  /** Every text of the prompt. */
  readonly texts: readonly string[];
  /** What the detector found in them. */
  readonly findings: FindingCounts;
}

/** What the policies say to a request. */
export interface PolicyResult {
  /** Never without an action. */
  readonly decision: Decision;
  /** For the caller; empty unless denied. */
  readonly denyMessage: string;
  /** Set when the action is REQUIRE_APPROVAL. */
  readonly approval:
    | { readonly reviewers: readonly string[]; readonly expiresMs: number; readonly message: string }
    | undefined;
  /** How the answer is to be masked. */
  readonly mask: MaskPlan;
  /** Nothing may go on that the external detector, where there is one, has not seen. */
  readonly externalRequired: boolean;
  /** An export of traces may go on to the provider. */
  readonly forwardsTraces: boolean;
}

/** Beyond these a condition over them would no longer be cheap. */
const MODEL_MAX_CHARS = 200;
const TOOLS_MAX = 1000;
const TOOL_MAX_CHARS = 256;
const NAMED_MAX = 5;

/** Format characters and variation selectors (Unicode general category Cf, and U+FE00 to U+FE0F). */
const INVISIBLE = /\p{Cf}|[\uFE00-\uFE0F]/gu;

/** What one policy says, before it is weighed against the others. */
interface Verdict {
  readonly policy: string;
  readonly rule: CompiledRule;
  /** Why the condition could not be evaluated; the verdict is a denial then. */
  readonly failure: string | undefined;
  readonly action: Action;
}

/** What a decision says of itself. */
type Said = Omit<PolicyResult, 'externalRequired' | 'forwardsTraces'>;

const STRICTNESS: readonly Action[] = [Action.ALLOW, Action.REQUIRE_APPROVAL, Action.DENY];

/**
 * Decides a request. The policies that fit the caller's groups, the route and the model apply; in each, the
 * first rule whose condition holds decides; of those, the strictest counts (of equally strict ones, the
 * policy that is first by name). Where none decides, and where a condition fails, the request is denied. Routes that
 * reach what the provider keeps are allowed only by policies that name them; whatever else a policy says counts on every
 * route.
 */
export function evaluatePolicies(compiled: CompiledPolicies, request: PolicyRequest): PolicyResult {
  const excess = findExcess(request);
  if (excess !== undefined) {
    return {
      ...deny('', '', excess, `Refused: ${excess}.`, MASK_ALL),
      externalRequired: true,
      forwardsTraces: false,
    };
  }

  const applying = compiled.policies.filter((policy) => applies(policy, request));
  const mask = uniteMasks(applying.map((policy) => policy.mask));
  const evaluation = new Evaluation(compiled, request);
  let strictest: Verdict | undefined;
  let unnamed = false;
  for (const policy of applying) {
    const verdict = evaluation.judge(policy);
    if (verdict === undefined) continue;
    if (verdict.action === Action.ALLOW && !mayAllow(policy, request)) {
      unnamed = true;
      continue;
    }
    if (strictest === undefined || strictness(verdict) > strictness(strictest)) strictest = verdict;
    if (verdict.action === Action.DENY) break;
  }
  const externalRequired = applying.length === 0 || applying.some((policy) => policy.externalRequired);
  const said = strictest === undefined ? denyUndecided(applying, mask, unnamed) : explain(strictest, mask);
  const forwardsTraces =
    said.decision.action === Action.ALLOW && applying.every((policy) => policy.forwardsTraces);
  return { ...said, decision: withRetention(said.decision, applying), externalRequired, forwardsTraces };
}

function withRetention(decision: Decision, applying: readonly CompiledPolicy[]): Decision {
  const seconds = longestRetention(applying.map((policy) => policy.retentionSeconds));
  return seconds === undefined ? decision : { ...decision, retention: durationFromMs(seconds * 1_000) };
}

function findExcess({ model, tools }: PolicyRequest): string | undefined {
  if (model.length > MODEL_MAX_CHARS) return `the model's name is longer than ${MODEL_MAX_CHARS} characters`;
  if (tools.length > TOOLS_MAX) return `there are more than ${TOOLS_MAX} tools`;
  if (tools.some((tool) => tool.length > TOOL_MAX_CHARS)) {
    return `a tool's name is longer than ${TOOL_MAX_CHARS} characters`;
  }
  return undefined;
}

function applies(policy: CompiledPolicy, { caller, route, model }: PolicyRequest): boolean {
  const { groups } = policy;
  if (groups !== undefined && !caller.groups.some((group) => groups.has(group))) return false;
  return policy.matchesRoute(route) && (model === '' || policy.matchesModel(model));
}

/** Routes that a policy allows only when it names them, by their ids. */
const NAMED_ONLY: ReadonlySet<string> = new Set(ROUTES.filter(mustBeNamed).map(({ id }) => id));

/** Whoever wrote a policy without routes thought of questions to a model, not of what the provider keeps of others. */
function mayAllow({ namesRoutes }: CompiledPolicy, { route }: PolicyRequest): boolean {
  return namesRoutes || !NAMED_ONLY.has(route);
}

/** One request against the rules; what conditions need is worked out when the first one asks for it. */
class Evaluation {
  readonly #compiled: CompiledPolicies;
  readonly #request: PolicyRequest;
  #facts: Bindings | undefined;
  #found: ReadonlySet<number> | undefined;

  constructor(compiled: CompiledPolicies, request: PolicyRequest) {
    this.#compiled = compiled;
    this.#request = request;
  }

  judge(policy: CompiledPolicy): Verdict | undefined {
    for (const rule of policy.rules) {
      try {
        if (
          rule.condition === undefined ||
          rule.condition.evaluate(this.#bind(policy, rule.condition.patterns))
        ) {
          return { policy: policy.name, rule, failure: undefined, action: actionOf(rule) };
        }
      } catch (error) {
        // Whatever went wrong: a condition that cannot be evaluated must never let a request pass.
        const failure = error instanceof ConditionError ? error.message : 'an internal error';
        return { policy: policy.name, rule, failure, action: Action.DENY };
      }
    }
    return undefined;
  }

  #bind(policy: CompiledPolicy, patterns: readonly string[]): Bindings {
    this.#facts ??= bindFacts(this.#request, this.#compiled.entities);
    if (patterns.length === 0) return this.#facts;
    this.#found ??= this.#search();
    const found = this.#found;
    const values = Array.from(policy.patterns, ([name, place]) => [name, found.has(place)] as const);
    return { ...this.#facts, patterns: bindPatterns(new Map(values)) };
  }

  #search(): ReadonlySet<number> {
    const found = new Set<number>();
    for (const text of this.#request.texts) {
      for (const reading of readings(text)) {
        for (const place of this.#compiled.patterns?.search(reading) ?? []) found.add(place);
      }
    }
    return found;
  }
}

/**
 * A text as it is and, where that differs, as a reader sees it: without invisible characters (zero-width spaces, soft
 * hyphens, bidi marks), and with full-width and other compatibility forms as plain letters.
 */
function readings(text: string): string[] {
  const plain = text.normalize('NFKC').replaceAll(INVISIBLE, '');
  return plain === text ? [text] : [text, plain];
}

function strictness(verdict: Verdict): number {
  return STRICTNESS.indexOf(verdict.action);
}

function actionOf(rule: CompiledRule): Action {
  switch (rule.action.case) {
    case 'allow':
      return Action.ALLOW;
    case 'requireApproval':
      return Action.REQUIRE_APPROVAL;
    case 'deny':
      return Action.DENY;
  }
}

function explain({ policy, rule, failure }: Verdict, mask: MaskPlan): Said {
  const where = `policy ${shortName(policy)}, rule ${rule.name}`;
  if (failure !== undefined) {
    const reason = `${where}: denied, because its condition could not be evaluated: ${failure}`;
    return deny(policy, rule.name, reason, `A condition of ${where} could not be evaluated.`, mask);
  }
  const { action } = rule;
  switch (action.case) {
    case 'deny':
      return deny(policy, rule.name, `${where}: denied`, action.value.message || `Denied by ${where}.`, mask);
    case 'allow':
      return {
        decision: decide(Action.ALLOW, policy, rule.name, `${where}: allowed`),
        denyMessage: '',
        approval: undefined,
        mask,
      };
    case 'requireApproval': {
      const { reviewers, expires, message } = action.value;
      const reason = `${where}: needs the approval of ${reviewers.join(' or ')}`;
      return {
        decision: decide(Action.REQUIRE_APPROVAL, policy, rule.name, reason),
        denyMessage: '',
        approval: {
          reviewers,
          expiresMs: Number(expires?.seconds ?? EXPIRES_DEFAULT_SECONDS) * 1000,
          message,
        },
        mask,
      };
    }
  }
}

function denyUndecided(applying: readonly CompiledPolicy[], mask: MaskPlan, unnamed: boolean): Said {
  const names = applying.slice(0, NAMED_MAX).map((policy) => shortName(policy.name));
  const more = applying.length > NAMED_MAX ? ` and ${applying.length - NAMED_MAX} more` : '';
  const undecided = unnamed
    ? `this route is allowed only by a policy that names it in its routes, which these do not: ${names.join(', ')}${more}`
    : `no rule decides in the policies that apply: ${names.join(', ')}${more}`;
  const reason =
    applying.length === 0 ? "no policy applies to this caller's groups, route and model" : undecided;
  return deny('', '', reason, 'No policy allows this request.', mask);
}

function deny(policy: string, rule: string, reason: string, message: string, mask: MaskPlan): Said {
  const decision = decide(Action.DENY, policy, rule, reason);
  return { decision, denyMessage: message, approval: undefined, mask };
}

function decide(action: Action, policy: string, rule: string, reason: string): Decision {
  return create(DecisionSchema, { action, policy, rule, reason });
}

function shortName(policy: string): string {
  return policy.replace(/^policies\//, '');
}
