import type { Detector } from '#core/phi/detect.ts';
import { createMasker, type FindingCounts, type MaskPlan } from '#core/phi/mask.ts';
import { Numbering } from '#core/phi/replace/numbering.ts';
import { isJsonText } from '#core/provider/openai/structure.ts';
import { MASK_ALL } from '../mask.ts';

const NUMBER_ALL: MaskPlan = { default: 'numbered', entities: {} };
/** Numbers are counted here and go nowhere. */
const ANY_KEY = new Uint8Array(32);

/** How much of each entity the texts of a prompt have. */
export function countFindings(detector: Detector, texts: readonly string[]): FindingCounts {
  const masker = createMasker(detector, MASK_ALL);
  return sum(texts.map((text) => masker.mask(text).counts));
}

/** How much of each entity is in texts that were delivered, read as the masker of answers reads them. */
export function countDelivered(detector: Detector, texts: readonly string[]): FindingCounts {
  const masker = createMasker(detector, MASK_ALL);
  return sum(texts.map((text) => (isJsonText('', text) ? masker.maskJson(text) : masker.mask(text)).counts));
}

function sum(counts: readonly FindingCounts[]): FindingCounts {
  const total: FindingCounts = {};
  for (const each of counts) {
    for (const [entity, found] of Object.entries(each) as [keyof FindingCounts, number][]) {
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
