import { PatternError } from '#core/pattern/error.ts';
import { checkPattern, createPatternSet } from '#core/pattern/set.ts';
import { Random } from '../corpus/random.ts';
import { columns, type Table } from '../table.ts';
import { measurePace } from './pace.ts';
import { type EvilPattern, generateEvilPatterns } from './patterns.ts';

const PATTERNS = 1_000;
const TEXT_CHARACTERS = 1_000_000;
/** What a pattern may cost: the target of the design. */
const TARGET_MS_PER_MB = 50;
const SHOWN = 10;
const SHOWN_CHARACTERS = 60;

interface Outcome extends EvilPattern {
  /** What it took to accept or reject it. */
  readonly compileMs: number;
  /** NaN when it was rejected. */
  readonly msPerMb: number;
}

/** What becomes of patterns that an administrator should not have written: rejected, or how slow. */
export function measureEvilPatterns(seed: number): Table[] {
  const texts = new Map<string, string>();
  const outcomes = generateEvilPatterns(seed + 301, PATTERNS).map((pattern): Outcome => {
    const { alphabet, source } = pattern;
    const text = texts.get(alphabet) ?? new Random(9).string(TEXT_CHARACTERS, alphabet);
    texts.set(alphabet, text);
    const startMs = performance.now();
    const set = compile(source);
    const compileMs = performance.now() - startMs;
    const msPerMb = set === undefined ? Number.NaN : measurePace(text, (part) => set.search(part));
    return { ...pattern, compileMs, msPerMb };
  });
  const ran = outcomes.filter(({ msPerMb }) => !Number.isNaN(msPerMb)).sort((a, b) => b.msPerMb - a.msPerMb);
  return [familyTable(outcomes), worstTable(ran)];
}

/** Undefined for a pattern that is rejected, as it should be: with an error that says where. */
function compile(source: string): ReturnType<typeof createPatternSet> | undefined {
  try {
    checkPattern(source);
    return createPatternSet([source]);
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
}

function familyTable(outcomes: readonly Outcome[]): Table {
  const families = [...new Set(outcomes.map(({ family }) => family)), 'ALL'];
  return {
    title: `${outcomes.length} evil patterns: rejected, or run over a million characters (of slow ones over a part, and the rest reckoned)`,
    columns: columns(
      'family',
      'patterns',
      'rejected',
      'run',
      `over ${TARGET_MS_PER_MB} ms`,
      'worst ms.1',
      'worst compile ms.1',
    ),
    rows: families.map((name) => {
      const members = outcomes.filter(({ family }) => family === name || name === 'ALL');
      const times = members.map(({ msPerMb }) => msPerMb).filter((ms) => !Number.isNaN(ms));
      return [
        name,
        members.length,
        members.length - times.length,
        times.length,
        times.filter((ms) => ms > TARGET_MS_PER_MB).length,
        times.length === 0 ? Number.NaN : Math.max(...times),
        Math.max(...members.map(({ compileMs }) => compileMs)),
      ];
    }),
  };
}

function worstTable(ran: readonly Outcome[]): Table {
  return {
    title: `the ${SHOWN} slowest of them`,
    columns: columns('pattern', 'family', 'ms.1'),
    rows: ran
      .slice(0, SHOWN)
      .map(({ source, family, msPerMb }) => [source.slice(0, SHOWN_CHARACTERS), family, msPerMb]),
  };
}
