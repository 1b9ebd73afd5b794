import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Document, isNode, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import {
  type IdentifierSchema,
  MaskMethod,
  type MaskSchema,
  type Policy,
  PolicySchema,
  type PolicySpecSchema,
  type RuleSchema,
} from '#proto/sworn/policy/v1/policy_pb.ts';
import type { RawFault } from './check.ts';
import { tryCompile } from './compile.ts';
import { parseDuration } from './duration.ts';
import { PolicyError, type PolicyFault } from './fault.ts';
import { findMethod, METHOD_WORDS } from './mask.ts';
import { type Field, locate, type NodeFault, YamlReader } from './yaml.ts';
import { findExcess } from './yaml-limits.ts';

export { formatPolicies } from './format.ts';

export const API_VERSION = 'sworn/v1';
export const KIND = 'Policy';

const TOP_KEYS = ['apiVersion', 'kind', 'name', 'spec'];
const SPEC_KEYS = [
  'description',
  'groups',
  'routes',
  'models',
  'patterns',
  'identifiers',
  'rules',
  'mask',
  'externalDetector',
  'retention',
  'traces',
];
const IDENTIFIER_KEYS = ['description', 'pattern', 'context', 'score'];
const RULE_KEYS = ['name', 'when', 'allow', 'deny', 'requireApproval'];

/** A document as it was read: its policy, and how to say where a fault stands. */
interface ParsedDocument {
  readonly policy: Policy;
  readonly reader: YamlReader;
  readonly title: string;
}

/**
 * Reads policies from YAML, one a document, and compiles them to be sure that they can be used.
 * Throws PolicyError with every fault of every document, each with its line and column.
 */
export function parsePolicies(yaml: string): Policy[] {
  const lines = new LineCounter();
  const excess = findExcess(yaml);
  if (excess !== undefined) throw new PolicyError([excessFault(excess, yaml)]);
  const result = parseAllDocuments(yaml, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: false,
    uniqueKeys: false,
  });
  const documents = Array.from(result as Iterable<Document>).filter(isNotBlank);
  if (documents.length === 0)
    throw new PolicyError([{ document: 'document 1', path: '', message: 'there is no policy' }]);

  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const faults: PolicyFault[] = [];
  const parsed: ParsedDocument[] = [];
  for (const [i, document] of documents.entries()) {
    const broken = [...document.errors, ...document.warnings];
    for (const { pos, message } of broken) {
      faults.push({ document: `document ${i + 1}`, path: '', ...at(pos[0]), message });
    }
    if (broken.length === 0) parsed.push(readDocument(document, `document ${i + 1}`));
  }
  const compiled = tryCompile(parsed.map(({ policy }) => policy));
  for (const { policy, reader, title } of parsed) {
    const place = ({
      path,
      offset,
      message,
      node = nearest(reader, path),
    }: RawFault & Partial<NodeFault>): PolicyFault => {
      const start = node === undefined ? 0 : locate(node, offset ?? 0, yaml);
      return { document: title, path, ...at(start), message };
    };
    // What could not be read was reported there; that it is now missing is no second fault.
    const later = compiled.faults.filter(
      (fault) => fault.policy === policy && !reader.faults.some(({ path }) => isWithin(fault.path, path)),
    );
    faults.push(...[...reader.faults, ...later].map(place));
  }
  if (faults.length > 0) throw new PolicyError(faults.sort(byPosition));
  return parsed.map(({ policy }) => policy);
}

