import { ResponseError } from '../answer/response-error.ts';
import type { Rewrite } from '../answer/rewrite.ts';
import { isNumeral } from '../numbers.ts';
import { isNameKey, isStructure, MAX_DEPTH } from '../structure.ts';

/** Members that come whole within a delta and are not continued by the next one. */
const WHOLE_KEYS = new Set(['name', 'format', 'title', 'url', 'filename']);

/** The way from a `delta` to a string in it; a number is the `index` of an array's element. */
export type Path = readonly (string | number)[];

/** A string within a delta that continues the text at its place. */
export interface Leaf {
  readonly holder: Record<string | number, unknown>;
  readonly member: string | number;
  readonly key: string;
  readonly place: string;
  readonly path: Path;
  readonly text: string;
}

/** What a delta holds: the pieces of text, and whether there is anything beside them. */
export interface Delta {
  readonly leaves: Leaf[];
  /** An id, a name, a role: the event must go out even when all its text is held back. */
  substance: boolean;
}

/**
 * Finds the pieces of text in a delta, wherever they stand in it: what is not recognised as structure
 * continues a text. The rest is masked on the way.
 */
export function readDelta(
  holder: Record<string, unknown>,
  member: string,
  key: string,
  place: string,
  rewrite: Rewrite,
): Delta {
  const delta: Delta = { leaves: [], substance: false };
  read(holder, member, key, place, [], delta, rewrite);
  return delta;
}

/** A delta that holds nothing but this text. */
export function buildDelta(path: Path, text: string): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return text;
  const inner = buildDelta(rest, text);
  if (typeof step === 'string') return { [step]: inner };
  return [isObject(inner) ? { index: step, ...inner } : inner];
}

function read(
  holder: Record<string | number, unknown>,
  member: string | number,
  key: string,
  place: string,
  path: Path,
  delta: Delta,
  rewrite: Rewrite,
): void {
  const value = holder[member];
  if (path.length > MAX_DEPTH) throw new ResponseError('The answer is nested too deep.');
  if (typeof value === 'string' && !isStructure(key, value) && !comesWhole(key)) {
    rewrite.strings++;
    rewrite.passUnknown(key, value, place);
    delta.leaves.push({ holder, member, key, place, path, text: value });
  } else if (Array.isArray(value)) {
    const kept = rewrite.isSpelled(key, value)
      ? []
      : value.filter((item) => typeof item !== 'number' && !isNumeral(key, item));
    if (kept.length < value.length) rewrite.changed = true;
    holder[member] = kept;
    for (let position = 0; position < kept.length; position++) {
      const index = readPosition(kept[position], position);
      const items = kept as unknown as Record<number, unknown>;
      read(items, position, key, `${place}.${index}`, [...path, index], delta, rewrite);
    }
  } else if (isObject(value)) {
    const object = rewrite.keys(value, place);
    holder[member] = object;
    for (const name of Object.keys(object)) {
      if (rewrite.removes(object, name)) continue;
      read(object, name, name, `${place}.${name}`, [...path, name], delta, rewrite);
    }
  } else {
    if (typeof value === 'number' && rewrite.isContinued(place))
      throw new ResponseError('A text of the stream goes on with a number.');
    if (value !== null && key !== 'index') delta.substance = true;
    holder[member] = rewrite.value(value, key, place);
  }
}

/** Ids of other providers than OpenAI have other forms, but an SDK takes what comes first for the whole id. */
function comesWhole(key: string): boolean {
  return WHOLE_KEYS.has(key) || isNameKey(key);
}

/**
 * Which of several a choice or an element is: what its `index` says, otherwise its position.
 *
 * @throws ResponseError for an index that is no number: a client could take for one text what are several here.
 */
export function readPosition(item: unknown, position: number): number {
  const index = isObject(item) ? (item['index'] ?? position) : position;
  if (typeof index !== 'number') throw new ResponseError('An index in the stream is no number.');
  return index;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
