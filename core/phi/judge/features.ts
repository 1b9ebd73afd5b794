import type { Finding } from '../finding.ts';
import { nameLikeness } from '../lexicon/name-like.ts';
import { add, BASIS, combine, foldUnit } from './hash.ts';
import { FIGURE, type Lexeme, SIGN } from './lexeme.ts';

/** A token, the three before it, the two behind it, the words before these, and what else is known of it. */
export interface Place {
  /** The words and figures before those below, in no order: what the text is about. */
  readonly passed: readonly Lexeme[];
  readonly third: Lexeme;
  readonly second: Lexeme;
  readonly before: Lexeme;
  readonly token: Lexeme;
  readonly behind: Lexeme;
  readonly after: Lexeme;
  /** Whether `after` is here; it is where nobody tells. Asked only when it counts. */
  hasAfter?(): boolean;
  /** As the token is written. */
  readonly text: string;
  /** What the same word was earlier in the text, by its number in CLASSES; or UNSEEN. */
  readonly seen: number;
  /** How many words of identifiers the text has had before it. */
  readonly told: number;
  /** How many words ago the last of these was. */
  readonly since: number;
  /** The finding of a rule in which it lies. */
  readonly found: Pick<Finding, 'rule' | 'entity' | 'score'> | undefined;
}

/** Where a lexeme stands when it is looked at by itself. */
export const ITSELF = 0;
export const BEFORE = 1;
export const SECOND = 2;
export const THIRD = 3;
export const BEHIND = 4;
const PLACES = 5;

/** Features from here on need more than one lexeme. */
const TOGETHER = PLACES << 5;
/** Likeness to names is told in so many steps to either side, each so wide. */
const MOST_LIKE = 8;
const LIKENESS_STEP = 12;
/** So many letters of a word count, three at a time. */
const MAX_TRIGRAMS = 14;
/** Of one call; more than there are. */
const MAX_FEATURES = 48;
/** Steps of how many words of identifiers there were, and of how many words ago the last one was. */
const TOLD_STEPS = [1, 3, 8, 24];
const SINCE_STEPS = [4, 16, 64];
/** Before a word and behind it. */
const EDGE = 0x5e;
const MOST_LENGTH = 12;
const HUNDREDTHS = 100;

/** What the last call has read: hashes, 32 bits. */
export const features = new Int32Array(MAX_FEATURES);
let count = 0;

const names = new Map<string, number>();

/** Reads the features of the token of a place by itself; returns how many there are. */
export function readItself({ token, text }: Place): number {
  readAround(ITSELF, token);
  readLetters(text, token.kind);
  if ((token.traits & (SIGN | FIGURE)) === 0) readLikeness(text, token.kind);
  return count;
}

/** Reads the features of a lexeme by itself at one of the five places; returns how many there are. */
export function readAround(where: number, { hash, kind, shape }: Lexeme): number {
  count = 0;
  const first = where << 5;
  put(first, hash, 0);
  put(first + 1, kind, 0);
  if (where !== SECOND && where !== THIRD) put(first + 2, shape, 0);
  return count;
}

/** How much a word is spelled like names. */
function readLikeness(text: string, kind: number): void {
  const steps = Math.round(nameLikeness(text) / LIKENESS_STEP);
  put(4, Math.max(-MOST_LIKE, Math.min(MOST_LIKE, steps)), kind);
}

function readLetters(text: string, kind: number): void {
  const { length } = text;
  put(3, 0, 0);
  put(5, hashOf(text, 0, 3), 0);
  put(6, hashOf(text, length - 4, length), 0);
  put(7, Math.min(length, MOST_LENGTH), kind);
  let first = EDGE;
  let middle = foldUnit(text.charCodeAt(0));
  for (let i = 1; i <= Math.min(length, MAX_TRIGRAMS); i++) {
    const last = i < length ? foldUnit(text.charCodeAt(i)) : EDGE;
    put(8, (first << 16) ^ (middle << 8) ^ last, 0);
    first = middle;
    middle = last;
  }
}

/** Reads the features of a place that need more than one lexeme; returns how many there are. */
export function readTogether(place: Place): number {
  const { passed, second, before, token, behind, after, seen, found } = place;
  const { hash, kind, shape } = token;
  count = 0;
  put(TOGETHER, second.hash, before.hash);
  put(TOGETHER + 1, before.hash, shape);
  put(TOGETHER + 2, before.kind, hash);
  put(TOGETHER + 3, behind.hash, shape);
  put(TOGETHER + 4, before.hash, behind.hash);
  put(TOGETHER + 5, seen, kind);
  put(TOGETHER + 6, after.hash, 0);
  put(TOGETHER + 7, behind.hash, after.hash);
  put(TOGETHER + 8, after.kind, behind.kind);
  put(TOGETHER + 9, after.hash, kind);
  for (let i = 0; i < passed.length; i++) put(TOGETHER + 15, (passed[i] as Lexeme).hash, 0);
  readTold(place);
  if (found === undefined) {
    put(TOGETHER + 10, 0, 0);
    return count;
  }
  put(TOGETHER + 11, 0, 0);
  put(TOGETHER + 12, hashOfName(found.rule), 0);
  put(TOGETHER + 13, Math.round(found.score * HUNDREDTHS), 0);
  put(TOGETHER + 14, hashOfName(found.entity), 0);
  return count;
}

/** Most texts that name anybody name several, close together. */
function readTold({ told, since, token }: Place): void {
  const lately = told === 0 ? 0 : 1 + stepOf(since, SINCE_STEPS);
  put(TOGETHER + 16, (lately << 3) + stepOf(told, TOLD_STEPS), 0);
  put(TOGETHER + 17, lately, token.kind);
}

/** How many of the steps a count has reached. */
function stepOf(count: number, steps: readonly number[]): number {
  let reached = 0;
  while (reached < steps.length && count >= (steps[reached] as number)) reached += 1;
  return reached;
}

function put(feature: number, left: number, right: number): void {
  features[count] = combine(feature, left, right);
  count += 1;
}

function hashOf(text: string, from: number, to: number): number {
  let hash = BASIS;
  for (let i = Math.max(0, from); i < to && i < text.length; i++)
    hash = add(hash, foldUnit(text.charCodeAt(i)));
  return hash;
}

function hashOfName(name: string): number {
  const known = names.get(name);
  if (known !== undefined) return known;
  const hash = hashOf(name, 0, name.length);
  names.set(name, hash);
  return hash;
}
