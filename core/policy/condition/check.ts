import type { parse } from '@bufbuild/cel';
import { suggest } from '../nearest.ts';
import { FUNCTIONS, METHODS, PLAIN_FUNCTIONS } from './functions.ts';
import { type ConditionType, describeType, isScalar, listOf, type RecordType } from './type.ts';

type ParsedExpr = ReturnType<typeof parse>;
type Expr = NonNullable<ParsedExpr['expr']>;
type Kind<Case extends Expr['exprKind']['case']> =
  Extract<Expr['exprKind'], { case: Case }> extends {
    value: infer Value;
  }
    ? Value
    : never;

/** Something that is wrong in a condition. */
export interface ConditionFault {
  /** Where, as a UTF-16 offset into the expression. */
  readonly offset: number;
  readonly message: string;
}

const MAX_DEPTH = 64;
const MAX_NODES = 1000;
/** A loop runs once a list element, so its body is kept small. */
const MAX_LOOP_NODES = 100;
/** Searching a text of n characters for one of m can take n * m steps: m is kept small. */
const MAX_NEEDLE_CHARS = 256;
/** The macros that can be used, and which argument of the step of its fold the body is. */
const MACRO_BODIES: ReadonlyMap<string, number> = new Map([
  ['exists', 1], // @result || body
  ['all', 1], // @result && body
  ['exists_one', 0], // body ? @result + 1 : @result
]);

/** What a check found out about a condition. */
export interface ConditionReport {
  readonly faults: readonly ConditionFault[];
  /** The names of the patterns that it refers to. */
  readonly patterns: readonly string[];
  /** What it reads, by title: `caller.claims` and its names, `distinct` and its fields; '' and what stands alone. */
  readonly reads: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Type-checks a parsed condition against its context and holds it to a part of CEL whose cost is bounded:
 * declared names, the functions of `functions.ts`, and `exists`, `all` and `exists_one` not nested.
 * The CEL library plans whatever parses and finds faults only when they are evaluated; here every fault of
 * a condition is found, all at once, before a policy is accepted.
 */
export function checkCondition(parsed: ParsedExpr, context: RecordType): ConditionReport {
  const checker = new Checker(parsed, context);
  checker.checkWhole();
  const { faults, reads } = checker;
  return { faults, patterns: [...(reads.get('patterns') ?? [])], reads };
}

class Checker {
  readonly faults: ConditionFault[] = [];
  readonly reads = new Map<string, Set<string>>();
  readonly #parsed: ParsedExpr;
  readonly #context: RecordType;
  #nodes = 0;
  #depth = 0;
  #loop: { readonly name: string; readonly type: ConditionType; nodes: number } | undefined;

  constructor(parsed: ParsedExpr, context: RecordType) {
    this.#parsed = parsed;
    this.#context = context;
  }

  checkWhole(): void {
    const { expr } = this.#parsed;
    if (expr === undefined) {
      this.faults.push({ offset: 0, message: 'the condition is empty' });
      return;
    }
    const type = this.#check(expr);
    if (type !== undefined && type !== 'bool') {
      this.faults.push({
        offset: 0,
        message: `a condition must be of type bool, this is ${describeType(type)}`,
      });
    }
    if (this.#nodes > MAX_NODES) {
      this.faults.push({
        offset: 0,
        message: `a condition may have at most ${MAX_NODES} parts, this has ${this.#nodes}`,
      });
    }
  }

  /** The type of an expression; undefined after a fault, so that one mistake is told once. */
  #check(expr: Expr): ConditionType | undefined {
    this.#nodes += 1;
    if (this.#loop !== undefined) this.#loop.nodes += 1;
    if (this.#depth >= MAX_DEPTH)
      return this.#fault(expr, `a condition may be at most ${MAX_DEPTH} levels deep`);
    this.#depth += 1;
    const type = this.#checkKind(expr);
    this.#depth -= 1;
    return type;
  }

  #checkKind(expr: Expr): ConditionType | undefined {
    const { exprKind } = expr;
    switch (exprKind.case) {
      case 'constExpr':
        return this.#checkConstant(expr, exprKind.value);
      case 'identExpr':
        return this.#checkName(expr, exprKind.value.name);
      case 'selectExpr':
        return this.#checkSelect(expr, exprKind.value);
      case 'callExpr':
        return this.#checkCall(expr, exprKind.value);
      case 'listExpr':
        return this.#checkList(expr, exprKind.value);
      case 'comprehensionExpr':
        return this.#checkMacro(expr, exprKind.value);
      default:
        return this.#fault(expr, 'maps and messages cannot be written in a condition');
    }
  }

