import type { Duration } from '@bufbuild/protobuf/wkt';
import { PatternError } from '#core/pattern/parse.ts';
import { checkPattern, createPatternSet, type PatternSet } from '#core/pattern/set.ts';
import type { CustomEntity } from '#core/phi/entities.ts';
import { type Policy, PolicyMode, type PolicySpec, type Rule } from '#proto/sworn/policy/v1/policy_pb.ts';
import { checkFields } from './check.ts';
import type { CompiledPolicies, CompiledPolicy, CompiledRule } from './compiled.ts';
import { ConditionSyntaxError, compileCondition } from './condition/compile.ts';
import { contextType } from './condition/context.ts';
import type { RecordType } from './condition/type.ts';
import { PolicyError, type PolicyFault, type RawFault } from './fault.ts';
import { compileGlobs } from './glob.ts';
import { Identifiers } from './identifiers.ts';
import { compileLimits } from './limit/compile.ts';
import { planMask, planRuleMask } from './mask.ts';
import { planOpaque } from './opaque.ts';
import { compileParameters } from './parameters/compile.ts';
import { planTokens } from './tokenize.ts';

/** What compiling gives: the policies, or the faults of all of them, each with its policy. */
export type Compilation =
  | { readonly compiled: CompiledPolicies; readonly faults: readonly [] }
  | { readonly compiled: undefined; readonly faults: readonly (RawFault & { readonly policy: Policy })[] };

/**
 * Checks and compiles policies, all or none.
 * Throws PolicyError with every fault of every policy.
 */
export function compilePolicies(policies: readonly Policy[]): CompiledPolicies {
  const { compiled, faults } = tryCompile(policies);
  if (compiled === undefined) throw new PolicyError(faults.map(describeRawFault));
  return compiled;
}

/** As compilePolicies, but gives the faults back raw: whoever has the text can say where they stand in it. */
export function tryCompile(policies: readonly Policy[]): Compilation {
  const faults: (RawFault & { policy: Policy })[] = [];
  const names = new Set<string>();
  const sources = new Sources();
  const identifiers = new Identifiers();
  const compiled: CompiledPolicy[] = [];
  const observing = new Map<string, string>();
  const watched = new Set<CustomEntity>();
  for (const policy of policies) {
    const report = (fault: RawFault): void => {
      faults.push({ ...fault, policy });
    };
    if (names.has(policy.name))
      report({ path: 'name', message: `a policy of this name stands before: ${policy.name}` });
    names.add(policy.name);
    for (const fault of checkFields(policy)) report(fault);
    if (policy.spec === undefined) continue;
    compiled.push(compilePolicy(policy.name, policy.spec, sources, report));
    if (policy.spec.mode === PolicyMode.OBSERVE) {
      observing.set(policy.name, `policies/${policy.spec.replaces}`);
      // Not looked for: what is masked would change. They are checked like all others.
      const own = new Identifiers();
      own.add(policy.name, policy.spec, report);
      for (const entity of own.entities) watched.add(entity);
    } else identifiers.add(policy.name, policy.spec, report);
  }
  const excess = identifiers.findExcess();
  if (excess !== undefined && policies[0] !== undefined)
    faults.push({ policy: policies[0], path: '', message: excess });
  const patterns = faults.length === 0 ? compileSet(sources, policies, faults) : undefined;
  if (faults.length > 0) return { compiled: undefined, faults };
  compiled.sort((left, right) => (left.name < right.name ? -1 : 1));
  const reads = (title: string) =>
    new Set(compiled.flatMap(({ rules }) => rules.flatMap((rule) => readBy(rule, title))));
  const all: CompiledPolicies = {
    policies: compiled,
    patterns,
    identifiers: identifiers.list,
    entities: new Set([...identifiers.entities, ...watched]),
    names: { claims: reads('caller.claims'), labels: reads('labels') },
    readsDistinct: reads('distinct').size > 0,
    observed: undefined,
  };
  return { compiled: observing.size === 0 ? all : setApart(all, observing), faults: [] };
}

/**
 * Those that count, and beside them what would count if those that only observe did.
 * @param observing the names of those, each with what it would replace
 */
function setApart(all: CompiledPolicies, observing: ReadonlyMap<string, string>): CompiledPolicies {
  const replaced = new Set(observing.values());
  const observed = { ...all, policies: all.policies.filter(({ name }) => !replaced.has(name)) };
  return { ...all, policies: all.policies.filter(({ name }) => !observing.has(name)), observed };
}

