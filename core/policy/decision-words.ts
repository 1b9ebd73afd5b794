import { create } from '@bufbuild/protobuf';
import type { MaskPlan } from '#core/phi/mask.ts';
import { Action, type Decision, DecisionSchema } from '#proto/sworn/policy/v1/decision_pb.ts';
import { EXPIRES_DEFAULT_SECONDS } from './check.ts';
import type { CompiledPolicy, CompiledRule } from './compiled.ts';
import type { Verdict } from './judge-rules.ts';
import type { Forbidden } from './opaque.ts';
import type { PolicyRequest, PolicyResult } from './result.ts';

/** Policies that a reason names. */
export const NAMED_MAX = 5;

/** What a decision says of itself. */
export type Said = Pick<PolicyResult, 'decision' | 'denyMessage' | 'approval' | 'mask'>;

/** `policy a, rule b`. */
export function describePlace(policy: string, rule: string): string {
  return rule === '' ? `policy ${shortName(policy)}` : `policy ${shortName(policy)}, rule ${rule}`;
}

/** Of a condition in words: all of it stands in the decision. */
const CONDITION_SHOWN_CHARS = 300;

/** `, because findings.total > 20`; empty for a rule that always holds. */
function describeCondition({ condition }: CompiledRule): string {
  if (condition === undefined) return '';
  const line = condition.source.trim().replaceAll(/\s+/g, ' ');
  const isLong = line.length > CONDITION_SHOWN_CHARS;
  return `, because ${isLong ? `${line.slice(0, CONDITION_SHOWN_CHARS)} ...` : line}`;
}

/** What the rule that counts says. */
export function explain({ policy, rule, failure }: Verdict, mask: MaskPlan): Said {
  const where = describePlace(policy, rule.name);
  const condition = rule.condition?.source ?? '';
  if (failure !== undefined) {
    const reason = `${where}: denied, because its condition could not be evaluated: ${failure}`;
    const said = deny(policy, rule.name, reason, `A condition of ${where} could not be evaluated.`, mask);
    return { ...said, decision: { ...said.decision, condition } };
  }
  const because = describeCondition(rule);
  const { action } = rule;
  const decide = (word: string, kind: Action): Decision =>
    create(DecisionSchema, {
      action: kind,
      policy,
      rule: rule.name,
      reason: `${where}: ${word}${because}`,
      condition,
      purpose: rule.purpose,
    });
  switch (action.case) {
    case 'deny':
      return {
        decision: { ...decide('denied', Action.DENY), purpose: '' },
        denyMessage: action.value.message || `Denied by ${where}.`,
        approval: undefined,
        mask,
      };
    case 'allow':
      return { decision: decide('allowed', Action.ALLOW), denyMessage: '', approval: undefined, mask };
    case 'requireApproval': {
      const { reviewers, expires, message, breakGlass } = action.value;
      const expiresMs = Number(expires?.seconds ?? EXPIRES_DEFAULT_SECONDS) * 1000;
      return {
        decision: decide(`needs the approval of ${reviewers.join(' or ')}`, Action.REQUIRE_APPROVAL),
        denyMessage: '',
        approval: { reviewers, expiresMs, message, breakGlass: breakGlass?.groups ?? [] },
        mask,
      };
    }
  }
}

/** No rule decides. */
export function denyUndecided(
  applying: readonly CompiledPolicy[],
  mask: MaskPlan,
  unnamed: boolean,
  request: PolicyRequest,
): Said {
  const names = applying.slice(0, NAMED_MAX).map((policy) => shortName(policy.name));
  const more = applying.length > NAMED_MAX ? ` and ${applying.length - NAMED_MAX} more` : '';
  const undecided = unnamed
    ? `this route is allowed only by a policy that names it in its routes, which these do not: ${names.join(', ')}${more}`
    : `no rule decides in the policies that apply: ${names.join(', ')}${more}`;
  const reason =
    applying.length === 0 ? "no policy applies to this caller's groups, route and model" : undecided;
  return deny('', '', reason, `${describeCall(request)} Ask an admin for a policy that allows this.`, mask);
}

/** Groups that are told. */
const GROUPS_SHOWN = 10;
const GROUP_SHOWN_CHARS = 100;

/** `Your groups: nurse; route: responses.create; model: gpt-5.`: of the caller nothing but what they brought. */
function describeCall({ caller, route, model }: PolicyRequest): string {
  const { groups } = caller;
  const shown = groups.slice(0, GROUPS_SHOWN).map((group) => group.slice(0, GROUP_SHOWN_CHARS));
  const more = groups.length > GROUPS_SHOWN ? ` and ${groups.length - GROUPS_SHOWN} more` : '';
  const own = groups.length === 0 ? 'none' : shown.join(', ') + more;
  return `Your groups: ${own}; route: ${route}${model === '' ? '' : `; model: ${model}`}.`;
}

/** All that the caller is told of a denial. */
export function tellDenial({
  decision,
  denyMessage,
}: Pick<PolicyResult, 'decision' | 'denyMessage'>): string {
  const begin = decision.policy === '' ? 'No policy allows this request' : 'Policy refuses this request';
  return `${begin}: ${decision.reason}.${denyMessage === '' ? '' : ` ${denyMessage}`}`;
}

/** The request, or its answer, has content that nobody can read and no policy lets through. */
export function denyUnread({ kind, policy }: Forbidden, mask: MaskPlan): Said {
  const reason =
    policy === ''
      ? `no policy that applies lets through content that cannot be read (${kind})`
      : `policy ${shortName(policy)} does not let through content that cannot be read (${kind})`;
  return deny(policy, '', reason, 'A policy lets such content through with `opaque`.', mask);
}

/** A denial; `reason` is for the record, `message` for the caller. */
export function deny(policy: string, rule: string, reason: string, message: string, mask: MaskPlan): Said {
  const decision = create(DecisionSchema, { action: Action.DENY, policy, rule, reason });
  return { decision, denyMessage: message, approval: undefined, mask };
}

/** The last part of a policy's name. */
export function shortName(policy: string): string {
  return policy.replace(/^policies\//, '');
}
