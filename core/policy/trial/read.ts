import { type Document, isMap, isNode, LineCounter, parseAllDocuments } from 'yaml';
import { PolicyError, type PolicyFault } from '../fault.ts';
import { type Field, locate, YamlReader } from '../yaml.ts';
import { findExcess } from '../yaml-limits.ts';
import type { Expectation } from './compare.ts';
import type { Sample } from './sample.ts';

/** The kind of a document of cases. */
const CASES_KIND = 'PolicyTest';

/** A sample and what policies are expected to say to it. */
export interface PolicyCase {
  readonly name: string;
  readonly sample: Sample;
  readonly expected: Expectation;
}

/** Cases, and the files of the policies that they are about, as the document names them. */
export interface PolicyCases {
  readonly policies: readonly string[];
  readonly cases: readonly PolicyCase[];
}

/** The time of a case that says none: any Monday afternoon. */
const ANY_TIME = '2026-03-02T14:30:00Z';
const ANY_MODEL = 'gpt-5';

/** Reads a document of cases. Throws PolicyError with every fault, each with its line and column. */
export function readPolicyCases(yaml: string): PolicyCases {
  const lines = new LineCounter();
  const faults: PolicyFault[] = [];
  const at = (offset: number) => {
    const { line, col: column } = lines.linePos(offset);
    return { line, column };
  };
  const excess = findExcess(yaml);
  if (excess !== undefined) throw new PolicyError([{ document: 'cases', path: '', message: excess.message }]);
  const documents = parseAllDocuments(yaml, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const [document, ...more] = Array.from(documents as Iterable<Document>);
  for (const { pos, message } of [...(document?.errors ?? []), ...(document?.warnings ?? [])]) {
    faults.push({ document: 'cases', path: '', ...at(pos[0]), message });
  }
  if (more.length > 0) faults.push({ document: 'cases', path: '', message: 'cases are one document a file' });
  if (document === undefined && faults.length === 0) {
    faults.push({ document: 'cases', path: '', message: 'there are none: the text is empty' });
  }
  if (document === undefined || faults.length > 0) throw new PolicyError(faults);
  const reader = new YamlReader();
  const read = readDocument(reader, document);
  for (const { path, message, node, offset } of reader.faults) {
    const place = node === undefined ? {} : at(locate(node, offset ?? 0, yaml));
    faults.push({ document: 'cases', path, ...place, message });
  }
  if (faults.length > 0) throw new PolicyError(faults);
  return read;
}

function readDocument(reader: YamlReader, document: Document): PolicyCases {
  const root: Field = { node: isNode(document.contents) ? document.contents : undefined, path: '' };
  const top = reader.readMap(root, ['apiVersion', 'kind', 'policies', 'cases']);
  if (top !== undefined) {
    requireText(reader, root, top.get('apiVersion'), 'apiVersion', 'sworn/v1');
    requireText(reader, root, top.get('kind'), 'kind', CASES_KIND);
    for (const name of ['policies', 'cases']) {
      if (!top.has(name)) reader.fault({ node: root.node, path: name }, 'missing');
    }
  }
  return {
    policies: reader.readTexts(top?.get('policies')),
    cases: reader.readList(top?.get('cases')).map((field) => readCase(reader, field)),
  };
}

function requireText(
  reader: YamlReader,
  root: Field,
  field: Field | undefined,
  path: string,
  value: string,
): void {
  if (field === undefined) reader.fault({ node: root.node, path }, `missing: write \`${path}: ${value}\``);
  else if (reader.readText(field) !== value) reader.fault(field, `must be ${value}`);
}

function readCase(reader: YamlReader, field: Field): PolicyCase {
  const entries = reader.readMap(field, ['name', 'caller', 'request', 'at', 'plane', 'session', 'expect']);
  if (entries?.has('name') === false) reader.fault(field, 'a case needs a name');
  if (entries?.has('expect') === false) reader.fault(field, 'a case needs what is expected');
  const plane = readMapOf(reader, entries?.get('plane'), ['region', 'labels']);
  const session = readMapOf(reader, entries?.get('session'), ['exchanges', 'tokens', 'cost']);
  return {
    name: reader.readText(entries?.get('name')),
    sample: {
      caller: readCaller(reader, entries?.get('caller')),
      ...readRequest(reader, entries?.get('request')),
      circumstances: {
        nowMs: readTime(reader, entries?.get('at')),
        region: reader.readText(plane?.get('region')),
        labels: reader.readTextMap(plane?.get('labels')),
        session: {
          exchanges: readCount(reader, session?.get('exchanges')),
          tokens: readCount(reader, session?.get('tokens')),
          cost: reader.readNumber(session?.get('cost')) ?? 0,
        },
      },
    },
    expected: readExpectation(reader, entries?.get('expect')),
  };
}

function readMapOf(reader: YamlReader, field: Field | undefined, known: readonly string[]) {
  return field === undefined ? undefined : reader.readMap(field, known);
}

function readCaller(reader: YamlReader, field: Field | undefined): Sample['caller'] {
  const caller = readMapOf(reader, field, ['issuer', 'subject', 'email', 'groups', 'client', 'claims']);
  const claimsField = caller?.get('claims');
  const claims = claimsField === undefined ? undefined : reader.readMap(claimsField);
  return {
    issuer: reader.readText(caller?.get('issuer')) || 'https://id.example.org',
    subject: reader.readText(caller?.get('subject')) || 'somebody',
    email: reader.readText(caller?.get('email')),
    groups: reader.readTexts(caller?.get('groups')),
    client: reader.readText(caller?.get('client')),
    claims: Object.fromEntries(Array.from(claims ?? [], ([name, claim]) => [name, reader.readTexts(claim)])),
  };
}

/** `prompt: text` is short for a body that asks it. */
function readRequest(reader: YamlReader, field: Field | undefined): Pick<Sample, 'call' | 'body'> {
  const request = readMapOf(reader, field, ['call', 'body', 'prompt']);
  const body = request?.get('body');
  const prompt = request?.get('prompt');
  if (body !== undefined && prompt !== undefined) reader.fault(prompt, 'a request has a body or a prompt');
  const call = reader.readText(request?.get('call')) || 'POST /responses';
  if (!/^[A-Z]+ \/\S*$/.test(call) && request?.get('call') !== undefined) {
    reader.fault(request.get('call') as Field, 'must be a method and a path: POST /responses');
  }
  if (body === undefined) {
    const said = { model: ANY_MODEL, input: reader.readText(prompt) };
    return { call, body: call.startsWith('POST') ? JSON.stringify(said) : '' };
  }
  const { node } = body;
  if (!isMap(node)) reader.fault(body, 'must be a mapping');
  return { call, body: JSON.stringify(toValue(reader, body)) };
}

function toValue(reader: YamlReader, field: Field): unknown {
  try {
    return field.node?.toJSON() ?? {};
  } catch (error) {
    // An alias, which has no document to look up here.
    return reader.fault(field, error instanceof Error ? error.message : 'cannot be read');
  }
}

function readTime(reader: YamlReader, field: Field | undefined): number {
  const text = reader.readText(field) || ANY_TIME;
  const timeMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(timeMs) && field !== undefined) reader.fault(field, `must be a time: ${ANY_TIME}`);
  return Number.isNaN(timeMs) ? 0 : timeMs;
}

