import { createDetector } from '#core/phi/detect.ts';
import { createMasker, type Masker } from '#core/phi/mask.ts';
import { quantile } from '../../load.ts';
import { generateDocuments, generatePositives } from '../corpus/generate.ts';
import { columns, type Table } from '../table.ts';
import { align } from './align.ts';

/** So many texts of each kind are enough for a stable 99th percentile. */
const TEXTS = 60;
/** About what models stream: a word with the space before it, a few digits, a sign. */
const TOKEN = / ?\p{L}{1,7}|\d{1,3}|[^\p{L}\d]/gu;
const SHOWN_CHARACTERS = 60;

type Cut = (text: string) => readonly string[];

const CUTS: Readonly<Record<string, Cut>> = {
  characters: (text) => [...text],
  tokens: (text) => text.match(TOKEN) ?? [],
};

/**
 * What the masker holds back while a text streams through it: after each piece, how many characters of source it
 * has been given that its output does not account for yet. A value for which the placeholder is out counts as
 * accounted for, and a length below zero, where a placeholder is out before its value has ended, as none.
 */
export function measureHoldBack(seed: number): Table[] {
  const masker = createMasker(createDetector(), { default: 'placeholder', entities: {} });
  const positives = generatePositives(seed + 201);
  const kinds = [...new Set(positives.map(({ kind }) => kind))];
  const texts = kinds.flatMap((name) =>
    positives.filter(({ kind }) => kind === name).slice(0, TEXTS / kinds.length),
  );
  const documents = generateDocuments(seed + 202, TEXTS);
  const rows = Object.entries(CUTS).flatMap(([cut, pieces]) => [
    row(
      `text in ${cut}`,
      watch(
        masker,
        'text',
        texts.map(({ text }) => text),
        pieces,
      ),
    ),
    row(`JSON in ${cut}`, watch(masker, 'json', documents, pieces)),
  ]);
  return [
    {
      title: 'characters held back after each piece, everything looked for',
      columns: columns(
        'stream',
        'pieces',
        'mean.1',
        'median',
        'p90',
        'p99',
        'max',
        'not aligned',
        'held at the most',
      ),
      rows,
    },
  ];
}

interface Watched {
  readonly held: readonly number[];
  /** Texts whose output could not be laid against the source. */
  readonly skipped: number;
  readonly most: string;
}

function watch(masker: Masker, kind: 'text' | 'json', texts: readonly string[], cut: Cut): Watched {
  const held: number[] = [];
  let [skipped, most] = [0, ''];
  for (const text of texts) {
    const whole = kind === 'json' ? masker.maskJson(text).text : masker.mask(text).text;
    const accounted = align(text, whole);
    if (accounted === undefined) {
      skipped += 1;
      continue;
    }
    const stream = kind === 'json' ? masker.jsonStream() : masker.stream();
    let [given, output] = [0, ''];
    for (const piece of cut(text)) {
      output += stream.push(piece);
      given += piece.length;
      const passed = accounted(output.length);
      held.push(Math.max(0, given - passed));
      if (given - passed > most.length) most = text.slice(passed, given);
    }
    if (output + stream.end() !== whole) throw new Error('a stream gave another text than the whole');
  }
  return { held, skipped, most };
}

function row(name: string, { held, skipped, most }: Watched): (string | number)[] {
  const mean = held.reduce((sum, value) => sum + value, 0) / held.length;
  const quantiles = [0.5, 0.9, 0.99].map((q) => quantile(held, q));
  const shown = JSON.stringify(most.slice(0, SHOWN_CHARACTERS));
  return [name, held.length, mean, ...quantiles, quantile(held, 1), skipped, shown];
}
