import { createDetector, type Detector } from '#core/phi/detect.ts';
import { ENTITIES, type EntityName } from '#core/phi/entities.ts';
import { createMasker, type Masker, type MaskMethod } from '#core/phi/mask.ts';
import { quantile } from '../../load.ts';
import { generateBulk } from '../corpus/generate.ts';
import { columns, type Table } from '../table.ts';
import type { FirstTextFigures } from './first-texts.ts';
import { runFresh } from './fresh.ts';
import type { LoadFigures } from './load.ts';
import { ENTITY_SETS, scanFor } from './sets.ts';

const BYTES_PER_MB = 1_000_000;
/** So much text, or time, until what is made when it is first needed is there: the curve is flat from then on. */
const WARM_UP_CHARACTERS = 7_000_000;
const WARM_UP_MS = 3_000;
/** Rounds over other texts; the median counts, since a shared machine may stand still in one. */
const ROUNDS = 5;
const ROUND_CHARACTERS = 600_000;
const MAX_ROUNDS_MS = 2_000;
/** A process may start at a bad moment: of so many the median counts. */
const FRESH_PROCESSES = 3;

/**
 * What is read, by the share of it that is prose without identifiers. Records of the i2b2 corpus of 2014 have 22 identifiers
 * in 617 words (28,872 in 1,304 records: Stubbs and Uzuner, J Biomed Inform 58, 2015), 6 or 7 in a thousand characters.
 */
const TEXTS: Readonly<Record<string, number>> = { 'full of identifiers': 0, 'as notes are': 0.75, prose: 1 };

/** Megabytes a second over texts that do not repeat, warm and cold, and what loading the detector costs. */
export async function measureSpeed(seed: number): Promise<Table[]> {
  const warmUp = generateBulk(seed + 101, WARM_UP_CHARACTERS);
  const rows: (string | number)[][] = [];
  for (const [name, entities] of Object.entries(ENTITY_SETS)) {
    // Each works with a detector of its own, which has read none of the texts yet.
    const detector = createDetector();
    const masker = createMaskerFor(createDetector(), entities);
    const scan = (text: string) => scanFor(detector, entities, text);
    const mask = (text: string) => masker.mask(text);
    for (const work of [scan, mask]) warm(warmUp, work);
    for (const [kind, plain] of Object.entries(TEXTS)) {
      const rounds = Array.from({ length: 2 * ROUNDS }, (_, i) =>
        generateBulk(seed + 110 + i, ROUND_CHARACTERS, plain),
      );
      let found = 0;
      let characters = 0;
      const scanned = rateOf(rounds.slice(0, ROUNDS), (text) => {
        found += scan(text);
        characters += text.length;
      });
      const masked = rateOf(rounds.slice(ROUNDS), mask);
      const cold = await firstTexts(name, seed + 103, plain);
      const coldRate = perSecond(cold.bytes, cold.ms);
      rows.push([
        `${name}: ${kind}`,
        (1000 * found) / characters,
        scanned,
        masked,
        coldRate,
        cold.firstTextMs,
      ]);
    }
  }
  return [
    {
      title: `speed over ${ROUNDS} times ${ROUND_CHARACTERS / BYTES_PER_MB} MB of texts, none like another`,
      columns: columns(
        'looked for, in texts',
        ...['found in 1000 characters.1', 'warm scan MB/s.1', 'warm mask MB/s.1'],
        ...['cold scan of the first MB, MB/s.1', 'first text ms.2'],
      ),
      rows,
    },
    await loadTable(),
  ];
}

function warm(texts: readonly string[], work: (text: string) => unknown): void {
  const endMs = performance.now() + WARM_UP_MS;
  for (const text of texts) {
    work(text);
    if (performance.now() > endMs) return;
  }
}

function rateOf(rounds: readonly (readonly string[])[], work: (text: string) => unknown): number {
  const rates: number[] = [];
  const endMs = performance.now() + MAX_ROUNDS_MS;
  for (const texts of rounds) {
    const startMs = performance.now();
    for (const text of texts) work(text);
    rates.push(perSecond(bytesOf(texts), performance.now() - startMs));
    if (performance.now() > endMs) break;
  }
  return quantile(rates, 0.5);
}

function createMaskerFor(detector: Detector, entities: ReadonlySet<EntityName>): Masker {
  const methods = ENTITIES.map(({ name }): [EntityName, MaskMethod] => [
    name,
    entities.has(name) ? 'placeholder' : 'none',
  ]);
  return createMasker(detector, { default: 'placeholder', entities: Object.fromEntries(methods) });
}

async function firstTexts(set: string, seed: number, plain: number): Promise<FirstTextFigures> {
  const runs: FirstTextFigures[] = [];
  for (let i = 0; i < FRESH_PROCESSES; i++) {
    runs.push((await runFresh('first-texts.ts', [set, String(seed + i), String(plain)])) as FirstTextFigures);
  }
  return middle(runs, ({ bytes, ms }) => ms / bytes);
}

async function loadTable(): Promise<Table> {
  const runs: LoadFigures[] = [];
  for (let i = 0; i < FRESH_PROCESSES; i++) runs.push((await runFresh('load.ts', [])) as LoadFigures);
  const { importMs, createMs, firstTextMs, rssBytes, heapBytes, bufferBytes } = middle(
    runs,
    (figures) => figures.importMs + figures.createMs,
  );
  return {
    title: 'loading the detector in a process of its own',
    columns: columns(
      ...['', 'import ms.1', 'createDetector ms.1', 'both ms.1', 'first text ms.1'],
      ...['RSS added MB.1', 'heap added MB.1', 'buffers added MB.1'],
    ),
    rows: [
      [
        'detector',
        ...[importMs, createMs, importMs + createMs, firstTextMs],
        ...[rssBytes, heapBytes, bufferBytes].map((bytes) => bytes / BYTES_PER_MB),
      ],
    ],
  };
}

/** The run that is the middle one by a figure. */
function middle<T>(runs: readonly T[], figure: (run: T) => number): T {
  const run = [...runs].sort((a, b) => figure(a) - figure(b))[Math.floor(runs.length / 2)];
  if (run === undefined) throw new Error('no run');
  return run;
}

function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function perSecond(bytes: number, ms: number): number {
  return bytes / BYTES_PER_MB / (ms / 1000);
}
