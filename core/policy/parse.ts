import { create } from '@bufbuild/protobuf';
import { type Document, isNode, isScalar, LineCounter, parseAllDocuments, type YAMLError } from 'yaml';
import { type Policy, PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { tryCompile } from './compile.ts';
import { PolicyError, type PolicyFault, type RawFault } from './fault.ts';
import { readSpec } from './read-spec.ts';
import { type Field, locate, type NodeFault, YamlReader } from './yaml.ts';
import { findExcess } from './yaml-limits.ts';

export { formatPolicies } from './format.ts';

const API_VERSION = 'sworn/v1';
export const KIND = 'Policy';

const TOP_KEYS = ['apiVersion', 'kind', 'name', 'spec'];
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
    for (const error of broken) {
      const message = describeSyntax(error);
      faults.push({ document: `document ${i + 1}`, path: '', ...at(error.pos[0]), message });
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

/** What is wrong with the YAML; where a condition is the reason most often, in the words of who writes one. */
function describeSyntax({ message }: YAMLError): string {
  const [, tag] = /^Unresolved tag: (.*)$/.exec(message) ?? [];
  if (tag !== undefined) return `${tag} is read as a tag of YAML: put the whole value in single quotes`;
  if (message === 'Unexpected scalar at node end')
    return 'the value has ended before this: put the whole value in single quotes';
  const [, bracket] = /^Flow (?:sequence|map) .* must .* end with a (.)$/.exec(message) ?? [];
  return bracket === undefined ? message : `a ${bracket} is missing before this`;
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