  #checkConstant(expr: Expr, constant: Kind<'constExpr'>): ConditionType | undefined {
    switch (constant.constantKind.case) {
      case 'boolValue':
        return 'bool';
      case 'int64Value':
        return 'int';
      case 'doubleValue':
        return 'double';
      case 'stringValue':
        return 'string';
      default:
        return this.#fault(expr, 'only true, false, numbers and strings can be written in a condition');
    }
  }

  #checkName(expr: Expr, name: string): ConditionType | undefined {
    if (this.#loop?.name === name) return this.#loop.type;
    const type = this.#context.fields.get(name);
    if (type !== undefined && (isScalar(type) || type.kind === 'list')) this.#read('', name);
    return type ?? this.#fault(expr, `unknown name ${name}; ${suggest(name, names(this.#context))}`);
  }

  #checkSelect(expr: Expr, select: Kind<'selectExpr'>): ConditionType | undefined {
    const { operand, field, testOnly } = select;
    if (testOnly) return this.#fault(expr, 'has() is not needed: every field is always there');
    const record = operand === undefined ? undefined : this.#check(operand);
    if (record === undefined) return undefined;
    if (!isScalar(record) && record.kind === 'map') {
      return this.#fault(expr, `${record.title} has no field ${field}; write ${record.title}["${field}"]`);
    }
    if (isScalar(record) || record.kind !== 'record') {
      return this.#fault(expr, `${describeType(record)} has no field ${field}`);
    }
    const type = record.fields.get(field);
    if (type === undefined) {
      return this.#fault(expr, `unknown ${record.title}.${field}; ${suggest(field, names(record))}`);
    }
    this.#read(record.title, field);
    return type;
  }

  #checkCall(expr: Expr, call: Kind<'callExpr'>): ConditionType | undefined {
    const { target } = call;
    const args = target === undefined ? call.args : [target, ...call.args];
    const known = FUNCTIONS.get(call.function);
    const isWord = /^\w+$/.test(call.function);
    if (
      known === undefined ||
      (isWord && !(target === undefined ? PLAIN_FUNCTIONS : METHODS).has(call.function))
    ) {
      for (const arg of args) this.#check(arg);
      return this.#fault(expr, unknownFunction(call.function));
    }
    this.#checkCost(expr, call.function, args);
    if (call.function === '_[_]' && args[0] !== undefined && this.#isMap(args[0]))
      return this.#checkEntry(expr, args);
    const types = args.map((arg) => this.#check(arg));
    if (!types.every((type) => type !== undefined)) return undefined;
    const result = known.signature(types);
    return (
      result ?? this.#fault(expr, `${known.shown} cannot be applied to ${types.map(describeType).join(', ')}`)
    );
  }

  /** Without the faults that checking it will tell. */
  #isMap({ exprKind }: Expr): boolean {
    if (exprKind.case === 'identExpr') return kindOf(this.#context.fields.get(exprKind.value.name)) === 'map';
    if (exprKind.case !== 'selectExpr' || exprKind.value.operand?.exprKind.case !== 'identExpr') return false;
    const record = this.#context.fields.get(exprKind.value.operand.exprKind.value.name);
    if (record === undefined || isScalar(record) || record.kind !== 'record') return false;
    return kindOf(record.fields.get(exprKind.value.field)) === 'map';
  }

  /** What a map has is looked up once a request, so its names have to be known. */
  #checkEntry(expr: Expr, args: readonly Expr[]): ConditionType | undefined {
    const [map, name] = args.map((arg) => ({ arg, type: this.#check(arg) }));
    if (map?.type === undefined || isScalar(map.type) || map.type.kind !== 'map') return undefined;
    const constant =
      name?.arg.exprKind.case === 'constExpr' ? name.arg.exprKind.value.constantKind : undefined;
    if (constant?.case !== 'stringValue' || constant.value.length > MAX_NEEDLE_CHARS) {
      return this.#fault(
        expr,
        `${map.type.title} takes a name that is written out: ${map.type.title}["name"]`,
      );
    }
    this.#read(map.type.title, constant.value);
    return map.type.element;
  }

  #read(title: string, name: string): void {
    const names = this.reads.get(title) ?? new Set<string>();
    this.reads.set(title, names.add(name));
  }

  #checkCost(expr: Expr, name: string, args: readonly Expr[]): void {
    const second = args[1]?.exprKind;
    if (name === 'contains') {
      const constant = second?.case === 'constExpr' ? second.value.constantKind : undefined;
      const text = constant?.case === 'stringValue' ? constant.value : undefined;
      if (text === undefined || text.length > MAX_NEEDLE_CHARS) {
        this.#fault(expr, `contains() takes a string written out, of at most ${MAX_NEEDLE_CHARS} characters`);
      }
    }
    if (name === '@in' && this.#loop !== undefined && second?.case !== 'listExpr') {
      this.#fault(expr, 'inside exists() and all(), `in` takes a list that is written out');
    }
  }

  #checkList(expr: Expr, list: Kind<'listExpr'>): ConditionType | undefined {
    const types = list.elements.map((element) => this.#check(element));
    const [first] = types;
    if (list.elements.length === 0 || list.optionalIndices.length > 0) {
      return this.#fault(expr, 'a list must have elements, and none may be optional');
    }
    if (first === undefined || types.includes(undefined)) return undefined;
    if (!isScalar(first) || types.some((type) => type !== first)) {
      return this.#fault(expr, 'the elements of a list must all be of the same plain type');
    }
    return listOf(first);
  }

  /**
   * The parser has unfolded the macro into a fold. Which macro it was is in `macroCalls`; what is checked is the
   * body in the fold, which is what will be evaluated.
   */
  #checkMacro(expr: Expr, fold: Kind<'comprehensionExpr'>): ConditionType | undefined {
    const written = this.#parsed.sourceInfo?.macroCalls[expr.id.toString()]?.exprKind;
    const macro = written?.case === 'callExpr' ? written.value : undefined;
    const step = fold.loopStep?.exprKind;
    const place = MACRO_BODIES.get(macro?.function ?? '');
    const body = step?.case === 'callExpr' && place !== undefined ? step.value.args[place] : undefined;
    if (macro === undefined || body === undefined) {
      return this.#fault(expr, `of the macros, only ${[...MACRO_BODIES.keys()].join(', ')} can be used`);
    }
    if (this.#loop !== undefined) return this.#fault(expr, 'exists() and all() cannot be nested');
    const range = fold.iterRange === undefined ? undefined : this.#check(fold.iterRange);
    if (range === undefined) return undefined;
    if (isScalar(range) || range.kind !== 'list') {
      return this.#fault(expr, `${macro.function}() needs a list, this is ${describeType(range)}`);
    }
    this.#loop = { name: fold.iterVar, type: range.element, nodes: 0 };
    const type = this.#check(body);
    const { nodes } = this.#loop;
    this.#loop = undefined;
    if (nodes > MAX_LOOP_NODES) {
      return this.#fault(expr, `the body of ${macro.function}() may have at most ${MAX_LOOP_NODES} parts`);
    }
    if (type === undefined) return undefined;
    if (type !== 'bool') return this.#fault(body, `the body of ${macro.function}() must be of type bool`);
    return 'bool';
  }

  #fault(expr: Expr, message: string): undefined {
    this.faults.push({ offset: this.#parsed.sourceInfo?.positions[expr.id.toString()] ?? 0, message });
  }
}

function kindOf(type: ConditionType | undefined): string {
  return type === undefined || isScalar(type) ? '' : type.kind;
}

function unknownFunction(name: string): string {
  if (name === 'matches')
    return 'matches() cannot be used: name the pattern under `patterns` and refer to it';
  const known = [...METHODS].map((known) => `${known}()`).join(', ');
  return /^\w+$/.test(name)
    ? `unknown function ${name}(); there are ${known}`
    : `the operator ${name} cannot be used`;
}

function names(record: RecordType): string[] {
  return [...record.fields.keys()];
}
