import { foldAsciiLetters } from '#core/pattern/fold.ts';
import type { PatternNode } from '#core/pattern/node.ts';
import { parsePattern } from '#core/pattern/parse.ts';
import { longest } from '#core/pattern/size.ts';
import type { EntityName } from '../../entities.ts';
import { firstUnits } from './first-units.ts';
import { foldCase } from './fold-case.ts';
import { keepApart } from './keep-apart.ts';
import { foldDigits, hasSomeDigits, reverse, uncount } from './widen.ts';

/** How much text before a value a rule may look at; streams keep this much of what they have emitted. */
export const CONTEXT_CHARACTERS = 128;
/** The most characters that a rule's value may have. */
export const MAX_VALUE_CHARACTERS = 400;

/**
 * One way to recognise an entity. The patterns are in the subset that RE2 and V8 read alike: without assertions,
 * captures or `\s` (V8's is wider), and with `(?i:…)` for letters outside classes only. What stands before a value is
 * read by an automaton alone; the value by another one, and by an expression that finds its exact end.
 */
export interface Rule {
  readonly entity: EntityName;
  /** Unique, for example `ssn.dashed`; recorded with a finding. */
  readonly name: string;
  readonly score: number;
  /**
   * What must stand directly before the value: labels. Neither masked nor held back. `^|` for the start of the
   * text is allowed beside a line feed. A count such as `{1,20}` of more than one sort counts as `+`.
   */
  readonly before?: string;
  /** The same for a value that is rare: read by the expression only, when there is a value. */
  readonly behind?: string;
  readonly value: string;
  /** What may not stand directly before a value without a label; at most CONTEXT_CHARACTERS long. */
  readonly unless?: string;
  /** What a value that is too long begins with: that much of it is masked, and then the rest of its word. */
  readonly overlong?: string;
  /** A wider and simpler pattern than `value` for the automaton, where that saves it many states. */
  readonly gate?: string;
  /** Whether the context, or a value without one, may begin in the middle of a word. */
  readonly anywhere?: boolean;
  /** Whether a value is no identifier: nothing is found within it but what begins with it and is as long. */
  readonly nothing?: boolean;
  /** Whether the value may begin anywhere in what `gate` reads, which says where that ends. */
  readonly late?: boolean;
  /** Refuses most places at once, before the expression is tried. */
  readonly begins?: (text: string, place: number) => boolean;
  /** Judges a candidate: how many of its characters, from its start, are the value; 0 refuses it. */
  readonly check?: (value: string) => number;
}

/** A value that a rule has found. */
export interface Located {
  readonly entity: EntityName;
  start: number;
  end: number;
  readonly score: number;
  readonly rule: string;
  /** It is no identifier. */
  readonly nothing?: true;
}

/** A rule made ready: patterns for the automata, and what measures a value. */
export interface CompiledRule {
  readonly entity: EntityName;
  readonly name: string;
  readonly score: number;
  /** What stands before a value, to be read backwards from it. */
  readonly before: PatternNode;
  readonly nothing: boolean;
  /** Whether no label must stand before it, but one character at most. */
  readonly isForm: boolean;
  /** Whether what stands before, or a value without anything before, begins where no letter or digit of ASCII is. */
  readonly bounded: boolean;
  readonly value: PatternNode;
  /** Whether the value may begin behind the place at which the automaton began to read. */
  readonly late: boolean;
  readonly lookBack: LookBack;
  /** What the value may begin with, of firstUnits; one that is late, with anything. */
  readonly firsts: Uint8Array;
  /**
   * Finds the value that begins at a place of a text, or behind it: where, and how long it is; 0 for none.
   *
   * @param fits whether it is known that `behind` stands before the place, and `unless` does not
   */
  readonly measure: (text: string, place: number, fits?: boolean) => Measured;
}

/** What is asked of the text before a value that may be there, as patterns to be read backwards. */
export interface LookBack {
  /** `before`, where the automaton that looks for values has it with all digits instead of some. */
  readonly before: PatternNode | undefined;
  readonly behind: PatternNode | undefined;
  readonly unless: PatternNode | undefined;
}

/** Where a value begins and how long it is. One object is used for all, so take what you need at once. */
export interface Measured {
  start: number;
  length: number;
}

/** Compiles rules of this module's own; throws when one breaks the limits that streaming rests on. */
export function compileRules(rules: readonly Rule[]): CompiledRule[] {
  // Several rules share a pattern, which is large once it is parsed.
  const parsed = new Map<string, PatternNode>();
  return rules.map((rule) => compileRule(rule, parsed));
}

