import { ANY, type CharSet, charSet, negate } from './chars.ts';
import { PERL, POSIX } from './classes.ts';
import { PatternError } from './error.ts';
import { readEscape, readProperty } from './escape.ts';
import { foldCase } from './fold.ts';
import type { PatternNode } from './node.ts';
import { createReader, type Reader } from './reader.ts';
import { literalSet, PAIR_LENGTH, pairSet, setNode } from './shared-sets.ts';
import { measure } from './size.ts';

export { PatternError } from './error.ts';
export type { PatternNode } from './node.ts';

const MAX_SOURCE_LENGTH_CHARACTERS = 10_000;
/** RE2's own limit on a repeat count. */
const MAX_REPEAT_COUNT = 1_000;
const MAX_NESTING_DEPTH = 250;
/** How many automaton states one pattern may need; a bomb such as `((a{99}){99}){99}` is refused by it. */
export const MAX_PATTERN_STATES = 5_000;

const NOT_NEWLINE: CharSet = negate([0x0a, 0x0a]);
const WORD_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

interface Flags {
  readonly fold: boolean;
  readonly lines: boolean;
  readonly dotAll: boolean;
}

/**
 * Parses a pattern in RE2's syntax (https://github.com/google/re2/wiki/Syntax).
 *
 * Everything that RE2 accepts means here what it means there, except for what is refused: `\C` (a single
 * byte) and `\p{…}` of a script outside the common ones. Nothing falls back to another engine.
 *
 * @param fold what `(?i)` makes of a set
 * @throws PatternError with the position: wrong syntax, look-around, a back-reference, a repeat count above
 *   1,000, more than 10,000 characters, nesting deeper than 250, or more than 5,000 automaton states.
 */
export function parsePattern(source: string, fold = foldCase): PatternNode {
  const most = MAX_SOURCE_LENGTH_CHARACTERS;
  if (source.length > most) throw new PatternError(`longer than ${most} characters`, most);
  return new Parser(createReader(source), fold).parse();
}

class Parser {
  readonly #reader: Reader;
  readonly #names = new Set<string>();
  #flags: Flags = { fold: false, lines: false, dotAll: false };
  #depth = 0;
  readonly #fold: typeof foldCase;

  constructor(reader: Reader, fold: typeof foldCase) {
    this.#reader = reader;
    this.#fold = fold;
  }

  parse(): PatternNode {
    const node = this.#alternation();
    if (this.#reader.at(')')) throw this.#reader.fault('unmatched )');
    return this.#checked(node, 0);
  }

  #alternation(): PatternNode {
    const branches: PatternNode[] = [];
    do branches.push(this.#concatenation());
    while (this.#reader.take('|'));
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : { kind: 'alternate', nodes: branches };
  }

  #concatenation(): PatternNode {
    const reader = this.#reader;
    const nodes: PatternNode[] = [];
    let repeated = false;
    for (;;) {
      const start = reader.position;
      const plain = reader.takePlain();
      if (plain < 0 && (reader.done || reader.at('|') || reader.at(')'))) break;
      const repeat = plain < 0 ? this.#repetition() : undefined;
      if (repeat === undefined) {
        if (plain < 0) this.#atom(nodes);
        else this.#literal(plain, nodes);
        repeated = false;
        continue;
      }
      const node = nodes.pop();
      if (node === undefined) throw new PatternError('nothing to repeat', start);
      if (repeated) throw new PatternError('a repetition cannot itself be repeated; use a group', start);
      nodes.push(this.#checked({ kind: 'repeat', node, ...repeat, at: start }, start));
      repeated = true;
    }
    const [only] = nodes;
    if (only === undefined) return { kind: 'empty' };
    return nodes.length === 1 ? only : { kind: 'concat', nodes };
  }

  /** Reads `*`, `+`, `?` or `{n,m}`, with the `?` of a lazy one; a `{` that begins no count is a literal. */
  #repetition(): { min: number; max: number } | undefined {
    const reader = this.#reader;
    const range =
      this.#count() ??
      (reader.take('*')
        ? { min: 0, max: Number.POSITIVE_INFINITY }
        : reader.take('+')
          ? { min: 1, max: Number.POSITIVE_INFINITY }
          : reader.take('?')
            ? { min: 0, max: 1 }
            : undefined);
    if (range !== undefined) reader.take('?');
    return range;
  }

  #count(): { min: number; max: number } | undefined {
    const reader = this.#reader;
    if (!reader.at('{')) return undefined;
    const start = reader.position;
    const found = reader.match(/\{(\d+)(,(\d*))?\}/y);
    if (found === undefined) return undefined;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (min > MAX_REPEAT_COUNT || (max > MAX_REPEAT_COUNT && max !== Number.POSITIVE_INFINITY)) {
      throw new PatternError(`a repeat count above ${MAX_REPEAT_COUNT}`, start);
    }
    if (max < min) throw new PatternError('a repeat count whose end is below its start', start);
    return { min, max };
  }

