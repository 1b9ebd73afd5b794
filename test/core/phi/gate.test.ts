import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldCase } from '#core/phi/engine/rule/fold-case.ts';
import { compileRules } from '#core/phi/engine/rule/rule.ts';
import { RULES } from '#core/phi/rules/index.ts';
import { clinicalText } from './text.ts';

/** Rules whose values an automaton looks for by another pattern, which is to let all of them through. */
const GATED = RULES.filter(({ gate, late }) => gate !== undefined && late !== true).map((rule) => ({
  name: rule.name,
  gate: new RegExp(`(?:${foldCase(rule.gate ?? '')})(?![A-Za-z0-9])`, 'uy'),
  rule: compileRules([rule])[0],
}));

/** What codes are made of. */
const PIECES = [
  'A',
  'HX',
  'kq',
  'Ref',
  'e',
  '7',
  '04',
  '183',
  '20441',
  '-',
  '-',
  '/',
  '.',
  '_',
  ':',
  ' ',
  ',',
];
const text = fc.oneof(
  clinicalText,
  fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join('')),
);

test('what an automaton looks for instead of a value is there wherever the value is', () => {
  let found = 0;
  fc.assert(
    fc.property(text, (written) => {
      const missed: [string, string][] = [];
      for (const { name, gate, rule } of GATED) {
        for (let place = 0; place < written.length; place++) {
          const length = rule?.measure(written, place).length ?? 0;
          if (length === 0) continue;
          found += 1;
          gate.lastIndex = place;
          if (!gate.test(written)) missed.push([name, written.slice(place, place + length)]);
        }
      }
      expect(missed).toEqual([]);
    }),
    { numRuns: 400 },
  );
  expect(found).toBeGreaterThan(1000);
});
