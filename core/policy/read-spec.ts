import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type IdentifierSchema,
  MaskMethod,
  type MaskSchema,
  PolicyMode,
  type PolicySpecSchema,
  type RuleSchema,
  type TokenizeSchema,
} from '#proto/sworn/policy/v1/policy_pb.ts';
import { readApproval } from './approval/yaml.ts';
import { readLimits } from './limit/yaml.ts';
import { findMethod, METHOD_WORDS } from './mask.ts';
import { readParameterDemands } from './parameters/yaml.ts';
import { readDuration } from './read-duration.ts';
import type { Field, YamlReader } from './yaml.ts';

const SPEC_KEYS = [
  'description',
  'groups',
  'routes',
  'models',
  'patterns',
  'identifiers',
  'rules',
  'mask',
  'tokenize',
  'externalDetector',
  'retention',
  'parameters',
  'purpose',
  'timeZone',
  'opaque',
  'upstreams',
  'traces',
  'mode',
  'replaces',
  'limits',
];
const IDENTIFIER_KEYS = ['description', 'pattern', 'context', 'score'];
const RULE_KEYS = [
  'name',
  'when',
  'allow',
  'deny',
  'requireApproval',
  'parameters',
  'mask',
  'tokenize',
  'retention',
  'purpose',
  'limits',
];

/** The `spec` of a policy document; what is wrong in it is the reader's to tell. */
export function readSpec(reader: YamlReader, field: Field): MessageInitShape<typeof PolicySpecSchema> {
  const spec = reader.readMap(field, SPEC_KEYS);
  const external = spec?.get('externalDetector');
  const opaque = spec?.get('opaque');
  const traces = spec?.get('traces');
  return {
    description: reader.readText(spec?.get('description')),
    groups: reader.readTexts(spec?.get('groups')),
    routes: reader.readTexts(spec?.get('routes')),
    models: reader.readTexts(spec?.get('models')),
    patterns: reader.readTextMap(spec?.get('patterns')),
    identifiers: readIdentifiers(reader, spec?.get('identifiers')),
    rules: reader.readList(spec?.get('rules')).map((rule) => readRule(reader, rule)),
    ...(external === undefined ? {} : { externalDetector: readExternalDetector(reader, external) }),
    ...readObligations(reader, spec),
    timeZone: reader.readText(spec?.get('timeZone')),
    ...(opaque === undefined
      ? {}
      : { opaque: { allow: reader.readTexts(reader.readMap(opaque, ['allow'])?.get('allow')) } }),
    upstreams: reader.readTexts(spec?.get('upstreams')),
    ...(traces === undefined ? {} : { traces: readTraces(reader, traces) }),
    mode: readMode(reader, spec?.get('mode')),
    replaces: reader.readText(spec?.get('replaces')),
  };
}

function readMode(reader: YamlReader, field: Field | undefined): PolicyMode {
  if (field === undefined) return PolicyMode.UNSPECIFIED;
  const word = reader.readText(field);
  if (word === 'enforce') return PolicyMode.ENFORCE;
  if (word === 'observe') return PolicyMode.OBSERVE;
  reader.fault(field, 'must be one of enforce, observe');
  return PolicyMode.UNSPECIFIED;
}

function readTraces(reader: YamlReader, field: Field): { forward: boolean } {
  return { forward: reader.readBoolean(reader.readMap(field, ['forward'])?.get('forward')) ?? false };
}

function readIdentifiers(
  reader: YamlReader,
  field: Field | undefined,
): Record<string, MessageInitShape<typeof IdentifierSchema>> {
  const entries = field === undefined ? undefined : reader.readMap(field);
  return Object.fromEntries(
    Array.from(entries ?? [], ([name, entry]) => [name, readIdentifier(reader, entry)]),
  );
}

function readIdentifier(reader: YamlReader, field: Field): MessageInitShape<typeof IdentifierSchema> {
  const identifier = reader.readMap(field, IDENTIFIER_KEYS);
  const score = reader.readNumber(identifier?.get('score'));
  return {
    description: reader.readText(identifier?.get('description')),
    pattern: reader.readText(identifier?.get('pattern')),
    context: reader.readTexts(identifier?.get('context')),
    ...(score === undefined ? {} : { score }),
  };
}

