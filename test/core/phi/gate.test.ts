import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALL_ENTITIES } from '#core/phi/detect.ts';
import { Gate } from '#core/phi/engine/gate.ts';
import { compileRule, type Rule } from '#core/phi/engine/rule.ts';
import { Scan, type Tracks } from '#core/phi/engine/scan.ts';
import { CODE_RULES, WORD_RULES } from '#core/phi/rules/index.ts';
import { WORDS_RULE } from '#core/phi/words/rule.ts';
import { clinicalText, cut, fractions } from './text.ts';

/** So few states that the cache is emptied in the middle of most words. */
const FEW_STATES = 24;

const labels = CODE_RULES.filter(({ before }) => before !== undefined).map((rule: Rule) => compileRule(rule));
const forms = CODE_RULES.filter(({ before }) => before === undefined).map((rule: Rule) => compileRule(rule));
const words = [...WORD_RULES.map((rule: Rule) => compileRule(rule)), WORDS_RULE];

function tracksOf(maxStates?: number): Tracks {
  const track = (rules: typeof labels) => {
    const gate = new Gate(rules, maxStates);
    return { gate, rules, active: new Int32Array(gate.words).fill(-1) };
  };
  return { labels: track(labels), forms: track(forms), words: track(words) };
}

function scan(tracks: Tracks, chunks: readonly string[]) {
  const one = new Scan(tracks, ALL_ENTITIES);
  for (const chunk of chunks) one.push(chunk);
  one.end();
  return one.take();
}

test('a cache of states that is emptied all the time changes nothing, however the text is cut', () => {
  const [ample, scarce] = [tracksOf(), tracksOf(FEW_STATES)];
  let emptied = 0;
  fc.assert(
    fc.property(clinicalText, fractions, (text, places) => {
      const before = scarce.forms.gate.epoch + scarce.labels.gate.epoch + scarce.words.gate.epoch;
      expect(scan(scarce, cut(text, places))).toEqual(scan(ample, [text]));
      emptied += scarce.forms.gate.epoch + scarce.labels.gate.epoch + scarce.words.gate.epoch - before;
    }),
    { numRuns: 300 },
  );
  expect(emptied).toBeGreaterThan(300);
});

test('streams that share an emptied cache do not disturb one another', () => {
  const [ample, scarce] = [tracksOf(), tracksOf(FEW_STATES)];
  fc.assert(
    fc.property(clinicalText, clinicalText, (one, other) => {
      const [left, right] = [new Scan(scarce, ALL_ENTITIES), new Scan(scarce, ALL_ENTITIES)];
      for (let i = 0; i < Math.max(one.length, other.length); i++) {
        left.push(one.charAt(i));
        right.push(other.charAt(i));
      }
      left.end();
      right.end();
      expect([left.take(), right.take()]).toEqual([scan(ample, [one]), scan(ample, [other])]);
    }),
    { numRuns: 100 },
  );
});
