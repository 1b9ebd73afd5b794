import { Random } from '../corpus/random.ts';

/** A pattern that makes backtracking engines, or automata, blow up; and what its text is made of. */
export interface EvilPattern {
  readonly family: string;
  readonly source: string;
  /** The text for it is made of these characters: it goes far into the pattern and never through. */
  readonly alphabet: string;
}

type Family = (random: Random) => Omit<EvilPattern, 'family'>;

const few = (random: Random): number => random.integer(2, 12);
const many = (random: Random): number => random.pick([20, 50, 100, 250, 500, 1_000, 5_000]);
const letter = (random: Random): string => random.pick(['a', 'b', '[ab]', '\\w', '[a-z]', '.']);
/** What no text has: the match fails at its very end. */
const TAIL = ['!', '$!', 'Z{3}', '\\d!', '#'];

const FAMILIES: Readonly<Record<string, Family>> = {
  'nested plus': (r) => {
    let source = letter(r);
    for (let depth = r.integer(1, 6); depth > 0; depth--)
      source = `(${source}${r.pick(['+', '*', '+?', '{1,}'])})${r.pick(['+', '*'])}`;
    return { source: `${r.pick(['^', '', '\\b'])}${source}${r.pick(TAIL)}`, alphabet: 'ab' };
  },
  'overlapping alternatives': (r) => ({
    source: `(${Array.from({ length: few(r) }, () => letter(r).repeat(r.integer(1, 4))).join('|')})${r.pick(['*', '+'])}${r.pick(TAIL)}`,
    alphabet: 'ab',
  }),
  'optional then required': (r) => {
    const count = many(r);
    return { source: `(a?){${count}}a{${count}}${r.pick(TAIL)}`, alphabet: 'a' };
  },
  'nested counts': (r) => ({
    source: `((${letter(r)}{1,${many(r)}}){1,${many(r)}})${r.pick(['', `{1,${few(r)}}`])}${r.pick(TAIL)}`,
    alphabet: 'ab',
  }),
  'large count': (r) => ({
    source: `${letter(r)}{${many(r)},${r.pick(['', '1000', '5000'])}}${r.pick(TAIL)}`,
    alphabet: 'ab',
  }),
  'exponential automaton': (r) => ({
    source: `[ab]*a[ab]{${r.integer(4, 200)}}${r.pick(TAIL)}`,
    alphabet: 'ab',
  }),
  'many exponential automata': (r) => ({
    source: Array.from({ length: few(r) }, () => `a[ab]{${r.integer(4, 40)}}${r.pick(TAIL)}`).join('|'),
    alphabet: 'ab',
  }),
  'counted any': (r) => ({
    source: `(.*${r.pick(['a', 'b', ','])}){${r.integer(5, 60)}}${r.pick(TAIL)}`,
    alphabet: 'ab,',
  }),
  'gap after gap': (r) => ({
    source:
      Array.from({ length: few(r) }, () => `${letter(r)}.{0,${r.integer(10, 200)}}`).join('') + r.pick(TAIL),
    alphabet: 'ab ',
  }),
  'many words': (r) => ({
    source: `(?i:${Array.from({ length: r.integer(50, 400) }, () => r.string(r.integer(3, 9), 'abc')).join('|')})${r.pick(TAIL)}`,
    alphabet: 'abc',
  }),
  'words in a row': (r) => ({ source: `^(([a-z])+.)+[A-Z]([a-z])+${r.pick(TAIL)}`, alphabet: 'ab.' }),
  'Unicode classes': (r) => ({
    source: `(\\p{L}+[\\p{Lu}\\d]*){${few(r)},}(?:\\P{L}|[^\\x00-\\x{10FFFF}])${r.pick(TAIL)}`,
    alphabet: 'abÄß1',
  }),
  addresses: (r) => ({
    source: `([a-zA-Z0-9._-]+)+@(([a-z]+\\.)+)+[a-z]{2,${many(r)}}${r.pick(TAIL)}`,
    alphabet: 'a@.',
  }),
  'empty loops': (r) => ({
    source: `(${r.pick(['', 'a*', 'a?|b*', '(|a)', '\\b'])})${r.pick(['*', '+', '{1000}'])}c${r.pick(TAIL)}`,
    alphabet: 'ab',
  }),
  'what RE2 has not': (r) => ({
    source: r.pick([
      '(?=a+)+b',
      '(a+)\\1+',
      '(?<!a*)b',
      '(?>a+)b',
      'a++b',
      '(?P<x>a)(?P=x)',
      '(?R)',
      'a{2,1}',
      '(?#',
    ]),
    alphabet: 'ab',
  }),
  'brackets without end': (r) => ({
    source: '('.repeat(r.integer(10, 20_000)) + 'a'.repeat(few(r)) + r.pick([')', '))']),
    alphabet: 'a',
  }),
  'deep groups': (r) => {
    const depth = r.integer(10, 5_000);
    return {
      source: `${'('.repeat(depth)}a${r.pick([')', ')*', ')?']).repeat(depth)}${r.pick(TAIL)}`,
      alphabet: 'a',
    };
  },
};

/** So many patterns of all families in turn. */
export function generateEvilPatterns(seed: number, count: number): EvilPattern[] {
  const random = new Random(seed);
  const families = Object.entries(FAMILIES);
  return Array.from({ length: count }, (_, i) => {
    const [family, make] = families[i % families.length] as [string, Family];
    return { family, ...make(random) };
  });
}
