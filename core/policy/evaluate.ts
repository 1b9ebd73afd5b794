import { create } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import type { MaskPlan } from '#core/phi/mask.ts';
import { mustBeNamed, ROUTES } from '#core/provider/openai/catalogue.ts';
import { uniteUpstreams } from '#core/upstream/choose.ts';
import { Action, ParameterChangeSchema } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { CompiledPolicies, CompiledPolicy, CompiledRule } from './compiled.ts';
import {
  deny,
  denyUndecided,
  denyUnread,
  describePlace,
  explain,
  NAMED_MAX,
  type Said,
  shortName,
} from './decision-words.ts';
import { Evaluation, type Verdict } from './judge-rules.ts';
import { applyLimits } from './limit/plan.ts';
import { MASK_ALL } from './mask.ts';
import { type Obligations, uniteObligations } from './obligations.ts';
import { commonOpaque, findForbidden, type OpaqueNeed } from './opaque.ts';
import { judgeParameters } from './parameters/judge.ts';
import type { PolicyRequest, PolicyResult } from './result.ts';
import { isStricter } from './strictest.ts';
import type { TokenPlan } from './tokenize.ts';

/** Beyond these a condition over them would no longer be cheap. */
const MODEL_MAX_CHARS = 200;
const TOOLS_MAX = 1000;
const TOOL_MAX_CHARS = 256;

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
    const said = deny('', '', excess, 'Send less.', MASK_ALL);
    return {
      ...said,
      externalRequired: true,
      forwardsTraces: false,
      opaque: new Set(),
      upstreams: [],
      edits: [],
      tokenize: undefined,
      param: '',
      limits: [],
    };
  }

  const applying = compiled.policies.filter((policy) => applies(policy, request));
  const { strictest, unnamed, held } = weigh(applying, compiled, request);
  const obligations = uniteObligations(applying.map((policy) => ({ policy, rule: held.get(policy) })));
  const { mask, retentionSeconds, tokenize } = obligations;
  const upstreams = uniteUpstreams(applying.map((policy) => policy.upstreams));
  const decided =
    strictest === undefined ? denyUndecided(applying, mask, unnamed, request) : explain(strictest, mask);
  const said = restrict(decided, applying, opaqueNeeds(request, tokenize), upstreams, mask);
  const settled = settleParameters(said, obligations, request);
  const decision =
    retentionSeconds === undefined
      ? settled.decision
      : { ...settled.decision, retention: durationFromMs(retentionSeconds * 1_000) };
  // Where only policies of parameters apply, nothing is allowed anyway.
  const externalRequired = applying.length === 0 || applying.some((policy) => policy.externalRequired);
  // An export is masked as an answer is: what the answer may show is not what the provider may see.
  const forwardsTraces =
    decision.action === Action.ALLOW &&
    tokenize === undefined &&
    applying.every((policy) => policy.forwardsTraces);
  return {
    ...settled,
    decision,
    externalRequired,
    forwardsTraces,
    opaque: commonOpaque(applying),
    upstreams,
    tokenize,
    limits: decision.action === Action.DENY ? [] : applyLimits(applying, held, request.caller),
  };
}

/** What is decided, or a denial for what the policies leave no way for. */
function restrict(
  decided: Said,
  applying: readonly CompiledPolicy[],
  needs: readonly OpaqueNeed[],
  upstreams: readonly string[] | undefined,
  mask: MaskPlan,
): Said {
  if (decided.decision.action === Action.DENY) return decided;
  const unread = findForbidden(applying, needs);
  if (unread !== undefined) return denyUnread(unread, mask);
  return upstreams?.length === 0 ? denyDivided(applying, mask) : decided;
}

/** In what cannot be read nothing can be replaced: it needs a policy that lets it through all the same. */
function opaqueNeeds({ opaque }: PolicyRequest, tokenize: TokenPlan | undefined): readonly OpaqueNeed[] {
  return tokenize === undefined ? opaque : opaque.map((need) => ({ ...need, mustBeAllowed: true }));
}

/** Whoever wrote each of these policies wants the request to go to certain upstreams and no other. */
function denyDivided(applying: readonly CompiledPolicy[], mask: MaskPlan): Said {
  const names = applying.filter((policy) => policy.upstreams.length > 0).map(({ name }) => shortName(name));
  const reason = `the policies that apply have no upstream in common: ${names.slice(0, NAMED_MAX).join(', ')}`;
  return deny('', '', reason, 'Ask an admin which upstream it is to go to.', mask);
}

