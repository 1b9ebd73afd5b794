import { stringify } from 'yaml';
import {
  type Mask,
  MaskMethod,
  type Policy,
  type PolicySpec,
  type Rule,
} from '#proto/sworn/policy/v1/policy_pb.ts';
import { formatDuration } from './duration.ts';
import { planMethod } from './mask.ts';

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
    groups: spec.groups,
    ...(spec.routes.length === 0 ? {} : { routes: spec.routes }),
    ...(spec.models.length === 0 ? {} : { models: spec.models }),
    ...(Object.keys(spec.patterns).length === 0 ? {} : { patterns: spec.patterns }),
    ...(Object.keys(spec.identifiers).length === 0 ? {} : { identifiers: formatIdentifiers(spec) }),
    rules: spec.rules.map(formatRule),
    ...(spec.mask === undefined ? {} : { mask: formatMask(spec.mask) }),
    ...(spec.externalDetector?.required === undefined
      ? {}
      : { externalDetector: { required: spec.externalDetector.required } }),
    ...(spec.retention === undefined ? {} : { retention: formatDuration(Number(spec.retention.seconds)) }),
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

function formatRule({ name, when, action }: Rule): object {
  return { name, ...(when === '' ? {} : { when }), ...formatAction(action) };
}

function formatAction(action: Rule['action']): object {
  switch (action.case) {
    case 'allow':
      return { allow: {} };
    case 'deny':
      return { deny: action.value.message === '' ? {} : { message: action.value.message } };
    case 'requireApproval': {
      const { reviewers, expires, message } = action.value;
      return {
        requireApproval: {
          reviewers,
          ...(expires === undefined ? {} : { expires: formatDuration(Number(expires.seconds)) }),
          ...(message === '' ? {} : { message }),
        },
      };
    }
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
