// A program of its own: how fast a new detector in a new process reads its first texts. Arguments: the name of
// a set of entities, a seed, the share of prose. Prints FirstTextFigures as JSON.
import { generateBulk } from '../corpus/generate.ts';

export interface FirstTextFigures {
  readonly bytes: number;
  readonly ms: number;
  /** Of the very first text. */
  readonly firstTextMs: number;
}

const CHARACTERS = 1_000_000;

const [set = '', seed = '', plain = '0'] = process.argv.slice(2);
const texts = generateBulk(Number(seed), CHARACTERS, Number(plain));
const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
const { createDetector } = await import('#core/phi/detect.ts');
const { ENTITY_SETS, scanFor } = await import('./sets.ts');
const entities = ENTITY_SETS[set];
if (entities === undefined) throw new Error(`no set ${set}`);
const detector = createDetector();
const startMs = performance.now();
let firstMs = Number.NaN;
for (const text of texts) {
  scanFor(detector, entities, text);
  if (Number.isNaN(firstMs)) firstMs = performance.now();
}
const figures: FirstTextFigures = {
  bytes,
  ms: performance.now() - startMs,
  firstTextMs: firstMs - startMs,
};
process.stdout.write(JSON.stringify(figures));
