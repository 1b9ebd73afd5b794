import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { CompiledPolicies, CompiledPolicy } from './compiled.ts';
import { evaluatePolicies, findMisfit, mayAllow } from './evaluate.ts';
import { Evaluation, type RuleTrace } from './judge-rules.ts';
import type { PolicyRequest, PolicyResult } from './result.ts';

/** What one policy has to do with a request. */
export interface PolicyExplanation {
  /** `policies/{id}`. */
  readonly policy: string;
  /** What of the request it does not fit; undefined: it applies. */
  readonly misfit: 'groups' | 'route' | 'model' | undefined;
  /** It may allow nothing on this route, which it would have to name. */
  readonly unnamed: boolean;
  /** Its rules up to the one that decides; none when it does not apply. */
  readonly rules: readonly RuleTrace[];
}

/** What the policies say to a request, and how they came to it. */
export interface Explanation {
  readonly result: PolicyResult;
  readonly policies: readonly PolicyExplanation[];
}

/** Decides a request as evaluatePolicies does, and tells of every policy what it has to do with that. */
export function explainPolicies(compiled: CompiledPolicies, request: PolicyRequest): Explanation {
  const evaluation = new Evaluation(compiled, request);
  return {
    result: evaluatePolicies(compiled, request),
    policies: compiled.policies.map((policy) => explainPolicy(policy, request, evaluation)),
  };
}

function explainPolicy(
  policy: CompiledPolicy,
  request: PolicyRequest,
  evaluation: Evaluation,
): PolicyExplanation {
  const misfit = findMisfit(policy, request);
  const verdict = misfit === undefined ? evaluation.judge(policy) : undefined;
  return {
    policy: policy.name,
    misfit,
    unnamed: verdict?.action === Action.ALLOW && !mayAllow(policy, request),
    rules: misfit === undefined ? evaluation.trace(policy) : [],
  };
}
