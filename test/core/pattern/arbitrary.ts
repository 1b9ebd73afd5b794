import fc from 'fast-check';

/** Patterns whose meaning RE2 and V8 share, built small so that V8 as the oracle cannot stall. */
const atom = fc.oneof(
  fc.constantFrom('a', 'b', 'c', '\\d', '\\w', '\\W', '[ab]', '[^b]', '.', '\\b', '\\B', '^', '$'),
  fc.constantFrom('é', 'k', 's', '\\n', '😀', '[😀-😂]', '-'),
);

/** A pattern of atoms, sequences, choices and repetitions. */
export const pattern: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `${a}${b}`),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '{0,3}', '{0,}', '*?'))
      .map(([a, q]) => `(?:${a})${q}`),
  ),
})).node;

const UNITS = ['a', 'b', 'c', 'A', 'k', 'K', 's', 'é', 'É', '1', '_', '-', ' ', '\n'];

/** Short texts of the characters that the patterns tell apart. V8 finds `\B` inside of a surrogate pair: none is here. */
export const text: fc.Arbitrary<string> = fc.string({ unit: fc.constantFrom(...UNITS), maxLength: 12 });

/** The same, with surrogate pairs. */
export const astralText: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom(...UNITS, '😀'),
  maxLength: 12,
});
