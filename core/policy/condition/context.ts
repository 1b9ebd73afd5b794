import { type CelInput, type CelMap, celList, celMap } from '@bufbuild/cel';
import { type CustomEntity, ENTITIES } from '#core/phi/entities.ts';
import type { FindingCounts } from '#core/phi/mask.ts';
import { OPAQUE_KINDS, type OpaqueKind } from '#core/provider/openai/content/kind.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type ConditionType, listOf, type RecordType, recordOf } from './type.ts';

const STRINGS = listOf('string');

const CALLER = recordOf('caller', [
  ['issuer', 'string'],
  ['subject', 'string'],
  ['email', 'string'],
  ['groups', STRINGS],
  ['client', 'string'],
]);

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
}

/** The values of one request in the form in which CEL reads them. */
export type Bindings = Readonly<Record<string, CelInput>>;

/** The names and types that a condition may use, for a policy with patterns and identifiers of these names. */
export function contextType(patternNames: Iterable<string>, identifierNames: Iterable<string>): RecordType {
  return recordOf('context', [
    ['caller', CALLER],
    ['route', 'string'],
    ['model', 'string'],
    ['stream', 'bool'],
    ['tools', STRINGS],
    ['opaque', recordOf('opaque', OPAQUE_COUNTS)],
    [
      'findings',
      recordOf('findings', [...COUNTS, ...Array.from(identifierNames, (name) => [name, 'int'] as const)]),
    ],
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
 * Binds everything but `patterns`, which differ by policy. Done once a request.
 * @param identifiers the names of all identifiers that policies define
 */
export function bindFacts(facts: ConditionFacts, identifiers: Iterable<CustomEntity>): Bindings {
  const { caller, findings } = facts;
  const counts = new Map<string, bigint>();
  let total = 0n;
  for (const name of [...ENTITIES.map((entity) => entity.name), ...identifiers]) {
    const count = BigInt(findings[name] ?? 0);
    counts.set(name, count);
    total += count;
  }
  counts.set('total', total);
  return {
    caller: celMap(
      new Map<string, CelInput>([
        ['issuer', caller.issuer],
        ['subject', caller.subject],
        ['email', caller.email],
        ['groups', celList(caller.groups)],
        ['client', caller.client],
      ]),
    ),
    route: facts.route,
    model: facts.model,
    stream: facts.stream,
    tools: celList(facts.tools),
    opaque: celMap(countKinds(facts.opaque)),
    findings: celMap(counts),
  };
}

function countKinds(opaque: ConditionFacts['opaque']): Map<string, bigint> {
  const counts = new Map<string, bigint>([['total', BigInt(opaque.length)]]);
  for (const kind of OPAQUE_KINDS) {
    counts.set(kind, BigInt(opaque.filter((content) => content.kind === kind).length));
  }
  return counts;
}

/** Binds `patterns`: for each name, whether it was found. */
export function bindPatterns(found: ReadonlyMap<string, boolean>): CelMap {
  return celMap(found);
}