interface Weighed {
  readonly strictest: Verdict | undefined;
  /** Some policy would allow the request, and may not: it does not name the route. */
  readonly unnamed: boolean;
  /** The rule that holds, by its policy. */
  readonly held: ReadonlyMap<CompiledPolicy, CompiledRule>;
}

function weigh(
  applying: readonly CompiledPolicy[],
  compiled: CompiledPolicies,
  request: PolicyRequest,
): Weighed {
  const evaluation = new Evaluation(compiled, request);
  const held = new Map<CompiledPolicy, CompiledRule>();
  let strictest: Verdict | undefined;
  let unnamed = false;
  for (const policy of applying) {
    const verdict = evaluation.judge(policy);
    if (verdict === undefined) continue;
    if (verdict.action === Action.ALLOW && !mayAllow(policy, request)) {
      unnamed = true;
      continue;
    }
    if (verdict.failure === undefined) held.set(policy, verdict.rule);
    if (strictest === undefined || isStricter(verdict.action, strictest.action)) strictest = verdict;
    if (verdict.action === Action.DENY) break;
  }
  return { strictest, unnamed, held };
}

/** What the policies want of the parameters of a request that may go on; one that may not is looked at no further. */
function settleParameters(
  said: Said,
  { demands }: Obligations,
  { parameters }: PolicyRequest,
): Said & Pick<PolicyResult, 'edits' | 'param'> {
  if (said.decision.action === Action.DENY) return { ...said, edits: [], param: '' };
  const judgement = judgeParameters(demands, parameters);
  if (judgement.refusal === undefined) {
    const changes = judgement.notes.map((note) => create(ParameterChangeSchema, note));
    return { ...said, decision: { ...said.decision, changes }, edits: judgement.edits, param: '' };
  }
  const { policy, rule, words, parameter } = judgement.refusal;
  const reason = policy === '' ? words : `${describePlace(policy, rule)}: ${words}`;
  return { ...deny(policy, rule, reason, '', said.mask), edits: [], param: parameter };
}

/**
 * What denies a connection before anything is asked on it: a rule that does so whatever is asked, or that no policy applies.
 * Undefined when what is sent on it is to be judged.
 */
export function refuseConnection(
  compiled: CompiledPolicies,
  request: PolicyRequest,
): PolicyResult | undefined {
  const result = evaluatePolicies(compiled, request);
  const { action, policy } = result.decision;
  if (action !== Action.DENY) return undefined;
  const isUndecided = policy === '' && compiled.policies.some((one) => applies(one, request));
  return isUndecided ? undefined : result;
}

function findExcess({ model, tools }: PolicyRequest): string | undefined {
  if (model.length > MODEL_MAX_CHARS) return `the model's name is longer than ${MODEL_MAX_CHARS} characters`;
  if (tools.length > TOOLS_MAX) return `there are more than ${TOOLS_MAX} tools`;
  if (tools.some((tool) => tool.length > TOOL_MAX_CHARS)) {
    return `a tool's name is longer than ${TOOL_MAX_CHARS} characters`;
  }
  return undefined;
}

function applies(policy: CompiledPolicy, request: PolicyRequest): boolean {
  return findMisfit(policy, request) === undefined;
}

/** What keeps a policy from applying to a request; undefined when nothing does. */
export function findMisfit(
  { groups, matchesRoute, matchesModel }: CompiledPolicy,
  { caller, route, model }: PolicyRequest,
): 'groups' | 'route' | 'model' | undefined {
  if (groups !== undefined && !caller.groups.some((group) => groups.has(group))) return 'groups';
  if (!matchesRoute(route)) return 'route';
  return model === '' || matchesModel(model) ? undefined : 'model';
}

/** Routes that a policy allows only when it names them, by their ids. */
const NAMED_ONLY: ReadonlySet<string> = new Set(ROUTES.filter(mustBeNamed).map(({ id }) => id));

/** Whoever wrote a policy without routes thought of questions to a model, not of what the provider keeps of others. */
export function mayAllow({ namesRoutes }: CompiledPolicy, { route }: PolicyRequest): boolean {
  return namesRoutes || !NAMED_ONLY.has(route);
}
