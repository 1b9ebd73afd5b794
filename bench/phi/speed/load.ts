// A program of its own: what it costs to load the detector. Prints LoadFigures as JSON.

/** Milliseconds, and bytes that were added after the process had started. */
export interface LoadFigures {
  readonly importMs: number;
  readonly createMs: number;
  /** Of one short text, which may load what the detector puts off. */
  readonly firstTextMs: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly bufferBytes: number;
}

const TEXT = 'Patient: Maria Beispiel, seen by Dr. Muster in Springfield on 3/4/2024, MRN 00482913.';

globalThis.gc?.();
const before = process.memoryUsage();
const startMs = performance.now();
const { createDetector } = await import('#core/phi/detect.ts');
const importedMs = performance.now();
const detector = createDetector();
const createdMs = performance.now();
const found = detector.scan(TEXT).length;
const scannedMs = performance.now();
globalThis.gc?.();
const after = process.memoryUsage();
if (found === 0) throw new Error('the detector found nothing');
const figures: LoadFigures = {
  importMs: importedMs - startMs,
  createMs: createdMs - importedMs,
  firstTextMs: scannedMs - createdMs,
  rssBytes: after.rss - before.rss,
  heapBytes: after.heapUsed - before.heapUsed,
  bufferBytes: after.arrayBuffers - before.arrayBuffers,
};
process.stdout.write(JSON.stringify(figures));
