import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keptPatterns } from '#core/phi/compiled/patterns.ts';
import { nextAnchor } from '#core/phi/engine/anchors.ts';
import { type Automaton, STOPPED } from '#core/phi/engine/automaton/automaton.ts';
import { NO_RULES } from '#core/phi/engine/automaton/rule-sets.ts';
import { NEAR_CHARACTERS } from '#core/phi/engine/limits.ts';
import { inOrder, Plan } from '#core/phi/engine/plan.ts';
import { compileRules } from '#core/phi/engine/rule/rule.ts';
import { patternsOf } from '#core/phi/engine/rule/work-out.ts';
import { Scan } from '#core/phi/engine/scan.ts';
import { WANTED } from '#core/phi/engine/settlements.ts';
import { BEGIN, END, LAST, NEW, TokenLoop } from '#core/phi/engine/tokens/loop.ts';
import { MAX_TOKEN_CHARACTERS, NO_END, type Outcome, OVER, TokenMemo } from '#core/phi/engine/tokens/memo.ts';
import { RULES } from '#core/phi/rules/index.ts';
import { clinicalText, cut, fractions } from './text.ts';

const NO_LABELS = 0;
const STAMP = 1;
const NOWHERE = -1;
/** All tokens have the same. */
const FEWEST_SLOTS = 2;
/** Characters of all planes, Latin and none, halves of pairs as well. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme-ascii' }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\ud83d', ' 日', ' 12-', 'ab '),
    ),
    {
      maxLength: 60,
    },
  )
  .map((parts) => parts.join(''));

/** Remembers nothing, and has each token looked at: what the loop does, as plainly as can be. */
class EachToken extends TokenMemo {
  readonly #plan: Plan;

  constructor(plan: Plan) {
    super(plan);
    this.#plan = plan;
  }

  override read(text: string, from: number, labels: number): number {
    const plan = this.#plan;
    const end = nextAnchor(plan, text, from + 1, NOWHERE);
    const isShort = end < text.length && end - from <= MAX_TOKEN_CHARACTERS;
    this.end = isShort ? end : NO_END;
    this.before = labels;
    this.behind = isShort ? plan.labelsBefore(text, end) : NO_LABELS;
    const until = Math.min(text.length, from + NEAR_CHARACTERS);
    readValue(plan.forms, this.forms, plan.formsState(labels), text, from, until);
    readValue(plan.labelled, this.labelled, plan.labelledState(labels), text, from, until);
    return from;
  }
}

function readValue(
  automaton: Automaton,
  outcome: Outcome,
  start: number,
  text: string,
  from: number,
  until: number,
): void {
  const accepted = start === OVER ? NO_RULES : automaton.read(text, from, until, 1, start);
  outcome.state = accepted === STOPPED ? automaton.state : OVER;
  outcome.accepted = accepted === STOPPED ? NO_RULES : accepted;
  outcome.place = start === OVER ? from : automaton.place;
}

/** Where tokens begin and end: nothing is remembered, so that each one is new. */
function tokensOf(loop: TokenLoop, text: string, from: number, forced = NOWHERE): number[][] {
  const tokens: number[][] = [];
  loop.load(text, from);
  loop.divideAt(forced);
  for (
    let place = from;
    loop.read(place, NO_LABELS, STAMP, false) === NEW;
    place = tokens.at(-1)?.[1] ?? text.length
  ) {
    tokens.push([(loop.came[BEGIN] ?? 0) + loop.origin, (loop.came[END] ?? 0) + loop.origin]);
  }
  return tokens;
}

test('tokens begin where a value may, whatever the text is made of, and wherever reading begins', () => {
  const plan = new Plan(RULES, keptPatterns(RULES));
  let read = 0;
  fc.assert(
    fc.property(fc.oneof(anyText, clinicalText), fc.nat(), fc.nat(), (text, start, middle) => {
      const from = 1 + (start % Math.max(1, text.length));
      const forced = from + (middle % 40);
      const expected: number[][] = [];
      for (let place = from; place < text.length; ) {
        const end = nextAnchor(plan, text, place + 1, forced);
        if (end === text.length || end - place > MAX_TOKEN_CHARACTERS) break;
        expected.push([place, end]);
        place = end;
      }
      expect(tokensOf(plan.loop, text, from, forced)).toEqual(expected);
      read += expected.length;
    }),
    { numRuns: 500 },
  );
  expect(read).toBeGreaterThan(1_500);
});

