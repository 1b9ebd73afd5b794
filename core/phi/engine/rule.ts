import { negate } from '#core/pattern/chars.ts';
import type { PatternNode } from '#core/pattern/node.ts';
import { parsePattern } from '#core/pattern/parse.ts';
import { longest } from '#core/pattern/size.ts';
import type { EntityName } from '../entities.ts';
import { foldCase } from './fold-case.ts';

/** How much text before a value a rule may look at; streams keep this much of what they have emitted. */
export const CONTEXT_CHARACTERS = 128;
/** The most characters that a rule's value may have. */
export const MAX_VALUE_CHARACTERS = 400;

/**
 * One way to recognise an entity. The patterns are in the subset that RE2 and V8 read alike: without assertions,
 * captures or `\s` (V8's is wider), and with `(?i:…)` for letters outside classes only. The same text becomes a
 * part of the automaton that watches the stream, and the expression that finds the exact place afterwards.
 */
export interface Rule {
  readonly entity: EntityName;
  /** Unique, for example `ssn.dashed`; recorded with a finding. */
  readonly name: string;
  readonly score: number;
  /**
   * What must stand directly before the value: labels. Neither masked nor held back. `^|` for the start of the
   * text is allowed beside a line feed.
   */
  readonly before?: string;
  readonly value: string;
  /** What may not stand directly before a value without a label; at most CONTEXT_CHARACTERS long. */
  readonly unless?: string;
  /** What a value that is too long begins with: that much of it is masked, and then the rest of its word. */
  readonly overlong?: string;
  /** A wider and simpler pattern than `value` for the automaton, where that saves it many states. */
  readonly gate?: string;
  /** Whether the context, or a value without one, may begin in the middle of a word. */
  readonly anywhere?: boolean;
  /** Judges a candidate: how many of its characters, from its start, are the value; 0 refuses it. */
  readonly check?: (value: string) => number;
}

/** A value that a rule has found; places are those of the view that it was given, until the scan moves them. */
export interface Located {
  readonly entity: EntityName;
  start: number;
  end: number;
  readonly score: number;
  readonly rule: string;
}

/**
 * Finds the values that begin in a stretch of a view.
 *
 * @param view the text that may be looked at: some before the stretch, and one character after its end.
 * @param from where the stretch begins; nothing before it may become part of a value.
 * @param limit values begin before this place.
 * @param end where values end at the latest.
 * @param textStart where the text itself begins: before the view, in it, or behind a label in it.
 */
export type Locate = (
  view: string,
  from: number,
  limit: number,
  end: number,
  textStart: number,
) => readonly Located[];

/** A rule made ready: the two parts of the automaton's pattern, and what finds the exact place. */
export interface CompiledRule {
  /** What it may find. */
  readonly entities: readonly EntityName[];
  readonly context: PatternNode;
  readonly watched: PatternNode;
  readonly locate: Locate;
}

const NOT_ALPHANUMERIC = negate([0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]);
const NONE: readonly Located[] = [];
/** Of this module's own rules only: a bounded number. */
const parsedPatterns = new Map<string, PatternNode>();

/** Compiles a rule of this module's own; throws when it breaks the limits that streaming rests on. */
export function compileRule(rule: Rule): CompiledRule {
  const label = foldCase(rule.before ?? '');
  const value = foldCase(rule.value);
  // The automaton takes the start of a text for the start of a line.
  const before = parsePattern(label.replaceAll('^|', ''));
  if (longest(before) > CONTEXT_CHARACTERS - 2)
    throw new Error(`${rule.name}: its context is unbounded or too long`);
  const parsed = parseOnce(value);
  if (longest(parsed) > MAX_VALUE_CHARACTERS) {
    throw new Error(`${rule.name}: its value is unbounded or too long`);
  }
  const nodes: PatternNode[] =
    rule.anywhere === true ? [before] : [{ kind: 'set', set: NOT_ALPHANUMERIC }, before];
  return {
    entities: [rule.entity],
    context: widen({ kind: 'concat', nodes }),
    watched: widen(rule.gate === undefined ? parsed : parseOnce(foldCase(rule.gate))),
    locate: locateBy(rule),
  };
}

/**
 * The pattern with no upper bound where it counts: the automaton needs a state for each number otherwise, and may
 * accept more than the rule does.
 */
function widen(node: PatternNode): PatternNode {
  switch (node.kind) {
    case 'repeat': {
      const max = node.max - node.min > 1 ? Number.POSITIVE_INFINITY : node.max;
      return { kind: 'repeat', node: widen(node.node), min: node.min, max };
    }
    case 'concat':
    case 'alternate':
      return { ...node, nodes: node.nodes.map(widen) };
    default:
      return node;
  }
}

/** The expression that finds a rule's values, where the text before and after them allows it. */
export function expressionOf(rule: Rule): RegExp {
  const edge = rule.anywhere === true ? '' : '(?<![A-Za-z0-9])';
  const before = `(?<=${edge}(?:${foldCase(rule.before ?? '')}))`;
  const unless = rule.unless === undefined ? '' : `(?<!${foldCase(rule.unless)})`;
  const value = `(?:${foldCase(rule.value)})(?![A-Za-z0-9])`;
  const overlong = rule.overlong === undefined ? '' : `|${foldCase(rule.overlong)}`;
  return new RegExp(`${before}${unless}(?:${value}${overlong})`, 'gu');
}

/** Parses a pattern that several rules may share. */
function parseOnce(source: string): PatternNode {
  let node = parsedPatterns.get(source);
  if (node === undefined) {
    node = parsePattern(source);
    parsedPatterns.set(source, node);
  }
  return node;
}

function locateBy(rule: Rule): Locate {
  const { entity, name, score, check } = rule;
  // Most texts need few of the expressions, and V8 takes its time over each.
  let expression: RegExp | undefined;
  return (view, from, limit, end) => {
    expression ??= expressionOf(rule);
    let located: Located[] | undefined;
    expression.lastIndex = from;
    for (let found = expression.exec(view); found !== null; found = expression.exec(view)) {
      const start = found.index;
      if (start >= limit) break;
      const value = start + found[0].length > end ? view.slice(start, end) : found[0];
      const length = check === undefined ? value.length : check(value);
      if (length > 0) {
        located ??= [];
        located.push({ entity, start, end: start + length, score, rule: name });
      }
      expression.lastIndex = start + Math.max(length, 1);
    }
    return located ?? NONE;
  };
}