function readBy({ condition }: CompiledRule, title: string): string[] {
  return [...(condition?.reads.get(title) ?? [])];
}

function compilePolicy(
  name: string,
  spec: PolicySpec,
  sources: Sources,
  report: (fault: RawFault) => void,
): CompiledPolicy {
  for (const [key, source] of Object.entries(spec.patterns)) checkSource(key, source, report);
  const context = contextType(Object.keys(spec.patterns), Object.keys(spec.identifiers));
  const rules = spec.rules.flatMap((rule, i) => compileRule(spec, rule, i, context, report));
  const used = new Set(rules.flatMap((rule) => rule.condition?.patterns ?? []));
  return {
    name,
    groups: spec.groups.includes('*') ? undefined : new Set(spec.groups),
    matchesRoute: compileGlobs(spec.routes),
    namesRoutes: spec.routes.length > 0,
    matchesModel: compileGlobs(spec.models),
    rules,
    mask: planMask(spec),
    tokenize: planTokens(spec.tokenize),
    masks: spec.mask !== undefined || spec.rules.length > 0,
    externalRequired: isExternalRequired(spec),
    retentionSeconds: secondsOf(spec.retention),
    parameters: compileParameters(spec.parameters, 'spec.parameters', report),
    timeZone: spec.timeZone,
    opaque: planOpaque(spec),
    upstreams: spec.upstreams,
    limits: compileLimits(spec.limits),
    forwardsTraces: spec.traces?.forward === true,
    patterns: new Map(Array.from(used, (key) => [key, sources.add(spec.patterns[key] ?? '')])),
  };
}

function checkSource(key: string, source: string, report: (fault: RawFault) => void): void {
  try {
    checkPattern(source);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    report({ path: `spec.patterns.${key}`, offset: error.position, message: error.reason });
  }
}

function isExternalRequired({ externalDetector, rules }: PolicySpec): boolean {
  return externalDetector === undefined ? rules.length > 0 : externalDetector.required !== false;
}

function compileRule(
  spec: PolicySpec,
  rule: Rule,
  index: number,
  context: RecordType,
  report: (fault: RawFault) => void,
): CompiledRule[] {
  const { name, action } = rule;
  // Without an action it has been reported already.
  if (action.case === undefined) return [];
  const compiled = {
    name,
    action,
    mask: planRuleMask(spec, rule),
    tokenize: planTokens(rule.tokenize ?? spec.tokenize),
    retentionSeconds: secondsOf(rule.retention ?? spec.retention),
    parameters: compileParameters(rule.parameters, `spec.rules[${index}].parameters`, report),
    purpose: rule.purpose || spec.purpose,
    limits: compileLimits(rule.limits),
  };
  if (rule.when === '') return [{ ...compiled, condition: undefined }];
  try {
    return [{ ...compiled, condition: compileCondition(rule.when, context) }];
  } catch (error) {
    if (!(error instanceof ConditionSyntaxError)) throw error;
    for (const fault of error.faults) report({ path: `spec.rules[${index}].when`, ...fault });
    return [];
  }
}

function secondsOf(duration: Duration | undefined): number | undefined {
  return duration && Number(duration.seconds);
}

/** One set for all policies: a text is read once, however many policies apply. */
function compileSet(
  sources: Sources,
  policies: readonly Policy[],
  faults: (RawFault & { policy: Policy })[],
): PatternSet | undefined {
  const [first] = policies;
  if (sources.list.length === 0 || first === undefined) return undefined;
  try {
    return createPatternSet(sources.list);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    faults.push({
      policy: first,
      path: '',
      message: `the patterns of all policies together: ${error.message}`,
    });
    return undefined;
  }
}

/** Collects the distinct patterns of all policies. */
class Sources {
  readonly list: string[] = [];
  readonly #places = new Map<string, number>();

  add(source: string): number {
    const known = this.#places.get(source);
    if (known !== undefined) return known;
    this.#places.set(source, this.list.length);
    return this.list.push(source) - 1;
  }
}

/** A fault of a policy whose text nobody has: the position goes into the words. */
function describeRawFault({ policy, path, offset, message }: RawFault & { policy: Policy }): PolicyFault {
  const at = offset === undefined ? '' : ` (at character ${offset + 1})`;
  return { document: policy.name, path, message: `${message}${at}` };
}
