import { type CelInput, type CelMap, celList, celMap } from '@bufbuild/cel';
import { type CustomEntity, ENTITIES } from '#core/phi/entities.ts';
import type { FindingCounts } from '#core/phi/mask.ts';
import { OPAQUE_KINDS, type OpaqueKind } from '#core/provider/openai/content/kind.ts';
import {
  PARAMETERS,
  type Parameter,
  type ParameterValue,
} from '#core/provider/openai/parameters/catalogue.ts';
import type { ParameterReadings } from '#core/provider/openai/parameters/read.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type ConditionType, listOf, mapOf, type RecordType, recordOf } from './type.ts';

const STRINGS = listOf('string');

const CALLER = recordOf('caller', [
  ['issuer', 'string'],
  ['subject', 'string'],
  ['email', 'string'],
  ['groups', STRINGS],
  ['client', 'string'],
  ['claims', mapOf('caller.claims', STRINGS)],
]);

const PARAMETER_TYPES = { boolean: 'bool', number: 'int', text: 'string', list: STRINGS } as const;
const ASKED = recordOf(
  'parameters',
  PARAMETERS.map(({ name, kind }) => [name, PARAMETER_TYPES[kind]] as const),
);
const TIME = recordOf('time', [
  ['hour', 'int'],
  ['minute', 'int'],
  ['weekday', 'string'],
  ['date', 'string'],
]);
const SESSION = recordOf('session', [
  ['exchanges', 'int'],
  ['tokens', 'int'],
  ['cost', 'double'],
]);
const LABELS = mapOf('labels', 'string');

const COUNTS: readonly (readonly [string, ConditionType])[] = [
  ['total', 'int'],
  ...ENTITIES.map((entity) => [entity.name, 'int'] as const),
];

const OPAQUE_COUNTS = ['total', ...OPAQUE_KINDS].map((kind) => [kind, 'int'] as const);

/** What conditions can see of a request. A field added here must be bound in `bindFacts`. */
export interface ConditionFacts {
  readonly caller: Caller;
  readonly route: string;
  readonly model: string;
  readonly stream: boolean;
  readonly tools: readonly string[];
  readonly findings: FindingCounts;
  readonly opaque: readonly { readonly kind: OpaqueKind }[];
  /** What it asks of the provider. */
  readonly parameters: ParameterReadings;
  readonly circumstances: Circumstances;
}

/** What was answered in a session. */
export interface SessionSoFar {
  readonly exchanges: number;
  readonly tokens: number;
  /** In the currency of the upstreams' prices; what has no price costs nothing here. */
  readonly cost: number;
}

/** What is known of a request beside itself. */
export interface Circumstances {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** What the caller's token says under a name; undefined for what is no text or too large, which fails the condition. */
  claim(name: string): readonly string[] | undefined;
  /** Where the plane is; empty where nobody has said. */
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What was answered in the request's session before it, as far as this plane has seen. */
  readonly session: SessionSoFar;
  /** How many different values of each entity the prompt has; undefined where no policy asks for it. */
  readonly distinct: FindingCounts | undefined;
}

/** What conditions name that is bound for them alone. */
export interface NamesRead {
  readonly claims: ReadonlySet<string>;
  readonly labels: ReadonlySet<string>;
}

/** The values of one request in the form in which CEL reads them. */
export type Bindings = Readonly<Record<string, CelInput>>;

/** The names and types that a condition may use, for a policy with patterns and identifiers of these names. */
export function contextType(patternNames: Iterable<string>, identifierNames: Iterable<string>): RecordType {
  const own = Array.from(identifierNames, (name) => [name, 'int'] as const);
  return recordOf('context', [
    ['caller', CALLER],
    ['route', 'string'],
    ['model', 'string'],
    ['stream', 'bool'],
    ['tools', STRINGS],
    ['opaque', recordOf('opaque', OPAQUE_COUNTS)],
    ['parameters', ASKED],
    ['time', TIME],
    ['region', 'string'],
    ['labels', LABELS],
    ['session', SESSION],
    ['findings', recordOf('findings', [...COUNTS, ...own])],
    ['distinct', recordOf('distinct', [...COUNTS, ...own])],
    [
      'patterns',
      recordOf(
        'patterns',
        Array.from(patternNames, (name) => [name, 'bool'] as const),
      ),
    ],
  ]);
}