function readCount(reader: YamlReader, field: Field | undefined): number {
  const count = reader.readNumber(field) ?? 0;
  if (Number.isSafeInteger(count) && count >= 0) return count;
  if (field !== undefined) reader.fault(field, 'must be a whole number from 0');
  return 0;
}

const EXPECTED = [
  'action',
  'policy',
  'rule',
  'reason',
  'param',
  'reviewers',
  'purpose',
  'retention',
  'mask',
  'tokenize',
  'changes',
  'sent',
];
const ACTIONS = ['allow', 'deny', 'requireApproval'];

function readExpectation(reader: YamlReader, field: Field | undefined): Expectation {
  const expected = readMapOf(reader, field, EXPECTED);
  const action = expected?.get('action');
  const word = reader.readText(action);
  if (expected !== undefined && action === undefined) {
    reader.fault(field ?? { node: undefined, path: 'expect' }, `needs an action: ${ACTIONS.join(', ')}`);
  } else if (action !== undefined && !ACTIONS.includes(word)) {
    reader.fault(action, `must be one of ${ACTIONS.join(', ')}`);
  }
  const texts = ['policy', 'rule', 'reason', 'param', 'purpose', 'retention'] as const;
  const said = texts.flatMap((name) => {
    const text = expected?.get(name);
    // A rule of '' is none: a parameter refused, or no policy at all.
    return text === undefined ? [] : [[name, reader.readText(text)] as const];
  });
  const sent = expected?.get('sent');
  return {
    action: word as Expectation['action'],
    ...Object.fromEntries(said),
    ...(expected?.has('reviewers') === true && { reviewers: reader.readTexts(expected.get('reviewers')) }),
    ...(expected?.has('mask') === true && { mask: reader.readTextMap(expected.get('mask')) }),
    ...(expected?.has('tokenize') === true && { tokenize: reader.readTextMap(expected.get('tokenize')) }),
    ...(expected?.has('changes') === true && { changes: reader.readTextMap(expected.get('changes')) }),
    ...(sent !== undefined && { sent: toValue(reader, sent) as Record<string, unknown> }),
  };
}
