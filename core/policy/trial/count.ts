import type { Detector } from '#core/phi/detect.ts';
import { createMasker, type FindingCounts, type Masker, type MaskPlan } from '#core/phi/mask.ts';
import { Numbering } from '#core/phi/replace/numbering.ts';
import { type PromptText, streamOf } from '#core/provider/openai/request/read-texts.ts';
import { isJsonText } from '#core/provider/openai/structure.ts';
import { MASK_ALL } from '../mask.ts';

const NUMBER_ALL: MaskPlan = { default: 'numbered', entities: {} };
/** Numbers are counted here and go nowhere. */
const ANY_KEY = new Uint8Array(32);

/** How much of each entity the texts of a prompt have. */
export function countFindings(detector: Detector, texts: readonly PromptText[]): FindingCounts {
  return sum(countEach(createMasker(detector, MASK_ALL), texts));
}

function countEach(masker: Masker, texts: readonly PromptText[]): FindingCounts[] {
  return texts.map((read) => {
    const { stream, text } = streamOf(masker, read);
    stream.push(text);
    stream.end();
    return stream.counts;
  });
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
export function countDistinct(
  detector: Detector,
  texts: readonly PromptText[],
  nowMs: number,
): FindingCounts {
  const numbering = new Numbering();
  const session = { key: ANY_KEY, name: '', numbering, now: new Date(nowMs) };
  const masker = createMasker(detector, NUMBER_ALL, session);
  const names = Object.keys(sum(countEach(masker, texts))) as (keyof FindingCounts)[];
  return Object.fromEntries(names.map((name) => [name, numbering.count(name)]));
}
