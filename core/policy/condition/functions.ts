import { type ConditionType, isScalar, sameType } from './type.ts';

/**
 * The result type for arguments of these types, or undefined when the function does not take them.
 * For a method the target is the first argument.
 */
type Signature = (args: readonly ConditionType[]) => ConditionType | undefined;

interface ConditionFunction {
  /** As an admin writes it. */
  readonly shown: string;
  readonly signature: Signature;
}

const comparison = overloads('bool', ['int', 'int'], ['double', 'double'], ['string', 'string']);
const textTest = overloads('bool', ['string', 'string']);

/**
 * Every function and operator that a condition may use, by CEL's internal name. All are linear in their
 * arguments at most. What is missing is missing on purpose: `matches` (patterns are searched once, by
 * name), conversions, timestamps, concatenation and the macros that build lists.
 */
export const FUNCTIONS: ReadonlyMap<string, ConditionFunction> = new Map([
  ['!_', { shown: '!', signature: overloads('bool', ['bool']) }],
  ['_&&_', { shown: '&&', signature: overloads('bool', ['bool', 'bool']) }],
  ['_||_', { shown: '||', signature: overloads('bool', ['bool', 'bool']) }],
  ['_?_:_', { shown: '? :', signature: choice }],
  ['_==_', { shown: '==', signature: equality }],
  ['_!=_', { shown: '!=', signature: equality }],
  ['_<_', { shown: '<', signature: comparison }],
  ['_<=_', { shown: '<=', signature: comparison }],
  ['_>_', { shown: '>', signature: comparison }],
  ['_>=_', { shown: '>=', signature: comparison }],
  ['_+_', { shown: '+', signature: arithmetic }],
  ['_-_', { shown: '-', signature: arithmetic }],
  ['_*_', { shown: '*', signature: arithmetic }],
  ['_/_', { shown: '/', signature: arithmetic }],
  ['_%_', { shown: '%', signature: overloads('int', ['int', 'int']) }],
  ['-_', { shown: '-', signature: negation }],
  ['@in', { shown: 'in', signature: membership }],
  ['_[_]', { shown: '[ ]', signature: index }],
  ['size', { shown: 'size', signature: size }],
  ['startsWith', { shown: 'startsWith', signature: textTest }],
  ['endsWith', { shown: 'endsWith', signature: textTest }],
  ['contains', { shown: 'contains', signature: textTest }],
]);

/** Functions that are called as `text.name(...)`. */
export const METHODS: ReadonlySet<string> = new Set(['startsWith', 'endsWith', 'contains', 'size']);

/** Functions that are called as `name(...)`, without operators. */
export const PLAIN_FUNCTIONS: ReadonlySet<string> = new Set(['size']);

function overloads(result: ConditionType, ...lists: ConditionType[][]): Signature {
  return (args) =>
    lists.some((list) => list.length === args.length && list.every((type, i) => type === args[i]))
      ? result
      : undefined;
}

function choice([when, yes, no]: readonly ConditionType[]): ConditionType | undefined {
  return when === 'bool' && yes !== undefined && no !== undefined && sameType(yes, no) ? yes : undefined;
}

function equality([left, right]: readonly ConditionType[]): ConditionType | undefined {
  return left !== undefined && isScalar(left) && left === right ? 'bool' : undefined;
}

function arithmetic([left, right]: readonly ConditionType[]): ConditionType | undefined {
  return left === right && (left === 'int' || left === 'double') ? left : undefined;
}

function negation([value]: readonly ConditionType[]): ConditionType | undefined {
  return value === 'int' || value === 'double' ? value : undefined;
}

function membership([value, list]: readonly ConditionType[]): ConditionType | undefined {
  if (value === undefined || list === undefined || isScalar(list) || list.kind !== 'list') return undefined;
  return isScalar(value) && sameType(value, list.element) ? 'bool' : undefined;
}

function index([list, position]: readonly ConditionType[]): ConditionType | undefined {
  // An entry of a map is checked where the expression is known: its name has to be written out.
  if (list === undefined || isScalar(list) || list.kind !== 'list') return undefined;
  return position === 'int' ? list.element : undefined;
}

function size(args: readonly ConditionType[]): ConditionType | undefined {
  const [value] = args;
  if (args.length !== 1 || value === undefined) return undefined;
  return value === 'string' || (!isScalar(value) && value.kind === 'list') ? 'int' : undefined;
}
