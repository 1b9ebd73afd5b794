import { expect, onTestFinished, test, vi } from 'vitest';
import { compile } from '#core/pattern/compile.ts';
import { LazyDfa } from '#core/pattern/dfa.ts';
import { parsePattern } from '#core/pattern/parse.ts';

/** Characters of classes of their own: more than half of a power of two, so that rows are almost twice as long. */
const LETTERS = Array.from({ length: 180 }, (_, i) => String.fromCodePoint(0x4e00 + i * 2));
/** Numerical Recipes' generator: the same text each time. */
const STEP = { factor: 1_664_525, addend: 1_013_904_223 };

test('a table that is almost full does not grow by one row at a time', () => {
  const [a, b, c] = LETTERS;
  const dfa = new LazyDfa(compile([parsePattern(`[${a}${b}]*${a}[${a}${b}]{13}${c}|${LETTERS.join('')}`)]));
  let text = '';
  for (let i = 0, state = 1; i < 50_000; i++) {
    state = (Math.imul(state, STEP.factor) + STEP.addend) >>> 0;
    text += state >>> 31 === 1 ? a : b;
  }
  const tables: number[] = [];
  vi.stubGlobal(
    'Int32Array',
    class extends Int32Array {
      constructor(of: never) {
        super(of);
        // Smaller ones are of a single state.
        if (this.length >= 1 << 16) tables.push(this.length);
      }
    },
  );
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(dfa.run(text, () => false)).toBe(true);
  expect(dfa.flushes).toBeGreaterThan(1);
  // Each is twice as long as the one before.
  expect(tables.length).toBeLessThan(8);
  expect(tables.length).toBeGreaterThan(1);
});
