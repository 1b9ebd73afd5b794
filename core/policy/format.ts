import { stringify } from 'yaml';
import {
  type Mask,
  MaskMethod,
  type Policy,
  PolicyMode,
  type PolicySpec,
  type Rule,
  type Tokenize,
} from '#proto/sworn/policy/v1/policy_pb.ts';
import { formatApproval } from './approval/yaml.ts';
import { formatDuration } from './duration.ts';
import { formatLimit } from './limit/yaml.ts';
import { planMethod } from './mask.ts';
import { formatParameterDemands } from './parameters/yaml.ts';

/**
 * Policies as YAML documents. Reading them back gives the same names and specs; etags and times, which are
 * not an author's, are left out.
 */
export function formatPolicies(policies: readonly Policy[]): string {
  return policies.map((policy) => stringify(formatPolicy(policy), { lineWidth: 100 })).join('---\n');
}

function formatPolicy({ name, spec }: Policy): object {
  return {
    apiVersion: 'sworn/v1',
    kind: 'Policy',
    name: name.replace(/^policies\//, ''),
    ...(spec === undefined ? {} : { spec: formatSpec(spec) }),
  };
}

function formatSpec(spec: PolicySpec): object {
  return {
    ...(spec.description === '' ? {} : { description: spec.description }),
    ...(spec.mode === PolicyMode.OBSERVE ? { mode: 'observe' } : {}),
    ...(spec.replaces === '' ? {} : { replaces: spec.replaces }),
    groups: spec.groups,
    ...(spec.routes.length === 0 ? {} : { routes: spec.routes }),
    ...(spec.models.length === 0 ? {} : { models: spec.models }),
    ...(Object.keys(spec.patterns).length === 0 ? {} : { patterns: spec.patterns }),
    ...(Object.keys(spec.identifiers).length === 0 ? {} : { identifiers: formatIdentifiers(spec) }),
    ...(spec.rules.length === 0 ? {} : { rules: spec.rules.map(formatRule) }),
    ...(spec.externalDetector?.required === undefined
      ? {}
      : { externalDetector: { required: spec.externalDetector.required } }),
    ...(spec.opaque === undefined ? {} : { opaque: { allow: spec.opaque.allow } }),
    ...(spec.upstreams.length === 0 ? {} : { upstreams: spec.upstreams }),
    ...formatObligations(spec),
    ...(spec.timeZone === '' ? {} : { timeZone: spec.timeZone }),
    ...(spec.traces === undefined ? {} : { traces: { forward: spec.traces.forward } }),
  };
}

function formatIdentifiers({ identifiers }: PolicySpec): object {
  const entries = Object.entries(identifiers).map(([name, { description, pattern, context, score }]) => [
    name,
    {
      ...(description === '' ? {} : { description }),
      pattern,
      ...(context.length === 0 ? {} : { context }),
      ...(score === undefined ? {} : { score }),
    },
  ]);
  return Object.fromEntries(entries);
}

type Obligations = Pick<PolicySpec, 'mask' | 'tokenize' | 'retention' | 'parameters' | 'purpose' | 'limits'>;

/** What a policy and each of its rules can have. */
function formatObligations(said: Obligations): object {
  const { mask, tokenize, retention, parameters, purpose, limits } = said;
  return {
    ...(mask === undefined ? {} : { mask: formatMask(mask) }),
    ...(tokenize === undefined ? {} : { tokenize: formatTokenize(tokenize) }),
    ...(retention === undefined ? {} : { retention: formatDuration(Number(retention.seconds)) }),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters: formatParameterDemands(parameters) }),
    ...(purpose === '' ? {} : { purpose }),
    ...(limits.length === 0 ? {} : { limits: limits.map(formatLimit) }),
  };
}

function formatTokenize({ entities, restore }: Tokenize): object {
  // A list that stands in two places would be written as an alias.
  return { ...(entities.length === 0 ? {} : { entities: [...entities] }), ...(restore ? { restore } : {}) };
}

function formatRule(rule: Rule): object {
  const { name, when, action } = rule;
  return { name, ...(when === '' ? {} : { when }), ...formatAction(action), ...formatObligations(rule) };
}

function formatAction(action: Rule['action']): object {
  switch (action.case) {
    case 'allow':
      return { allow: {} };
    case 'deny':
      return { deny: action.value.message === '' ? {} : { message: action.value.message } };
    case 'requireApproval':
      return { requireApproval: formatApproval(action.value) };
    case undefined:
      return {};
  }
}

/** A method that is unspecified is written as what it does. */
function formatMask(mask: Mask): object {
  const entities = Object.entries(mask.entities).map(([name, method]) => [name, planMethod(method)]);
  return {
    ...(mask.default === MaskMethod.UNSPECIFIED ? {} : { default: planMethod(mask.default) }),
    ...(entities.length === 0 ? {} : { entities: Object.fromEntries(entities) }),
  };
}
