import { type EntityName, isEntityName } from '#core/phi/entities.ts';
import { methodOf } from '#core/phi/replace/replace.ts';
import { actionWord } from '../action-word.ts';
import { formatDuration } from '../duration.ts';
import { choiceOf } from '../tokenize.ts';
import type { Trial } from './sample.ts';

/** What is expected of a trial; what is absent is not looked at. */
export interface Expectation {
  readonly action: 'allow' | 'deny' | 'requireApproval';
  /** Without `policies/`. */
  readonly policy?: string;
  readonly rule?: string;
  /** A part of the explanation, or of what the caller is told. */
  readonly reason?: string;
  /** The parameter that it is refused for. */
  readonly param?: string;
  readonly reviewers?: readonly string[];
  readonly purpose?: string;
  /** `30d`. */
  readonly retention?: string;
  /** The choice, by entity. */
  readonly mask?: Readonly<Record<string, string>>;
  /** What becomes of values in the request, by entity: `replace`, `restore` or `keep`. */
  readonly tokenize?: Readonly<Record<string, string>>;
  /** All that is changed, by parameter: `store: set to false`. */
  readonly changes?: Readonly<Record<string, string>>;
  /** Members of the body that goes to the provider; `null` for one that is not there. */
  readonly sent?: Readonly<Record<string, unknown>>;
}

/** How an expectation was not met: `rule`, what was expected, what it is. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

/** Everything in which a trial is not as expected. */
export function compareTrial(expected: Expectation, trial: Trial): Difference[] {
  const { decision, denyMessage, approval, mask, param, tokenize } = trial.result;
  const differences: Difference[] = [];
  const compare = (what: string, wanted: unknown, actual: unknown) => {
    if (wanted === undefined || show(wanted) === show(actual)) return;
    differences.push({ what, expected: show(wanted), actual: show(actual) });
  };
  compare('action', expected.action, actionWord(decision.action));
  compare('policy', expected.policy, decision.policy.replace(/^policies\//, ''));
  compare('rule', expected.rule, decision.rule);
  compare('param', expected.param, param);
  compare('reviewers', expected.reviewers, approval?.reviewers ?? []);
  compare('purpose', expected.purpose, decision.purpose);
  const seconds = decision.retention?.seconds;
  compare('retention', expected.retention, seconds === undefined ? '' : formatDuration(Number(seconds)));
  const said = `${decision.reason} ${denyMessage}`.trim();
  if (expected.reason !== undefined && !said.includes(expected.reason)) {
    differences.push({ what: 'reason', expected: `... ${expected.reason} ...`, actual: said });
  }
  for (const [entity, method] of Object.entries(expected.mask ?? {})) {
    const isKnown = isEntityName(entity) || Object.hasOwn(mask.entities, entity);
    compare(`mask of ${entity}`, method, isKnown ? methodOf(mask, entity as EntityName) : mask.default);
  }
  for (const [entity, choice] of Object.entries(expected.tokenize ?? {})) {
    compare(
      `tokens for ${entity}`,
      choice,
      tokenize === undefined ? 'keep' : choiceOf(tokenize, entity as EntityName),
    );
  }
  const changes = Object.fromEntries(decision.changes.map(({ parameter, change }) => [parameter, change]));
  compare('changes', sorted(expected.changes), sorted(changes));
  const sent = trial.sent === '' ? {} : (JSON.parse(trial.sent) as Record<string, unknown>);
  for (const [member, value] of Object.entries(expected.sent ?? {})) {
    compare(`sent ${member}`, value, Object.hasOwn(sent, member) ? sent[member] : null);
  }
  return differences;
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : String(JSON.stringify(value));
}

function sorted(map: Readonly<Record<string, string>> | undefined) {
  return map && Object.entries(map).sort(([left], [right]) => (left < right ? -1 : 1));
}
