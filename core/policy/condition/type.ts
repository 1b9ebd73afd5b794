/** The types of conditions: a closed part of CEL's. */
export type ConditionType = 'bool' | 'int' | 'double' | 'string' | ListType | RecordType | MapType;

/** A list of values of one type. */
export interface ListType {
  readonly kind: 'list';
  readonly element: ConditionType;
}

/** A value with named fields that are always there. */
export interface RecordType {
  readonly kind: 'record';
  /** How the record is called in conditions. */
  readonly title: string;
  readonly fields: ReadonlyMap<string, ConditionType>;
}

/** Values by a name that is written out; every name is there. */
export interface MapType {
  readonly kind: 'map';
  /** How the map is called in conditions. */
  readonly title: string;
  readonly element: ConditionType;
}

/** A map type. */
export function mapOf(title: string, element: ConditionType): MapType {
  return { kind: 'map', title, element };
}

/** A list type. */
export function listOf(element: ConditionType): ListType {
  return { kind: 'list', element };
}

/** A record type. */
export function recordOf(title: string, fields: Iterable<readonly [string, ConditionType]>): RecordType {
  return { kind: 'record', title, fields: new Map(fields) };
}

/** Whether the type is bool, int, double or string. */
export function isScalar(type: ConditionType): type is 'bool' | 'int' | 'double' | 'string' {
  return typeof type === 'string';
}

/** Whether two types are the same. */
export function sameType(left: ConditionType, right: ConditionType): boolean {
  if (isScalar(left) || isScalar(right)) return left === right;
  if (left.kind === 'list' && right.kind === 'list') return sameType(left.element, right.element);
  return left === right;
}

/** The type in words: `list of string`. */
export function describeType(type: ConditionType): string {
  if (isScalar(type)) return type;
  return type.kind === 'list' ? `list of ${describeType(type.element)}` : `the whole of ${type.title}`;
}
