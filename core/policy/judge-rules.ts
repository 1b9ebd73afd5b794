import { isCelList, isCelMap } from '@bufbuild/cel';
import { readPlain } from '#core/phi/normalise/source-map.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { CompiledPolicies, CompiledPolicy, CompiledRule } from './compiled.ts';
import { type Condition, ConditionError } from './condition/compile.ts';
import { type Bindings, bindFacts, bindPatterns, bindTime } from './condition/context.ts';
import type { PolicyRequest } from './result.ts';

/** What one policy says, before it is weighed against the others. */
export interface Verdict {
  readonly policy: string;
  readonly rule: CompiledRule;
  /** Why the condition could not be evaluated; the verdict is a denial then. */
  readonly failure: string | undefined;
  readonly action: Action;
}

/** What became of one rule. */
export interface RuleTrace {
  readonly rule: string;
  /** Empty for a rule that always holds. */
  readonly condition: string;
  /** What the condition read: `findings.total`, `3`. */
  readonly values: readonly (readonly [name: string, value: string])[];
  readonly holds: boolean;
  /** Why it could not be evaluated; it holds then, and denies. */
  readonly failure: string | undefined;
}

/** Format characters, halves of pairs and variation selectors (Unicode general categories Cf and Cs, and U+FE00 to U+FE0F). */
const INVISIBLE = /[\p{Cf}\p{Cs}]|[\uFE00-\uFE0F]/gu;
/** No other character has another form, or is invisible. */
const NOT_ASCII = /[^\0-\x7f]/;

/** One request against the rules; what conditions need is worked out when the first one asks for it. */
export class Evaluation {
  readonly #compiled: CompiledPolicies;
  readonly #request: PolicyRequest;
  #facts: Bindings | undefined;
  readonly #times = new Map<string, ReturnType<typeof bindTime>>();
  #found: ReadonlySet<number> | undefined;

  constructor(compiled: CompiledPolicies, request: PolicyRequest) {
    this.#compiled = compiled;
    this.#request = request;
  }

  judge(policy: CompiledPolicy): Verdict | undefined {
    for (const rule of policy.rules) {
      const verdict = this.#judgeRule(policy, rule);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  /** Undefined: its condition does not hold. */
  #judgeRule(policy: CompiledPolicy, rule: CompiledRule): Verdict | undefined {
    const { condition } = rule;
    try {
      const holds = condition === undefined || condition.evaluate(this.#bind(policy, condition));
      return holds ? { policy: policy.name, rule, failure: undefined, action: actionOf(rule) } : undefined;
    } catch (error) {
      // Whatever went wrong: a condition that cannot be evaluated must never let a request pass.
      const failure = error instanceof ConditionError ? error.message : 'an internal error';
      return { policy: policy.name, rule, failure, action: Action.DENY };
    }
  }

  /** Every rule of a policy up to the one that decides, with what its condition read. */
  trace(policy: CompiledPolicy): RuleTrace[] {
    const traces: RuleTrace[] = [];
    for (const rule of policy.rules) {
      const { condition } = rule;
      const values = condition === undefined ? [] : readValues(condition, this.#bind(policy, condition));
      const verdict = this.#judgeRule(policy, rule);
      traces.push({
        rule: rule.name,
        condition: condition?.source ?? '',
        values,
        holds: verdict !== undefined,
        failure: verdict?.failure,
      });
      if (verdict !== undefined) break;
    }
    return traces;
  }

  #bind(policy: CompiledPolicy, { patterns, reads }: Condition): Bindings {
    const { entities, names } = this.#compiled;
    this.#facts ??= bindFacts(this.#request, entities, names);
    return {
      ...this.#facts,
      ...(reads.has('time') && { time: this.#time(policy.timeZone) }),
      ...(patterns.length > 0 && { patterns: this.#patterns(policy) }),
    };
  }

  #time(timeZone: string): Bindings[string] {
    const known = this.#times.get(timeZone) ?? bindTime(this.#request.circumstances.nowMs, timeZone);
    this.#times.set(timeZone, known);
    return known;
  }

  #patterns(policy: CompiledPolicy): Bindings[string] {
    this.#found ??= this.#search();
    const found = this.#found;
    const values = Array.from(policy.patterns, ([name, place]) => [name, found.has(place)] as const);
    return bindPatterns(new Map(values));
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
 * A text as it is and, where that differs, as a reader sees it: without invisible characters (zero-width spaces, soft hyphens, bidi
 * marks) and with full-width and other compatibility forms as plain letters, and as the detector reads it: escapes as what they stand
 * for, look-alikes as Latin letters. Both, as what is written in Cyrillic letters is not to be read as Latin alone.
 */
function readings(text: string): string[] {
  const isAscii = !NOT_ASCII.test(text);
  const seen = isAscii ? text : text.normalize('NFKC').replaceAll(INVISIBLE, '');
  const plain = readPlain(text);
  const read = isAscii && plain === text ? text : plain.replaceAll(INVISIBLE, '');
  return [text, seen, read].filter((reading, index, all) => all.indexOf(reading) === index);
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

/** The values behind the names of a condition, as an admin would write them. */
function readValues({ reads }: Condition, bindings: Bindings): [string, string][] {
  return [...reads].flatMap(([title, names]) =>
    [...names].flatMap((name): [string, string][] => {
      const path = title === '' ? [name] : [...title.split('.'), name];
      const value = path.reduce<unknown>(readStep, bindings);
      // The whole of claims or labels is no value.
      if (isCelMap(value)) return [];
      const isEntry = title === 'labels' || title === 'caller.claims';
      return [[isEntry ? `${title}["${name}"]` : path.join('.'), describeValue(value)]];
    }),
  );
}

function readStep(holder: unknown, step: string): unknown {
  if (isCelMap(holder)) return holder.get(step);
  return typeof holder === 'object' && holder !== null ? (holder as Bindings)[step] : undefined;
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'not there';
  if (typeof value === 'string') return JSON.stringify(value);
  return isCelList(value) ? `[${[...value].map(describeValue).join(', ')}]` : String(value);
}