test('a text that is longer than what is read at once gives what its parts give', () => {
  const plan = new Plan(RULES, keptPatterns(RULES));
  const search = {
    plan,
    memo: new TokenMemo(plan),
    kinds: new Uint8Array(plan.rules.length).fill(WANTED),
    hasOthers: false,
  };
  const text = 'Seen on 03/14/2024, MRN: 48213077, call 617-555-0134 or 10.20.30.40. '.repeat(3_000);
  const whole = new Scan(search);
  whole.push(text);
  whole.end();
  const parts = new Scan(search);
  for (let i = 0; i < text.length; i += 997) parts.push(text.slice(i, i + 997));
  parts.end();
  const findings = whole.take();
  expect(findings).toHaveLength(12_000);
  expect(parts.take()).toEqual(findings);
  expect(() => plan.loop.load(text, 0)).toThrow(/too much text/);
});

test.each([
  ['patientidentifies', 'patientidentifier', 'mrn.labelled'],
  ['accountidentifiet', 'accountidentifier', 'account.labelled'],
])('long tokens are told apart by their last characters: %s, %s', (one, other, rule) => {
  const plan = new Plan(RULES, keptPatterns(RULES));
  const kinds = new Uint8Array(plan.rules.length).fill(WANTED);
  const scan = new Scan({ plan, memo: new TokenMemo(plan, FEWEST_SLOTS), kinds, hasOthers: false });
  scan.push(`so ${one} ${one} ${other} b4821307`);
  scan.end();
  const found = scan.take().filter((finding) => finding.rule === rule);
  expect(found.map(({ start }) => start)).toEqual([57]);
});

test('what is loaded of a text reaches as far back as labels are read', () => {
  const plan = new Plan(RULES, keptPatterns(RULES));
  plan.loop.load('x'.repeat(1_000), 500);
  expect(plan.loop.origin).toBeLessThanOrEqual(500 - 128);
  expect(plan.loop.read(500, NO_LABELS, STAMP, false)).toBe(LAST);
});

test('what is remembered of tokens is what they come to when they are read each time', () => {
  const plan = new Plan(RULES, keptPatterns(RULES));
  const kinds = new Uint8Array(plan.rules.length).fill(WANTED);
  const byTokens = { plan, memo: new TokenMemo(plan), kinds, hasOthers: false };
  const other = new Plan(RULES, keptPatterns(RULES));
  const plainly = { ...byTokens, plan: other, memo: new EachToken(other) };
  let found = 0;
  fc.assert(
    fc.property(fc.oneof(clinicalText, anyText), fractions, (text, places) => {
      const scans = [byTokens, plainly].map((search) => new Scan(search));
      for (const scan of scans) {
        for (const chunk of cut(text, places)) scan.push(chunk);
        scan.end();
      }
      const [some, all] = scans.map((scan) => scan.take());
      expect(some).toEqual(all);
      found += some?.length ?? 0;
    }),
    { numRuns: 400 },
  );
  expect(found).toBeGreaterThan(300);
});

test('more kinds of characters than a byte has bits are told apart as well', () => {
  const patterns = patternsOf(compileRules(inOrder(RULES)));
  const plan = new Plan(RULES, patterns);
  const { steps, pairs } = patterns;
  const more = pairs.slice();
  // Behind the first classes, which are those of usual letters, other letters begin a value than behind all others.
  for (let before = 0; before < 6; before++) more[(before << plan.pairShift) + before] = 1;
  const loop = new TokenLoop({ steps, pairs: more });
  const other = Object.assign(Object.create(plan), { pairs: more });
  fc.assert(
    fc.property(clinicalText, (text) => {
      const ends = tokensOf(loop, text, 1).map(([, end]) => end);
      for (const [i, end] of ends.entries())
        expect(nextAnchor(other, text, (ends[i - 1] ?? 1) + 1, NOWHERE)).toBe(end);
    }),
  );
  expect(tokensOf(loop, 'so too little', 1).length).toBeGreaterThan(
    tokensOf(plan.loop, 'so too little', 1).length,
  );
});

test('more kinds of characters than the loop can tell apart are refused', () => {
  const { steps, pairs } = patternsOf(compileRules(RULES));
  const width = Math.sqrt(pairs.length);
  const all = pairs.map((_, pair) => (Math.floor(pair / width) === pair % width ? 1 : 0));
  expect(() => new TokenLoop({ steps, pairs: all })).toThrow(/too many kinds/);
});
