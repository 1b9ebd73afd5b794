import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { readCorpus } from '../corpus/read.ts';

const CORPUS = new URL('../corpus/', import.meta.url).pathname;
/** The goals; the rules by themselves find half, and flag 3 %. */
const LEAST_RECALL = 0.98;
const MOST_FLAGGED = 0.15;
const detector = createDetector();

test('of texts to which nothing is fitted', () => {
  let [found, spans, flagged, negatives] = [0, 0, 0, 0];
  const names = readdirSync(CORPUS).filter((name) => name.startsWith('held-out'));
  for (const { kind, text, spans: marked } of names.flatMap((name) => readCorpus(CORPUS + name))) {
    const findings = detector.scan(text);
    if (kind === 'negative') {
      negatives += 1;
      if (findings.length > 0) flagged += 1;
    }
    spans += marked.length;
    found += marked.filter((mark) =>
      findings.some(({ start, end }) => start < mark.end && end > mark.start),
    ).length;
  }
  expect(found / spans).toBeGreaterThan(LEAST_RECALL);
  expect(flagged / negatives).toBeLessThan(MOST_FLAGGED);
});
