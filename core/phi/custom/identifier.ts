import type { CharSet } from '#core/pattern/chars.ts';
import { compile } from '#core/pattern/compile.ts';
import { countStates, tooComplex } from '#core/pattern/complexity.ts';
import { createMatcher } from '#core/pattern/match.ts';
import { PatternError, type PatternNode, parsePattern } from '#core/pattern/parse.ts';
import { longest, shortest } from '#core/pattern/size.ts';
import { MAX_VALUE_CHARACTERS } from '../engine/rule/rule.ts';
import type { CustomEntity } from '../entities.ts';
import { createContextFilter } from './context.ts';
import type { FloatingRule, Locate } from './floating/rule.ts';
import { normaliseSets, watch } from './gate.ts';

/** What sets the score of an identifier whose author did not: surer than a label, less sure than a checksum. */
export const DEFAULT_SCORE = 0.8;

/** What is shorter stands for nobody, and is everywhere. */
const MIN_VALUE_CHARACTERS = 3;
/** How many identifiers are kept ready: the same policies are compiled again and again. */
const MAX_REMEMBERED = 500;

/** An identifier that a policy defines. */
export interface Identifier {
  readonly entity: CustomEntity;
  /** Recorded with a finding: `research.STUDY_CODE`. */
  readonly rule: string;
  /** In RE2 syntax. */
  readonly pattern: string;
  /** Words of which one must stand shortly before a value; none: it may stand anywhere. */
  readonly context: readonly string[];
  /** 0 to 1. */
  readonly score: number;
}

/** An identifier made ready. */
export interface CompiledIdentifier extends FloatingRule {
  readonly identifier: Identifier;
  /** How many states its automaton has. */
  readonly states: number;
}

/**
 * Compiles an identifier. Its pattern never becomes a RegExp.
 *
 * @throws PatternError with the position: what parsePattern refuses, a pattern that can match less than
 *   MIN_VALUE_CHARACTERS or more than MAX_VALUE_CHARACTERS, and one that would need too many states.
 */
export function compileIdentifier(identifier: Identifier): CompiledIdentifier {
  const { entity, rule, pattern, context, score } = identifier;
  const key = JSON.stringify([entity, rule, pattern, context, score]);
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const compiled = compileAnew(identifier);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, compiled);
  return compiled;
}

const remembered = new Map<string, CompiledIdentifier>();

function compileAnew(identifier: Identifier): CompiledIdentifier {
  const node = normaliseSets(parsePattern(identifier.pattern));
  const least = shortest(node);
  if (least < MIN_VALUE_CHARACTERS) {
    const found = least === 0 ? 'nothing at all' : `${least} character${least === 1 ? '' : 's'}`;
    throw new PatternError(
      `it can match ${found}; a value has at least ${MIN_VALUE_CHARACTERS} characters`,
      0,
    );
  }
  const most = longest(node, unitsOf);
  if (most > MAX_VALUE_CHARACTERS) throw tooLong(node);
  const watched = watch(node);
  const states = countStates(compile([watched.watched], [watched.context]));
  const matching = countStates(compile([node]), { anchored: true });
  if (states === undefined || matching === undefined) throw tooComplex(node);
  return {
    identifier,
    states,
    entities: [identifier.entity],
    ...watched,
    locate: locateBy(identifier, node, most),
  };
}

function locateBy({ entity, rule, score, context }: Identifier, node: PatternNode, most: number): Locate {
  const matcher = createMatcher(node, most);
  const filter = createContextFilter(context);
  return (view, from, limit, end, textStart) =>
    filter(view, matcher.find(view, { from, limit, end, textStart })).map((span) => ({
      entity,
      ...span,
      score,
      rule,
    }));
}

/** How many UTF-16 units a character of the set takes at most. */
function unitsOf(set: CharSet): number {
  return (set.at(-1) ?? 0) > 0xffff ? 2 : 1;
}

function tooLong(node: PatternNode): PatternError {
  const most = longest(node, unitsOf);
  const found = most === Number.POSITIVE_INFINITY ? 'it has no end' : `it can be ${most} characters long`;
  return new PatternError(
    `${found}; a value has at most ${MAX_VALUE_CHARACTERS}, so give a count such as {1,20}`,
    longestRepeat(node)?.at ?? 0,
  );
}

/** The repetition that makes a pattern long; the innermost that alone is too long. */
function longestRepeat(node: PatternNode): (PatternNode & { readonly kind: 'repeat' }) | undefined {
  if (node.kind === 'repeat') {
    const inner = longestRepeat(node.node);
    return inner !== undefined && longest(inner, unitsOf) > MAX_VALUE_CHARACTERS ? inner : node;
  }
  if (node.kind !== 'concat' && node.kind !== 'alternate') return undefined;
  let most: (PatternNode & { readonly kind: 'repeat' }) | undefined;
  for (const child of node.nodes) {
    const found = longestRepeat(child);
    if (found !== undefined && (most === undefined || longest(found, unitsOf) > longest(most, unitsOf))) {
      most = found;
    }
  }
  return most;
}
