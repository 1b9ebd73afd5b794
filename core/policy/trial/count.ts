import type { Detector } from '#core/phi/detect.ts';
import { createMasker, type FindingCounts, type MaskPlan } from '#core/phi/mask.ts';
import { Numbering } from '#core/phi/replace/numbering.ts';
import { MASK_ALL } from '../mask.ts';

const NUMBER_ALL: MaskPlan = { default: 'numbered', entities: {} };
/** Numbers are counted here and go nowhere. */
const ANY_KEY = new Uint8Array(32);

/** How much of each entity texts have. */
export function countFindings(detector: Detector, texts: readonly string[]): FindingCounts {
  const masker = createMasker(detector, MASK_ALL);
  const total: FindingCounts = {};
  for (const text of texts) {
    for (const [entity, found] of Object.entries(masker.mask(text).counts) as [
      keyof FindingCounts,
      number,
    ][]) {
      total[entity] = (total[entity] ?? 0) + found;
    }
  }
  return total;
}

/** How many different values of each entity texts have, up to 999. */
export function countDistinct(detector: Detector, texts: readonly string[], nowMs: number): FindingCounts {
  const numbering = new Numbering();
  const session = { key: ANY_KEY, name: '', numbering, now: new Date(nowMs) };
  const masker = createMasker(detector, NUMBER_ALL, session);
  const names = new Set(texts.flatMap((text) => Object.keys(masker.mask(text).counts))) as Set<
    keyof FindingCounts
  >;
  return Object.fromEntries(Array.from(names, (name) => [name, numbering.count(name)]));
}
