import { createHash } from 'node:crypto';
import type { Steps } from '../engine/automaton/threads.ts';
import { inOrder } from '../engine/plan.ts';
import type { LookPatterns, Patterns } from '../engine/rule/patterns.ts';
import type { Rule } from '../engine/rule/rule.ts';
import { ArrayReader, type NumberArray, packArrays } from './arrays.ts';
import kept from './patterns.json' with { type: 'json' };

/** Patterns as they are kept. */
export interface KeptPatterns {
  /** `fingerprint` of the rules that they are of. */
  readonly rules: string;
  /** Of `packArrays`. */
  readonly patterns: string;
}

/**
 * The patterns of rules as `npm run phi:compile` has worked them out; undefined for rules that were changed since, which costs
 * the time to work them out and nothing else.
 */
export function keptPatterns(rules: readonly Rule[]): Patterns | undefined {
  const wanted = fingerprint(rules);
  const found = (kept as readonly KeptPatterns[]).find((one) => one.rules === wanted);
  return found && unpackPatterns(found.patterns);
}

/** What tells whether patterns are of some rules: SHA-256 in hexadecimal of all that they are made of. */
export function fingerprint(rules: readonly Rule[]): string {
  const parts = inOrder(rules).map(
    ({ name, score, before, behind, value, unless, overlong, gate, anywhere, nothing, late }) => [
      ...[name, score, before, behind, value, unless, overlong, gate, anywhere, nothing, late],
    ],
  );
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

export function packPatterns({ steps, pairs, sorts, forms, firsts, looks }: Patterns): string {
  return packArrays([
    ...arraysOf(steps),
    ...[pairs, sorts, forms, firsts],
    ...arraysOf(looks.steps),
    ...[looks.rules, looks.bounded, looks.there, looks.missing],
  ]);
}

export function unpackPatterns(packed: string): Patterns {
  const reader = new ArrayReader(packed);
  const steps = readSteps(reader);
  const [pairs, sorts, forms, firsts] = [reader.uint8(), reader.uint8(), reader.uint8(), reader.uint8()];
  return { steps, pairs, sorts, forms, firsts, looks: readLooks(reader) };
}

function arraysOf({ op, next, argument, sets, starts, size, classes }: Steps): NumberArray[] {
  // Most lead on to the one before, so that most differences are the same.
  const back = next.map((to, item) => item - to);
  const flags = Uint8Array.from(sets.flatMap((set) => [...set]));
  return [Int32Array.of(size), op, back, argument, flags, starts, classes];
}

function readSteps(reader: ArrayReader): Steps {
  const size = reader.int32()[0] as number;
  const op = reader.uint8();
  const next = reader.int32();
  for (let item = 0; item < next.length; item++) next[item] = item - (next[item] as number);
  const argument = reader.int32();
  const flags = reader.uint8();
  const sets: Uint8Array[] = [];
  for (let at = 0; at < flags.length; at += size) sets.push(flags.subarray(at, at + size));
  return { op, next, argument, sets, starts: reader.int32(), size, classes: reader.uint16() };
}

function readLooks(reader: ArrayReader): LookPatterns {
  const steps = readSteps(reader);
  const rules = reader.int32();
  const [bounded, there, missing] = [reader.uint8(), reader.uint8(), reader.uint8()];
  return { steps, rules, bounded, there, missing };
}