function readDocument(document: Document, fallbackTitle: string): ParsedDocument {
  const reader = new YamlReader();
  const root: Field = { node: isNode(document.contents) ? document.contents : undefined, path: '' };
  const top = reader.readMap(root, TOP_KEYS);
  for (const [key, value] of [
    ['apiVersion', API_VERSION],
    ['kind', KIND],
  ] as const) {
    const field = top?.get(key);
    if (top === undefined) continue;
    if (field === undefined)
      reader.fault({ node: root.node, path: key }, `missing: write \`${key}: ${value}\``);
    else if (reader.readText(field) !== value) reader.fault(field, `must be ${value}`);
  }
  const id = reader.readText(top?.get('name'));
  if (top !== undefined && !top.has('name'))
    reader.fault({ node: root.node, path: 'name' }, 'missing: the name of the policy');
  const spec = top?.get('spec');
  if (top !== undefined && spec === undefined)
    reader.fault({ node: root.node, path: 'spec' }, 'missing: what the policy says');
  const policy = create(PolicySchema, {
    name: `policies/${id}`,
    ...(spec === undefined ? {} : { spec: readSpec(reader, spec) }),
  });
  return { policy, reader, title: id === '' ? fallbackTitle : `policies/${id}` };
}

function readSpec(reader: YamlReader, field: Field): MessageInitShape<typeof PolicySpecSchema> {
  const spec = reader.readMap(field, SPEC_KEYS);
  const mask = spec?.get('mask');
  const external = spec?.get('externalDetector');
  const retention = readDuration(reader, spec?.get('retention'));
  const traces = spec?.get('traces');
  return {
    description: reader.readText(spec?.get('description')),
    groups: reader.readTexts(spec?.get('groups')),
    routes: reader.readTexts(spec?.get('routes')),
    models: reader.readTexts(spec?.get('models')),
    patterns: reader.readTextMap(spec?.get('patterns')),
    identifiers: readIdentifiers(reader, spec?.get('identifiers')),
    rules: reader.readList(spec?.get('rules')).map((rule) => readRule(reader, rule)),
    ...(mask === undefined ? {} : { mask: readMask(reader, mask) }),
    ...(external === undefined ? {} : { externalDetector: readExternalDetector(reader, external) }),
    ...(retention === undefined ? {} : { retention: { seconds: BigInt(retention) } }),
    ...(traces === undefined ? {} : { traces: readTraces(reader, traces) }),
  };
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
  const entries = reader.readMap(approval, ['reviewers', 'expires', 'message']);
  const seconds = readDuration(reader, entries?.get('expires'));
  return {
    action: {
      case: 'requireApproval',
      value: {
        reviewers: reader.readTexts(entries?.get('reviewers')),
        ...(seconds === undefined ? {} : { expires: { seconds: BigInt(seconds) } }),
        message: reader.readText(entries?.get('message')),
      },
    },
  };
}

function readDuration(reader: YamlReader, field: Field | undefined): number | undefined {
  if (field === undefined) return undefined;
  const faults = reader.faults.length;
  const seconds = parseDuration(reader.readText(field));
  if (seconds === undefined && reader.faults.length === faults) {
    reader.fault(field, 'must be a duration: 45s, 30m, 2h or 1d');
  }
  return seconds;
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

/** The node of the path, or of what it is part of: a field that is missing has no node of its own. */
function nearest(reader: YamlReader, path: string): ReturnType<YamlReader['nodes']['get']> {
  for (let at = path; ; at = at.replace(/(\.[^.[\]]*|\[\d+\]|^[^.[]*)$/, '')) {
    const node = reader.nodes.get(at);
    if (node !== undefined || at === '') return node;
  }
}

function isWithin(path: string, outer: string): boolean {
  return outer === '' || path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

/** `---` at the end of a file, or only comments, make no policy. */
function isNotBlank(document: Document): boolean {
  const { contents, errors } = document;
  const isBlank =
    contents === null || (isScalar(contents) && contents.value === null && contents.source === '');
  return !isBlank || errors.length > 0;
}

function excessFault({ offset, message }: { offset: number; message: string }, text: string): PolicyFault {
  const before = text.slice(0, offset).split('\n');
  return {
    document: 'document 1',
    path: '',
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    message,
  };
}

function byPosition(left: PolicyFault, right: PolicyFault): number {
  return (left.line ?? 0) - (right.line ?? 0) || (left.column ?? 0) - (right.column ?? 0);
}
