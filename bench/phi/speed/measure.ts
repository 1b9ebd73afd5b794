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

/** Megabytes a second over texts that do not repeat, warm and cold, and what loading the detector costs. */
export async function measureSpeed(seed: number): Promise<Table[]> {
  const warmUp = generateBulk(seed + 101, WARM_UP_CHARACTERS);
  const rounds = Array.from({ length: ROUNDS }, (_, i) => generateBulk(seed + 110 + i, ROUND_CHARACTERS));
  const rows: (string | number)[][] = [];
  for (const [name, entities] of Object.entries(ENTITY_SETS)) {
    // Each works with a detector of its own, which has read none of the texts yet.
    const [scanning, masking] = [createDetector(), createMaskerFor(createDetector(), entities)];
    const cold = await firstTexts(name, seed + 103);
    rows.push([
      name,
      warmRate(warmUp, rounds, (text) => scanFor(scanning, entities, text)),
      warmRate(warmUp, rounds, (text) => masking.mask(text)),
      perSecond(cold.bytes, cold.ms),
      cold.firstTextMs,
      cold.firstTextCharacters,
    ]);
  }
  return [
    {
      title: `speed over ${ROUNDS} times ${(bytesOf(rounds[0] ?? []) / BYTES_PER_MB).toFixed(1)} MB of texts, none like another`,
      columns: columns(
        'looked for',
        ...['warm scan MB/s.1', 'warm mask MB/s.1', 'cold scan of the first MB, MB/s.1'],
        ...['first text ms.2', 'its characters'],
      ),
      rows,
    },
    await loadTable(),
  ];
}

function warmRate(
  warmUp: readonly string[],
  rounds: readonly (readonly string[])[],
  work: (text: string) => unknown,
): number {
  const warmUpEndMs = performance.now() + WARM_UP_MS;
  for (const text of warmUp) {
    work(text);
    if (performance.now() > warmUpEndMs) break;
  }
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

async function firstTexts(set: string, seed: number): Promise<FirstTextFigures> {
  const runs: FirstTextFigures[] = [];
  for (let i = 0; i < FRESH_PROCESSES; i++) {
    runs.push((await runFresh('first-texts.ts', [set, String(seed + i)])) as FirstTextFigures);
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