/**
 * Binds everything but `patterns` and `time`, which differ by policy. Done once a request.
 * @param identifiers the names of all identifiers that policies define
 */
export function bindFacts(
  facts: ConditionFacts,
  identifiers: ReadonlySet<CustomEntity>,
  names: NamesRead,
): Bindings {
  const { caller, findings, circumstances } = facts;
  const { region, labels, session, distinct } = circumstances;
  return {
    caller: celMap(
      new Map<string, CelInput>([
        ['issuer', caller.issuer],
        ['subject', caller.subject],
        ['email', caller.email],
        ['groups', celList(caller.groups)],
        ['client', caller.client],
        ['claims', bindClaims(names.claims, circumstances)],
      ]),
    ),
    route: facts.route,
    model: facts.model,
    stream: facts.stream,
    tools: celList(facts.tools),
    opaque: celMap(countKinds(facts.opaque)),
    parameters: bindParameters(facts.parameters),
    region,
    labels: celMap(new Map(Array.from(names.labels, (name) => [name, ownOf(labels, name)] as const))),
    session: celMap(
      new Map<string, CelInput>([
        ['exchanges', BigInt(session.exchanges)],
        ['tokens', BigInt(session.tokens)],
        ['cost', session.cost],
      ]),
    ),
    findings: bindCounts(findings, identifiers),
    // Not counted: a condition that reads it fails.
    distinct: distinct === undefined ? celMap(new Map()) : bindCounts(distinct, identifiers),
  };
}

function countKinds(opaque: ConditionFacts['opaque']): Map<string, bigint> {
  const counts = new Map<string, bigint>([['total', BigInt(opaque.length)]]);
  for (const kind of OPAQUE_KINDS) {
    counts.set(kind, BigInt(opaque.filter((content) => content.kind === kind).length));
  }
  return counts;
}

function bindCounts(found: FindingCounts, identifiers: ReadonlySet<CustomEntity>): CelMap {
  const counts = new Map<string, bigint>();
  let total = 0n;
  for (const name of [...ENTITIES.map((entity) => entity.name), ...identifiers]) {
    const count = BigInt(found[name] ?? 0);
    counts.set(name, count);
    total += count;
  }
  return celMap(counts.set('total', total));
}

function bindClaims(names: ReadonlySet<string>, { claim }: Circumstances): CelMap {
  const claims = new Map<string, CelInput>();
  for (const name of names) {
    const values = claim(name);
    if (values !== undefined) claims.set(name, celList(values));
  }
  return celMap(claims);
}

function ownOf(labels: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}

function bindParameters(readings: ParameterReadings): CelMap {
  const values = new Map<string, CelInput>();
  for (const { name, kind } of PARAMETERS) {
    const reading = readings.get(name);
    // What cannot be read is not there for a condition, which fails then.
    if (reading === undefined || reading.malformed || reading.misspelt) continue;
    values.set(name, bindParameter(kind, reading.values));
  }
  return celMap(values);
}

/** Of several numbers (`n`, `best_of`) the greatest. */
function bindParameter(kind: Parameter['kind'], values: readonly ParameterValue[]): CelInput {
  if (kind === 'list') return celList(values.map(String));
  if (kind === 'number') return BigInt(Math.min(Math.max(0, ...values.map(Number)), Number.MAX_SAFE_INTEGER));
  return kind === 'boolean' ? values.includes(true) : String(values[0] ?? '');
}

/** Binds `time`, in a zone of the IANA database. */
export function bindTime(nowMs: number, timeZone: string): CelMap {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(nowMs)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  return celMap(
    new Map<string, CelInput>([
      ['hour', BigInt(part('hour'))],
      ['minute', BigInt(part('minute'))],
      ['weekday', part('weekday').toLowerCase()],
      ['date', `${part('year')}-${part('month')}-${part('day')}`],
    ]),
  );
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Making one takes 50 us. Throws RangeError for an unknown zone. */
export function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(timeZone);
  if (known !== undefined) return known;
  const two = '2-digit';
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timeZone === '' ? 'UTC' : timeZone,
    hourCycle: 'h23',
    weekday: 'long',
    year: 'numeric',
    month: two,
    day: two,
    hour: two,
    minute: two,
  });
  FORMATS.set(timeZone, format);
  return format;
}

/** Binds `patterns`: for each name, whether it was found. */
export function bindPatterns(found: ReadonlyMap<string, boolean>): CelMap {
  return celMap(found);
}