/** What a policy and each of its rules can have. */
function readObligations(reader: YamlReader, entries: ReadonlyMap<string, Field> | undefined) {
  const mask = entries?.get('mask');
  const tokenize = entries?.get('tokenize');
  const retention = readDuration(reader, entries?.get('retention'));
  return {
    ...(mask === undefined ? {} : { mask: readMask(reader, mask) }),
    ...(tokenize === undefined ? {} : { tokenize: readTokenize(reader, tokenize) }),
    ...(retention === undefined ? {} : { retention: { seconds: BigInt(retention) } }),
    parameters: readParameterDemands(reader, entries?.get('parameters')),
    purpose: reader.readText(entries?.get('purpose')),
    limits: readLimits(reader, entries?.get('limits')),
  };
}

function readRule(reader: YamlReader, field: Field): MessageInitShape<typeof RuleSchema> {
  const rule = reader.readMap(field, RULE_KEYS);
  const actions = ['allow', 'deny', 'requireApproval'].filter((key) => rule?.has(key));
  if (rule !== undefined && actions.length !== 1) {
    reader.fault(field, 'a rule needs exactly one of allow, deny, requireApproval');
  }
  return {
    name: reader.readText(rule?.get('name')),
    when: reader.readText(rule?.get('when')),
    ...readAction(reader, rule),
    ...readObligations(reader, rule),
  };
}

function readAction(
  reader: YamlReader,
  rule: ReadonlyMap<string, Field> | undefined,
): Pick<MessageInitShape<typeof RuleSchema>, 'action'> {
  const allow = rule?.get('allow');
  const deny = rule?.get('deny');
  const approval = rule?.get('requireApproval');
  if (allow !== undefined) {
    reader.readMap(allow, []);
    return { action: { case: 'allow', value: {} } };
  }
  if (deny !== undefined) {
    const message = reader.readText(reader.readMap(deny, ['message'])?.get('message'));
    return { action: { case: 'deny', value: { message } } };
  }
  if (approval === undefined) return {};
  return { action: { case: 'requireApproval', value: readApproval(reader, approval) } };
}

function readMask(reader: YamlReader, field: Field): MessageInitShape<typeof MaskSchema> {
  const mask = reader.readMap(field, ['default', 'entities']);
  const entities = mask?.get('entities');
  const methods = entities === undefined ? undefined : reader.readMap(entities);
  return {
    default: readMethod(reader, mask?.get('default')),
    entities: Object.fromEntries(
      Array.from(methods ?? [], ([name, method]) => [name, readMethod(reader, method)]),
    ),
  };
}

function readTokenize(reader: YamlReader, field: Field): MessageInitShape<typeof TokenizeSchema> {
  const tokenize = reader.readMap(field, ['entities', 'restore']);
  const listed = tokenize?.get('entities');
  const faults = reader.faults.length;
  const entities = reader.readTexts(listed);
  // In the message an empty list is every entity, which nobody means who writes one.
  if (listed !== undefined && entities.length === 0 && reader.faults.length === faults) {
    reader.fault(listed, 'name the entities, or leave the field out for every one');
  }
  return { entities, restore: reader.readBoolean(tokenize?.get('restore')) ?? false };
}

function readExternalDetector(reader: YamlReader, field: Field): { required?: boolean } {
  const required = reader.readBoolean(reader.readMap(field, ['required'])?.get('required'));
  return required === undefined ? {} : { required };
}

function readMethod(reader: YamlReader, field: Field | undefined): MaskMethod {
  if (field === undefined) return MaskMethod.UNSPECIFIED;
  const faults = reader.faults.length;
  const method = findMethod(reader.readText(field));
  if (method === undefined && reader.faults.length === faults) {
    reader.fault(field, `must be one of ${METHOD_WORDS.join(', ')}`);
  }
  return method ?? MaskMethod.UNSPECIFIED;
}