  #atom(nodes: PatternNode[]): void {
    const reader = this.#reader;
    const start = reader.position;
    if (reader.take('(')) this.#group(start, nodes);
    else if (reader.take('[')) nodes.push(setNode(this.#class(start)));
    else if (reader.take('.')) nodes.push(setNode(this.#flags.dotAll ? ANY : NOT_NEWLINE));
    else if (reader.take('^')) {
      nodes.push({ kind: 'assert', assertion: this.#flags.lines ? 'line-start' : 'text-start' });
    } else if (reader.take('$')) {
      nodes.push({ kind: 'assert', assertion: this.#flags.lines ? 'line-end' : 'text-end' });
    } else if (reader.at('\\')) {
      this.#escape(nodes);
    } else {
      this.#literal(reader.next(), nodes);
    }
  }

  #literal(codePoint: number, nodes: PatternNode[]): void {
    nodes.push(setNode(this.#folded(literalSet(codePoint))));
  }

  #escape(nodes: PatternNode[]): void {
    const reader = this.#reader;
    const start = reader.position;
    reader.next();
    const letter = reader.peek();
    if (reader.take('A')) nodes.push({ kind: 'assert', assertion: 'text-start' });
    else if (reader.take('z')) nodes.push({ kind: 'assert', assertion: 'text-end' });
    else if (reader.take('b')) nodes.push({ kind: 'assert', assertion: 'word' });
    else if (reader.take('B')) nodes.push({ kind: 'assert', assertion: 'not-word' });
    else if (reader.take('Q')) {
      while (!reader.done && !reader.takeText('\\E')) this.#literal(reader.next(), nodes);
    } else if (letter === 'C') throw new PatternError('\\C, a single byte, is not supported', start);
    else {
      const set = this.#classEscape(start);
      if (set !== undefined) nodes.push(setNode(set));
      else this.#literal(readEscape(reader, start), nodes);
    }
  }

  /** After a backslash: `d`, `D`, `s`, …, `p…`, `P…`; undefined (and nothing read) for any other letter. */
  #classEscape(start: number): CharSet | undefined {
    const reader = this.#reader;
    const letter = reader.peek();
    const perl = PERL.get(letter.toLowerCase());
    if (perl !== undefined) {
      reader.next();
      const set = this.#folded(perl);
      return letter === letter.toLowerCase() ? set : negate(set);
    }
    if (letter !== 'p' && letter !== 'P') return undefined;
    reader.next();
    const { set, negated } = readProperty(reader, start);
    return negated !== (letter === 'P') ? negate(this.#folded(set)) : this.#folded(set);
  }

  /** After `[`. */
  #class(start: number): CharSet {
    const reader = this.#reader;
    const pair = this.#flags.fold ? undefined : pairSet(reader.rest(PAIR_LENGTH));
    if (pair !== undefined) {
      reader.back(reader.position + PAIR_LENGTH);
      return pair;
    }
    const negated = reader.take('^');
    const pairs: number[] = [];
    let first = true;
    while (first || !reader.at(']')) {
      if (reader.done) throw new PatternError('a [ without its ]', start);
      first = false;
      const set = this.#namedClass();
      if (set !== undefined) pairs.push(...set);
      else pairs.push(...this.#folded(this.#range()));
    }
    reader.next();
    const set = charSet(pairs);
    return negated ? negate(set) : set;
  }

  #namedClass(): CharSet | undefined {
    const reader = this.#reader;
    const start = reader.position;
    const posix = reader.at('[') ? reader.match(/\[:(\^?)([^:\]]*):\]/y) : undefined;
    if (posix !== undefined) {
      const set = POSIX.get(posix[2] ?? '');
      if (set === undefined) throw new PatternError(`[:${posix[2]}:] is not a class`, start);
      return posix[1] === '^' ? negate(this.#folded(set)) : this.#folded(set);
    }
    if (!reader.at('\\')) return undefined;
    reader.next();
    const set = this.#classEscape(start);
    if (set === undefined) reader.back(start);
    return set;
  }

  #range(): CharSet {
    const reader = this.#reader;
    const start = reader.position;
    const lo = this.#classCharacter();
    // A dash just before the ] stands for itself; the next turn of the class reads it.
    if (!reader.at('-') || reader.rest(2) === '-]') return [lo, lo];
    reader.next();
    const hi = this.#classCharacter();
    if (hi < lo) throw new PatternError('a range whose end is below its start', start);
    return [lo, hi];
  }

  #classCharacter(): number {
    const reader = this.#reader;
    if (reader.done) throw reader.fault('a [ without its ]');
    const start = reader.position;
    const c = reader.next();
    if (c !== 0x5c) return c;
    return readEscape(reader, start);
  }

  /** After `(`. A group of flags alone changes those of the group around it. */
  #group(start: number, nodes: PatternNode[]): void {
    const reader = this.#reader;
    const outer = this.#flags;
    if (reader.take('?')) {
      if (/^(=|!|<=|<!)/.test(reader.rest(2))) throw new PatternError('look-around is not supported', start);
      const name = reader.match(/P?<([^>]*)>/y)?.[1];
      if (name !== undefined) this.#name(name, start);
      else if (this.#readFlags(start)) return;
    }
    this.#depth += 1;
    if (this.#depth > MAX_NESTING_DEPTH)
      throw new PatternError(`nested deeper than ${MAX_NESTING_DEPTH}`, start);
    const node = this.#alternation();
    if (!reader.take(')')) throw new PatternError('a ( without its )', start);
    this.#depth -= 1;
    this.#flags = outer;
    nodes.push(node);
  }

  #name(name: string, start: number): void {
    if (!WORD_NAME.test(name)) throw new PatternError('a group name that is not a word', start);
    if (this.#names.has(name)) throw new PatternError('a group name used twice', start);
    this.#names.add(name);
  }

  /** After `(?`; true when the group was flags alone and is closed. */
  #readFlags(start: number): boolean {
    const found = this.#reader.match(/([imsU]*)(-([imsU]+))?([:)])/y);
    if (found === undefined || (found[4] === ')' && found[1] === '' && found[2] === undefined)) {
      throw new PatternError('(? begins no group that RE2 has', start);
    }
    const on = found[1] ?? '';
    const off = found[3] ?? '';
    const flag = (letter: string, now: boolean) => !off.includes(letter) && (on.includes(letter) || now);
    this.#flags = {
      fold: flag('i', this.#flags.fold),
      lines: flag('m', this.#flags.lines),
      dotAll: flag('s', this.#flags.dotAll),
    };
    return found[4] === ')';
  }

  #folded(set: CharSet): CharSet {
    return this.#flags.fold ? this.#fold(set) : set;
  }

  #checked(node: PatternNode, position: number): PatternNode {
    if (measure(node) > MAX_PATTERN_STATES) {
      throw new PatternError(`needs more than ${MAX_PATTERN_STATES} automaton states`, position);
    }
    return node;
  }
}
