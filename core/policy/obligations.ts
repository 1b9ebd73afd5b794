import type { MaskPlan } from '#core/phi/mask.ts';
import type { CompiledPolicy, CompiledRule } from './compiled.ts';
import { uniteMasks } from './mask.ts';
import type { ParameterDemand } from './parameters/judge.ts';
import { longestRetention } from './retention.ts';
import { type TokenPlan, uniteTokens } from './tokenize.ts';

/** What has to be done with a request that goes on, and with its answer. */
export interface Obligations {
  readonly mask: MaskPlan;
  /** What of the request is replaced by tokens; undefined: nothing. */
  readonly tokenize: TokenPlan | undefined;
  /** How long content is kept, in seconds; undefined: nobody says. */
  readonly retentionSeconds: number | undefined;
  /** What is wanted of its parameters, and by whom. */
  readonly demands: readonly ParameterDemand[];
}

/**
 * The obligations of all policies that apply. What the rule that holds in a policy says stands in the place of what the
 * policy says of the same parameter, entity or time; of several policies the strictest counts.
 *
 * @param applying each policy with the rule that lets the request go on in it; without one, where none does
 */
export function uniteObligations(
  applying: readonly { readonly policy: CompiledPolicy; readonly rule: CompiledRule | undefined }[],
): Obligations {
  const said = applying.map(({ policy, rule }) => rule ?? policy);
  const masking = applying.filter(({ policy }) => policy.masks).map(({ policy, rule }) => rule ?? policy);
  return {
    mask: uniteMasks(masking.map(({ mask }) => mask)),
    tokenize: uniteTokens(said.map(({ tokenize }) => tokenize)),
    retentionSeconds: longestRetention(said.map(({ retentionSeconds }) => retentionSeconds)),
    demands: applying.flatMap(({ policy, rule }) => demandsOf(policy, rule)),
  };
}

function demandsOf(policy: CompiledPolicy, rule: CompiledRule | undefined): ParameterDemand[] {
  const { name, parameters } = policy;
  if (rule === undefined || rule.parameters.size === 0) return [{ policy: name, rule: '', parameters }];
  const left = new Map([...parameters].filter(([parameter]) => !rule.parameters.has(parameter)));
  return [
    { policy: name, rule: '', parameters: left },
    { policy: name, rule: rule.name, parameters: rule.parameters },
  ];
}