function compileRule(rule: Rule, parsed: Map<string, PatternNode>): CompiledRule {
  const { name } = rule;
  // The automaton takes the start of a text for the start of a line.
  const before = parsePattern(withoutStart(rule.before ?? ''), foldAsciiLetters);
  const reach = longest(before);
  if (reach > CONTEXT_CHARACTERS - 2) throw new Error(`${name}: its context is unbounded or too long`);
  const [behind, unless] = [rule.behind, rule.unless].map((source) =>
    source === undefined ? undefined : parseOnce(withoutStart(source), parsed),
  );
  // Streams keep so much of what they have emitted, and no more.
  for (const node of [behind, unless]) {
    if (node !== undefined && longest(node) > CONTEXT_CHARACTERS - 2)
      throw new Error(`${name}: what it looks back at is unbounded or too long`);
  }
  const value = parseOnce(rule.value, parsed);
  if (longest(value) > MAX_VALUE_CHARACTERS) {
    throw new Error(`${name}: its value is unbounded or too long`);
  }
  const gate = rule.gate === undefined ? value : parseOnce(rule.gate, parsed);
  const overlong = rule.overlong === undefined ? [] : [parseOnce(rule.overlong, parsed)];
  const whole: PatternNode = { kind: 'alternate', nodes: [value, ...overlong] };
  const own = rule.late === true ? { behind: undefined, unless: undefined } : { behind, unless };
  return {
    ...factsOf(rule),
    before: reverse(foldDigits(uncount(before))),
    isForm: reach <= 1,
    value: foldDigits(uncount(gate)),
    lookBack: { before: hasSomeDigits(before) ? before : undefined, ...own },
    firsts: firstUnits(rule.late === true ? { kind: 'empty' } : whole),
    measure: measureBy(rule),
  };
}

/** What of a rule made ready needs none of its patterns. */
export function factsOf(
  rule: Rule,
): Pick<CompiledRule, 'entity' | 'name' | 'score' | 'nothing' | 'bounded' | 'late'> {
  const { entity, name, score } = rule;
  return {
    ...{ entity, name, score },
    nothing: rule.nothing === true,
    bounded: rule.anywhere !== true,
    late: rule.late === true,
  };
}

/** Without the start of a text as an alternative, which the automata take for the start of a line; not without `[^|]`. */
function withoutStart(pattern: string): string {
  return pattern.replaceAll(/(?<!\[)\^\|/g, '');
}

/**
 * The expression that finds the end of a rule's value. That of one which may begin anywhere has what must be before it in
 * front; for the others `measureBy` asks for that by itself.
 */
export function expressionOf(rule: Rule): RegExp {
  const value = `(?:${keepApart(foldCase(rule.value))})(?![A-Za-z0-9])`;
  const overlong = rule.overlong === undefined ? '' : `|${foldCase(rule.overlong)}`;
  return rule.late === true
    ? new RegExp(`${lookBehind(rule)}(?:${value}${overlong})`, 'ug')
    : new RegExp(`(?:${value}${overlong})`, 'uy');
}

/** What must, and what may not, stand before a value. */
function lookBehind({ behind, unless }: Rule): string {
  const must = behind === undefined ? '' : `(?<=(?<![A-Za-z0-9])${foldCase(behind)})`;
  return unless === undefined ? must : `${must}(?<!${foldCase(unless)})`;
}

/** Parses a pattern that several rules may share. */
function parseOnce(source: string, parsed: Map<string, PatternNode>): PatternNode {
  const node = parsed.get(source) ?? parsePattern(source, foldAsciiLetters);
  parsed.set(source, node);
  return node;
}

const measured: Measured = { start: 0, length: 0 };

/** What finds a rule's value. */
export function measureBy(rule: Rule): CompiledRule['measure'] {
  const { check, begins, late } = rule;
  // Most texts need few of the expressions, and V8 takes its time over each.
  let expression: RegExp | undefined;
  let guard: RegExp | undefined;
  const isGuarded = late !== true && (rule.behind !== undefined || rule.unless !== undefined);
  return (text, place, fits = false) => {
    measured.start = place;
    measured.length = 0;
    if (begins !== undefined && !begins(text, place)) return measured;
    expression ??= expressionOf(rule);
    expression.lastIndex = place;
    if (late === true) measured.start = expression.exec(text)?.index ?? -1;
    else if (!expression.test(text)) return measured;
    if (measured.start < 0) return measured;
    const end = expression.lastIndex;
    const { start } = measured;
    const length = check === undefined ? end - start : check(text.slice(start, end));
    if (length > 0 && isGuarded && !fits) {
      // Looking back costs the most: only where there is a value.
      guard ??= new RegExp(lookBehind(rule), 'uy');
      guard.lastIndex = place;
      if (!guard.test(text)) return measured;
    }
    measured.length = length;
    return measured;
  };
}
