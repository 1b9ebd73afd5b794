import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Detector } from '#core/phi/detect.ts';
import { isEntityName } from '#core/phi/entities.ts';
import { createMasker, type FindingCounts, type Masker, type MaskPlan } from '#core/phi/mask.ts';
import { Numbering } from '#core/phi/replace/numbering.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { streamOf } from '#core/provider/openai/request/read-texts.ts';
import type { ModelRequest, PromptText } from '#core/provider/openai/request/request.ts';
import type { Lookahead } from '../detector/lookahead.ts';

/** What is scanned at a stretch: a large prompt must not keep everybody else's stream waiting. */
const TURN_CHARS = 256 * 1024;

/**
 * How much of each entity each of the texts holds, JSON as an answer's masker reads it. Lets others have their turn meanwhile. With
 * a lookahead the external detector's findings count too, and JSON is read as it stands.
 */
export async function countFindings(
  detector: Detector,
  texts: readonly PromptText[],
  look?: Lookahead,
): Promise<FindingCounts[]> {
  if (look === undefined) return countMasked(createMasker(detector, MASK_ALL), texts);
  // Each string of a JSON by itself would be a call of its own.
  const plain = texts.map(({ place, text }) => ({ place, text }));
  await countMasked(look.scout, plain);
  await look.answer();
  return countMasked(createMasker(look.detector, MASK_ALL), plain);
}

/** The findings in all of a request and in each of its lines, from those in its texts. */
export function addFindings(
  { texts, lines }: ModelRequest,
  counts: readonly FindingCounts[],
): {
  readonly findings: FindingCounts;
  readonly lineFindings: readonly FindingCounts[];
} {
  const byText =
    lines.length === 0 ? undefined : new Map(texts.map((text, index) => [text, counts[index] ?? {}]));
  return {
    findings: sum(counts),
    lineFindings: lines.map((line) => sum(line.texts.map((text) => byText?.get(text) ?? {}))),
  };
}

function sum(counts: readonly FindingCounts[]): FindingCounts {
  const total: FindingCounts = {};
  for (const each of counts) {
    for (const [entity, count] of Object.entries(each) as [keyof FindingCounts, number][]) {
      total[entity] = (total[entity] ?? 0) + count;
    }
  }
  return total;
}

/**
 * The findings once the policies' identifiers have changed: of those anew, of the catalogue as they were counted, the
 * external detector's among them.
 */
export async function recountFindings(
  detector: Detector,
  texts: readonly PromptText[],
  before: FindingCounts,
): Promise<FindingCounts> {
  if ([...detector.entities].every(isEntityName)) return before;
  const isOfCatalogue = ([name]: [string, number]) => isEntityName(name);
  const custom = Object.entries(sum(await countFindings(detector, texts))).filter(
    (entry) => !isOfCatalogue(entry),
  );
  return Object.fromEntries([...Object.entries(before).filter(isOfCatalogue), ...custom]);
}

/** How many different values of each entity the texts hold, up to 999. */
export async function countDistinct(
  detector: Detector,
  texts: readonly PromptText[],
): Promise<FindingCounts> {
  const numbering = new Numbering();
  // Nothing is made of the numbers, so the key matters to nobody else.
  const session = { key: randomBytes(KEY_BYTES), name: '', numbering, now: new Date() };
  const counts = await countMasked(createMasker(detector, NUMBER_ALL, session), texts);
  const names = Object.keys(sum(counts)) as (keyof FindingCounts)[];
  return Object.fromEntries(names.map((name) => [name, numbering.count(name)]));
}

const NUMBER_ALL: MaskPlan = { default: 'numbered', entities: {} };
const KEY_BYTES = 32;

async function countMasked(masker: Masker, texts: readonly PromptText[]): Promise<FindingCounts[]> {
  const counts: FindingCounts[] = [];
  let scanned = 0;
  for (const read of texts) {
    const { stream, text } = streamOf(masker, read);
    for (let at = 0; at < text.length; at += TURN_CHARS) {
      const chunk = text.slice(at, at + TURN_CHARS);
      stream.push(chunk);
      scanned += chunk.length;
      if (scanned < TURN_CHARS) continue;
      scanned = 0;
      await nextTurn();
    }
    stream.end();
    counts.push(stream.counts);
  }
  return counts;
}
