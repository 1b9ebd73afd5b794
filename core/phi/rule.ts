import { negate } from '#core/pattern/chars.ts';
import { type PatternNode, parsePattern } from '#core/pattern/parse.ts';
import { longest } from '#core/pattern/size.ts';
import type { EntityName } from './entities.ts';
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
  /** A wider and simpler pattern than `value` for the automaton, where that saves it many states. */
  readonly gate?: string;
  /** Whether the context, or a value without one, may begin in the middle of a word. */
  readonly anywhere?: boolean;
  /** Judges a candidate: how many of its characters, from its start, are the value; 0 refuses it. */
  readonly check?: (value: string) => number;
}

/** A rule made ready: an expression for the exact place, and the two parts of the automaton's pattern. */
export interface CompiledRule extends Rule {
  readonly expression: RegExp;
  readonly context: PatternNode;
  readonly watched: PatternNode;
}

const NOT_ALPHANUMERIC = negate([0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]);

/** Compiles a rule of this module's own; throws when it breaks the limits that streaming rests on. */
export function compileRule(rule: Rule): CompiledRule {
  const label = foldCase(rule.before ?? '');
  const value = foldCase(rule.value);
  // The automaton takes the start of a text for the start of a line.
  const before = parsePattern(label.replaceAll('^|', ''));
  if (longest(before) > CONTEXT_CHARACTERS - 2)
    throw new Error(`${rule.name}: its context is unbounded or too long`);
  if (longest(parsePattern(value)) > MAX_VALUE_CHARACTERS) {
    throw new Error(`${rule.name}: its value is unbounded or too long`);
  }
  const edge = rule.anywhere === true ? '' : '(?<![A-Za-z0-9])';
  const source = `(?<=${edge}(?:${label}))(?:${value})(?![A-Za-z0-9])`;
  const nodes: PatternNode[] =
    rule.anywhere === true ? [before] : [{ kind: 'set', set: NOT_ALPHANUMERIC }, before];
  return {
    ...rule,
    expression: new RegExp(source, 'gu'),
    context: { kind: 'concat', nodes },
    watched: rule.gate === undefined ? parsePattern(value) : parsePattern(foldCase(rule.gate)),
  };
}
