import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { compile } from '#core/pattern/compile.ts';
import { parsePattern } from '#core/pattern/parse.ts';
import { Automaton } from '#core/phi/engine/automaton/automaton.ts';
import { NO_RULES, RuleSets } from '#core/phi/engine/automaton/rule-sets.ts';
import { createTables, Threads } from '#core/phi/engine/automaton/threads.ts';
import { Plan } from '#core/phi/engine/plan.ts';
import { stepsOf } from '#core/phi/engine/rule/work-out.ts';
import { Scan } from '#core/phi/engine/scan.ts';
import type { Search } from '#core/phi/engine/search.ts';
import { WANTED } from '#core/phi/engine/settlements.ts';
import { TokenMemo } from '#core/phi/engine/tokens/memo.ts';
import { RULES } from '#core/phi/rules/index.ts';
import { clinicalText, cut, fractions } from './text.ts';

/** So few states that the cache is emptied in the middle of most words. */
const FEW_STATES = 24;

function searchOf(maxStates?: number): Search {
  const plan = new Plan(RULES, undefined, maxStates);
  const kinds = new Uint8Array(RULES.length).fill(WANTED);
  return {
    plan,
    memo: new TokenMemo(plan),
    kinds,
    hasOthers: false,
  };
}

function scan(search: Search, chunks: readonly string[]) {
  const one = new Scan(search);
  for (const chunk of chunks) one.push(chunk);
  one.end();
  return one.take();
}

function epochs({ plan: { before, forms, labelled } }: Search): number {
  return before.epoch + forms.epoch + labelled.epoch;
}

test('a cache of states that is emptied all the time changes nothing, however the text is cut', () => {
  const [ample, scarce] = [searchOf(), searchOf(FEW_STATES)];
  let emptied = 0;
  fc.assert(
    fc.property(clinicalText, fractions, (text, places) => {
      const before = epochs(scarce);
      expect(scan(scarce, cut(text, places))).toEqual(scan(ample, [text]));
      emptied += epochs(scarce) - before;
    }),
    { numRuns: 150 },
  );
  expect(emptied).toBeGreaterThan(150);
});

test('marks that come round again tell steps apart', () => {
  const steps = stepsOf(compile([parsePattern('(?:a|ab|abc)*d')]));
  const reading = {
    steps,
    tables: createTables(steps),
    ruleOf: Int32Array.from([0]),
    bounded: Uint8Array.from([1]),
    bounds: new Uint8Array(steps.size),
  };
  const threads = new Threads(reading, new RuleSets(1));
  const starts = [...steps.starts];
  threads.start(starts);
  const reached = [...threads.reached.subarray(0, threads.count)];
  for (let i = 0; i < 140_000; i++) {
    // Twice the same: what was reached already is not reached again.
    threads.start([...starts, ...starts]);
    if (threads.count !== reached.length) expect([i, threads.count]).toEqual([i, reached.length]);
    const span = { items: Int32Array.from(reached), from: 0, to: reached.length };
    if (!threads.is(span)) throw new Error(`step ${i} reached something else`);
  }
});

test('streams that share an emptied cache do not disturb one another', () => {
  const [ample, scarce] = [searchOf(), searchOf(FEW_STATES)];
  fc.assert(
    fc.property(clinicalText, clinicalText, (one, other) => {
      const [left, right] = [new Scan(scarce), new Scan(scarce)];
      for (let i = 0; i < Math.max(one.length, other.length); i++) {
        left.push(one.charAt(i));
        right.push(other.charAt(i));
      }
      left.end();
      right.end();
      expect([left.take(), right.take()]).toEqual([scan(ample, [one]), scan(ample, [other])]);
    }),
    { numRuns: 50 },
  );
});

test('sets of rules have one number each, and one too many becomes all of them', () => {
  const sets = new RuleSets(20);
  const both = sets.add(sets.add(NO_RULES, 7), 3);
  expect(sets.add(sets.add(NO_RULES, 3), 7)).toBe(both);
  expect([...sets.rules(both)]).toEqual([3, 7]);
  const numbers = new Set<number>();
  const lost: number[] = [];
  for (let subset = 0; subset < 1 << 15; subset++) {
    let set = NO_RULES;
    for (let rule = 0; rule < 15; rule++) if ((subset & (1 << rule)) !== 0) set = sets.add(set, rule);
    numbers.add(set);
    const held = new Set(sets.rules(set));
    for (let rule = 0; rule < 15; rule++)
      if ((subset & (1 << rule)) !== 0 && !held.has(rule)) lost.push(subset);
  }
  expect(lost).toEqual([]);
  expect(Math.max(...numbers)).toBeLessThan(0x8000);
  expect(numbers.size).toBeLessThan(1 << 15);
});

test('a reading that follows the trail of another finds what it would have found alone', () => {
  const search = searchOf();
  const pieces = fc.constantFrom('a.', 'A-', '1.', '12-', "O'", 'x@', 'ab ', '555-', 'a', '7', ' ', 'Smith ');
  const periodic = fc
    .array(fc.tuple(pieces, fc.integer({ min: 1, max: 300 })), { minLength: 1, maxLength: 4 })
    .map((parts) => `${parts.map(([piece, times]) => piece.repeat(times)).join('')} MRN: 12345678.`);
  fc.assert(
    fc.property(periodic, fc.integer({ min: 1, max: 900 }), (text, size) => {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.slice(i * size, (i + 1) * size),
      );
      // A cache that is emptied all the time keeps no trail.
      expect(scan(search, chunks)).toEqual(scan(searchOf(FEW_STATES), [text]));
    }),
    { numRuns: 15 },
  );
});

test('long readings that begin in turns in two ways follow one another', () => {
  const search = searchOf();
  const read = vi.spyOn(search.plan.forms, 'read');
  let characters = 0;
  read.mockImplementation((text, from, until, step, start) => {
    const accepted = Automaton.prototype.read.call(search.plan.forms, text, from, until, step, start);
    characters += Math.abs(search.plan.forms.place - from);
    return accepted;
  });
  const text = '417-28-'.repeat(1_000);
  scan(search, [text]);
  expect(characters).toBeGreaterThan(text.length);
  expect(characters).toBeLessThan(60 * text.length);
});
