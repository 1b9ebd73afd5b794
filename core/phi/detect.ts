/*
 * The detector. `normalise/` makes the copy that is matched; `engine/` runs the rules over it as one pass; `rules/` are
 * patterns for codes and labels, `words/` reads names and places with the lists of `lexicon/`; `custom/` are the rules of
 * policies, `external/` another detector beside this one. `mask/` and `replace/` put something else in a value's place.
 */
import { Gate, setBit } from './engine/gate.ts';
import { type CompiledRule, compileRule, type Rule } from './engine/rule.ts';
import { Scan, type Track, type Tracks } from './engine/scan.ts';
import { ENTITIES, type EntityName } from './entities.ts';
import type { Finding } from './finding.ts';
import { isSpecial } from './normalise/normalise.ts';
import { SourceMap } from './normalise/source-map.ts';
import { CODE_RULES, WORD_RULES } from './rules/index.ts';
import { WORDS_RULE } from './words/rule.ts';

export type { Finding } from './finding.ts';

export interface Detector {
  /** All that it can find. */
  readonly entities: ReadonlySet<EntityName>;
  /** All findings of a text, in order and without overlap. */
  scan(text: string): Finding[];
  /**
   * A scan of a text that comes in chunks: what a masker works with.
   *
   * @param entities the ones to look for; a finding of another never hides one of these.
   * @param context what counts as standing before the text, such as its label.
   */
  open(entities: ReadonlySet<EntityName>, context?: string): Scan;
}

/** All the entities of the catalogue. */
export const ALL_ENTITIES: ReadonlySet<EntityName> = new Set(ENTITIES.map((entity) => entity.name));

/** A track on which nothing is found. */
export const NOTHING: Track = { gate: new Gate([]), rules: [], active: new Int32Array(0) };

/** A detector with the built-in rules. Pure, and usable by any number of texts and streams side by side. */
export function createDetector(): Detector {
  const labels = createTrack(CODE_RULES.filter(isLabelled).map(compileRule));
  const forms = createTrack(CODE_RULES.filter((rule) => !isLabelled(rule)).map(compileRule));
  const words = createTrack([...WORD_RULES.map(compileRule), WORDS_RULE]);
  const tracks = new WeakMap<ReadonlySet<EntityName>, Tracks>();
  const open = (entities: ReadonlySet<EntityName>, context?: string): Scan => {
    let active = tracks.get(entities);
    if (active === undefined) {
      active = { labels: labels(entities), forms: forms(entities), words: words(entities) };
      tracks.set(entities, active);
    }
    return new Scan(active, entities, context);
  };
  return { entities: ALL_ENTITIES, open, scan: (text) => scanWhole(open(ALL_ENTITIES), text) };
}

function isLabelled(rule: Rule): boolean {
  return rule.before !== undefined;
}

/** A track of the rules for whatever entities are looked for; they share one automaton. */
export function createTrack(rules: readonly CompiledRule[]): (entities: ReadonlySet<EntityName>) => Track {
  const gate = new Gate(rules);
  return (entities) => {
    const active = new Int32Array(gate.words);
    rules.forEach((rule, index) => {
      if (rule.entities.some((entity) => entities.has(entity))) setBit(active, index);
    });
    return active.some((word) => word !== 0) ? { gate, rules, active } : NOTHING;
  };
}

/** All findings of a whole text; places are those of the text as it is, the scan sees it normalised. */
export function scanWhole(scan: Scan, text: string): Finding[] {
  if (!isSpecial(text)) {
    scan.push(text);
    scan.end();
    return [...scan.take()];
  }
  const map = new SourceMap();
  scan.push(map.plain(text));
  scan.end();
  return scan
    .take()
    .map((found) => ({ ...found, start: map.startOf(found.start), end: map.endOf(found.end) }));
}
