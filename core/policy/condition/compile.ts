import { celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { type ConditionFault, type ConditionReport, checkCondition } from './check.ts';
import type { Bindings } from './context.ts';
import type { RecordType } from './type.ts';

const MAX_CHARS = 4000;
/** The parser descends once a bracket: this keeps it far from the end of the stack. */
const MAX_BRACKETS = 32;

const ENVIRONMENT = celEnv();

/** A condition that can be evaluated. */
export interface Condition {
  /** The names of the patterns that it refers to. */
  readonly patterns: readonly string[];
  /** As it is written. */
  readonly source: string;
  /** What it reads, by title: `caller.claims` and its names. */
  readonly reads: ConditionReport['reads'];
  /** Whether it holds. Throws ConditionError when it cannot be evaluated; never gives anything but a boolean. */
  evaluate(bindings: Bindings): boolean;
}

/** An expression that is no condition. */
export class ConditionSyntaxError extends Error {
  override readonly name = 'ConditionSyntaxError';
  readonly faults: readonly ConditionFault[];

  constructor(faults: readonly ConditionFault[]) {
    super(faults.map((fault) => fault.message).join('; '));
    this.faults = faults;
  }
}

/** A condition that failed on the values of a request. The message has no value of the request. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
}

/**
 * Parses, checks and plans a CEL expression once. Throws ConditionSyntaxError with all faults.
 *
 * See https://github.com/google/cel-spec/blob/master/doc/langdef.md for the language.
 */
export function compileCondition(source: string, context: RecordType): Condition {
  const parsed = parseBounded(source);
  const { faults, patterns, reads } = checkCondition(parsed, context);
  if (faults.length > 0) throw new ConditionSyntaxError(faults);
  const evaluate = plan(ENVIRONMENT, parsed);
  return {
    patterns,
    source,
    reads,
    evaluate(bindings) {
      const value = evaluate(bindings);
      if (typeof value === 'boolean') return value;
      throw new ConditionError(
        isCelError(value) ? describeFailure(value.message) : 'it did not give true or false',
      );
    },
  };
}

function parseBounded(source: string): ReturnType<typeof parse> {
  if (source.length > MAX_CHARS) throw fault(0, `a condition may have at most ${MAX_CHARS} characters`);
  let open = 0;
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at];
    if (char === '(' || char === '[' || char === '{') open += 1;
    if (char === ')' || char === ']' || char === '}') open = Math.max(0, open - 1);
    if (open > MAX_BRACKETS) throw fault(at, `brackets may be nested at most ${MAX_BRACKETS} deep`);
  }
  try {
    return parse(source);
  } catch (error) {
    if (error instanceof RangeError) throw fault(0, 'the condition is nested too deep');
    const offset = offsetOf(error);
    throw fault(offset, `not a CEL expression: ${describeSyntax(error, source.slice(offset))}`);
  }
}

function fault(offset: number, message: string): ConditionSyntaxError {
  return new ConditionSyntaxError([{ offset, message }]);
}

/** The parser's errors have a location, which its types do not tell. */
function offsetOf(error: unknown): number {
  const { location } = error as { location?: { start?: { offset?: unknown } } };
  const offset = location?.start?.offset;
  return typeof offset === 'number' ? offset : 0;
}

/** Operators of other languages, and those of CEL. */
const OPERATORS: readonly (readonly [RegExp, cel: string])[] = [
  [/^=(?!=)/, '=='],
  [/^(&(?!&)|and\b)/i, '&&'],
  [/^(\|(?!\|)|or\b)/i, '||'],
  [/^<>/, '!='],
];

/**
 * `<input>:1:33: found > but expecting end of input` without its position, which the fault has.
 * @param rest of the source, from there on
 */
function describeSyntax(error: unknown, rest: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const text = message.replace(/^<input>:\d+:\d+: /, '');
  const [found = text] = text.split(' but expecting ');
  if (found === text) return text;
  const operator = OPERATORS.find(([written]) => written.test(rest))?.[1];
  return `${found} is not expected here${operator === undefined ? '' : `; write ${operator}`}`;
}

/** The library's words can carry values; of its errors only the kind is told. */
function describeFailure(message: string): string {
  if (/by zero/.test(message)) return 'a division by zero';
  if (/overflow/.test(message)) return 'a number out of range';
  if (/index|bounds|unresolved|no such key|not found/.test(message)) return 'a value that is not there';
  return 'a value that the condition cannot use';
}
