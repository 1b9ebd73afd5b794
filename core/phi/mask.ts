import type { Detector } from './detect.ts';
import type { EntityName } from './entities.ts';
import type { FindingCounts } from './finding.ts';
import { Channel } from './mask/channel.ts';
import { JsonMasker } from './mask/json.ts';
import { labelOf } from './mask/label.ts';
import type { MaskStream } from './mask/mask-stream.ts';
import type { OffsetMap } from './mask/offset-map.ts';
import type { MaskSession } from './replace/choice.ts';
import { createReplacer, type MaskPlan, methodOf, type Replacer } from './replace/replace.ts';
import type { Column } from './table/heading.ts';
import { withColumn } from './table/scan.ts';
import type { TextScan } from './text-scan.ts';

export { addCounts, type FindingCounts } from './finding.ts';
export type { MaskStream } from './mask/mask-stream.ts';
export { OffsetMap, type Side } from './mask/offset-map.ts';
export type { MaskMethod, MaskSession } from './replace/choice.ts';
export type { MaskPlan } from './replace/replace.ts';

export interface MaskedText {
  readonly text: string;
  readonly counts: FindingCounts;
}

/** Each method tells `offsets`, a new map, what it replaces, as soon as it puts it out. */
export interface Masker {
  /** Masks a whole text: the same as `stream()` gives, however the text is cut. */
  mask(text: string, offsets?: OffsetMap): MaskedText;
  /**
   * Masks a JSON document, such as the arguments of a tool: its strings and keys are matched decoded, and a
   * value as if its key stood before it. What is not a finding stays byte for byte; valid JSON stays valid, as
   * do several documents in a row (JSON Lines), and what is not JSON is masked as text. The same as `jsonStream()` gives.
   */
  maskJson(text: string, offsets?: OffsetMap): MaskedText;
  /** @param key under which the text stands, where that says what it is. */
  stream(offsets?: OffsetMap, key?: string): MaskStream;
  jsonStream(offsets?: OffsetMap): MaskStream;
}

/**
 * What of all that the detector can find the plan masks. Where that is everything it is the detector's own set: what is made
 * ready for a set is found again by that set, and most texts are read for all entities.
 */
export function maskedEntities(detector: Detector, plan: MaskPlan): ReadonlySet<EntityName> {
  const masked = Array.from(detector.entities).filter((name) => methodOf(plan, name) !== 'none');
  return masked.length === detector.entities.size ? detector.entities : new Set(masked);
}

/**
 * A masker that does what the plan says. An error of the detector passes through: no text is returned then.
 * @param session without it the choices that need one put the placeholder
 * @param keys of JSON that stay as they are
 */
export function createMasker(
  detector: Detector,
  plan: MaskPlan,
  session?: MaskSession,
  keys = NO_KEYS,
): Masker {
  return createReplacing(detector, maskedEntities(detector, plan), createReplacer(plan, session), keys);
}

const NO_KEYS: ReadonlySet<string> = new Set();

/** A masker that has everything of these entities replaced by the given replacer, but for these keys of JSON. */
export function createReplacing(
  detector: Detector,
  entities: ReadonlySet<EntityName>,
  replacer: Replacer,
  keys = NO_KEYS,
): Masker {
  const stream = (offsets?: OffsetMap, key = ''): MaskStream => {
    const counts: FindingCounts = {};
    const context = key === '' ? undefined : labelOf('', key);
    const channel = new Channel(detector.open(entities, context), counts, replacer, offsets);
    return {
      counts,
      push: (chunk) => {
        channel.plain(chunk);
        return channel.flush();
      },
      end: () => channel.end(),
    };
  };
  const open = (context: string, column?: Column): TextScan => {
    const scan = detector.open(entities, context);
    return column !== undefined && entities.has(column.entity) ? withColumn(scan, column) : scan;
  };
  const jsonStream = (offsets?: OffsetMap): MaskStream => new JsonMasker(open, replacer, keys, offsets);
  const whole = (masking: MaskStream, text: string): MaskedText => ({
    text: masking.push(text) + masking.end(),
    counts: masking.counts,
  });
  return {
    mask: (text, offsets) => whole(stream(offsets), text),
    maskJson: (text, offsets) => whole(jsonStream(offsets), text),
    stream,
    jsonStream,
  };
}
