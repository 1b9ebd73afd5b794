// Fits the model of core/phi/judge to labelled texts: `npm run phi:train` writes its weights; with `-- --folds` it writes
// nothing, and prints what models that were fitted without a file find in that file.
import { readdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createDetector, createRuleDetector, type Detector } from '#core/phi/detect.ts';
import { Weights } from '#core/phi/judge/weights.ts';
import { type LabelledText, readCorpus, readMarks } from '../../../test/core/phi/corpus/read.ts';
import { FOUND, NOTHING } from '../../../test/core/phi/lines/all.ts';
import { generateNegatives } from '../corpus/generate.ts';
import { Random } from '../corpus/random.ts';
import { examplesOf, withoutRare } from './examples.ts';
import { type Fitted, fitModel } from './fit.ts';
import { pack } from './pack.ts';

const CORPUS = new URL('../../../test/core/phi/corpus/', import.meta.url).pathname;
const TEXTS = new URL('./texts/', import.meta.url).pathname;
const WEIGHTS = new URL('../../../core/phi/judge/weights.json', import.meta.url).pathname;
/** Read by nobody, and nothing is fitted to them. */
const HELD_OUT = /^held-out/;
const SEED = 20_261_126;
/** What clients and providers send around texts. */
const PROTOCOL = 'protocol.jsonl';
/** Texts that were made to say what is right are few, and not to be outvoted. */
const WORTH_OF_MADE = 8;
/** Technical prose and source code: no identifier in it, and nothing medical either. */
const PROSE = 'prose.jsonl';
/** Many, and much alike. */
const WORTH_OF_GENERATED = 0.3;
/** Of the corpora that rules were written for, so many findings of rules are left out. */
const FORGOTTEN = 0.25;
const MODELS = 4;
const FOLDS = 4;

interface File {
  readonly name: string;
  readonly isTuned: boolean;
  /** How much its texts count. */
  readonly worth: number;
  readonly texts: readonly LabelledText[];
}

function filesOf(folder: string, isTuned: boolean): File[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl') && !HELD_OUT.test(name))
    .sort()
    .map((name) => {
      const isMade = name === PROTOCOL;
      const worth = isMade ? WORTH_OF_MADE : 1;
      return { name, isTuned: isTuned || isMade || name === PROSE, worth, texts: readCorpus(folder + name) };
    });
}

/** The lines of the detector's tests. */
function readLines(): LabelledText[] {
  const found = FOUND.map((line, i) => {
    const marked = line.replaceAll(/⟦([A-Z_]+):([^⟧]*)⟧/g, '{{$1|$2}}');
    return { id: `found-${i}`, kind: 'text', ...readMarks(`found-${i}`, marked) };
  });
  return [...found, ...NOTHING.map((text, i) => ({ id: `nothing-${i}`, kind: 'negative', text, spans: [] }))];
}

/** The mean of several models, each with other findings forgotten and in another order: it errs less than any of them. */
function fitTo(files: readonly File[], rules: Detector): ReturnType<typeof pack> {
  const mean = fitOne(files, rules, SEED);
  for (let model = 1; model < MODELS; model++) {
    fitOne(files, rules, SEED + model).forEach((weight, i) => {
      mean[i] = (mean[i] as number) + weight;
    });
  }
  return pack(mean.map((weight) => weight / MODELS));
}

function fitOne(files: readonly File[], rules: Detector, seed: number): Fitted {
  const random = new Random(seed);
  const examples = files.flatMap(({ texts, isTuned, worth }) =>
    examplesOf(texts, rules, () => isTuned && random.chance(FORGOTTEN), worth),
  );
  return fitModel(withoutRare(examples), seed);
}

/** How many identifiers are found, of how many; how many negative texts are flagged, of how many. */
type Sums = [number, number, number, number];
const newSums = (): Sums => [0, 0, 0, 0];

/** Adds to the first, and returns the second. */
function addSums(all: Sums, more: Sums): Sums {
  more.forEach((sum, i) => {
    all[i as 0] += sum;
  });
  return more;
}

function measure(detector: Detector, texts: readonly LabelledText[]): Sums {
  const sums = newSums();
  for (const { kind, text, spans } of texts) {
    const found = detector.scan(text);
    if (kind === 'negative') {
      sums[3] += 1;
      if (found.length > 0) sums[2] += 1;
    }
    for (const span of spans) {
      sums[1] += 1;
      if (found.some(({ start, end }) => start < span.end && end > span.start)) sums[0] += 1;
    }
  }
  return sums;
}

function show(name: string, [found, spans, flagged, negatives]: Sums): void {
  const percent = (part: number, of: number): string =>
    ((100 * part) / Math.max(1, of)).toFixed(1).padStart(5);
  print(
    `${name.padEnd(20)} recall ${percent(found, spans)} of ${String(spans).padStart(4)}  flagged ${percent(flagged, negatives)} of ${negatives}`,
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const { values } = parseArgs({ options: { folds: { type: 'boolean', default: false } } });
const rules = createRuleDetector();
// Other ones than those that figures are measured on.
const generated = {
  name: 'generated',
  isTuned: true,
  worth: WORTH_OF_GENERATED,
  texts: generateNegatives(SEED),
};
const lines = { name: 'lines', isTuned: true, worth: WORTH_OF_MADE, texts: readLines() };
const files: readonly File[] = [...filesOf(CORPUS, true), ...filesOf(TEXTS, false), lines, generated];
if (values.folds) {
  const before = newSums();
  const after = newSums();
  const unseen = files.filter(({ isTuned }) => !isTuned);
  for (let fold = 0; fold < FOLDS; fold++) {
    const tested = unseen.filter((_, i) => i % FOLDS === fold);
    const others = files.filter((file) => !tested.includes(file));
    const detector = createDetector(new Weights(fitTo(others, rules)));
    for (const { name, texts } of tested) {
      show(`${name} rules`, addSums(before, measure(rules, texts)));
      show(name, addSums(after, measure(detector, texts)));
    }
  }
  show('all rules', before);
  show('all', after);
} else {
  const { kept, ...packed } = fitTo(files, rules);
  writeFileSync(WEIGHTS, `${JSON.stringify(packed, null, 2)}\n`);
  print(`${kept} rows, ${packed.rows.length} characters`);
  const detector = createDetector(new Weights(packed));
  for (const name of readdirSync(CORPUS).filter((name) => HELD_OUT.test(name))) {
    const texts = readCorpus(CORPUS + name);
    show(`${name} rules`, measure(rules, texts));
    show(name, measure(detector, texts));
  }
}
