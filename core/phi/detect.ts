/*
 * The detector. `normalise/` makes the copy that is matched; `engine/` runs the rules over it as one pass; `rules/` are
 * patterns for codes and labels; `judge/` is a model that finds names and places by their words and what stands around
 * them, with the lists of `lexicon/`, and drops what rules are not sure of. `compiled/` has the patterns of the rules and the
 * words of the lists ready made. `table/` reads what the headings of columns say of cells. `custom/` are the rules of policies,
 * `external/` another detector beside this one. `mask/` and `replace/` put something else in a value's place.
 */
import { keptPatterns } from './compiled/patterns.ts';
import { Plan } from './engine/plan.ts';
import type { Rule } from './engine/rule/rule.ts';
import { Scan } from './engine/scan.ts';
import type { Search } from './engine/search.ts';
import { NOTHING, OTHER, UNWANTED, WANTED } from './engine/settlements.ts';
import { TokenMemo } from './engine/tokens/memo.ts';
import { ENTITIES, type EntityName } from './entities.ts';
import type { Finding } from './finding.ts';
import { JudgedScan } from './judge/judged-scan.ts';
import { modelWeights } from './judge/model.ts';
import type { Weights } from './judge/weights.ts';
import { nextEscape } from './normalise/escapes.ts';
import { isSpecial } from './normalise/normalise.ts';
import { SourceMap } from './normalise/source-map.ts';
import { CODE_RULES, RULES, WORDS } from './rules/index.ts';
import { withTables } from './table/scan.ts';
import type { TextScan, WatchingScan } from './text-scan.ts';

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
  open(entities: ReadonlySet<EntityName>, context?: string): TextScan;
}

/** A detector that can tell as well what is not looked for. */
export interface RuleDetector extends Detector {
  /** As `open`, and `takeOthers` of the scan tells the findings of all other entities, and what is no identifier. */
  watch(entities: ReadonlySet<EntityName>, context?: string): WatchingScan;
}

/** All the entities of the catalogue. */
export const ALL_ENTITIES: ReadonlySet<EntityName> = new Set(ENTITIES.map((entity) => entity.name));

const NO_RULES: readonly Rule[] = [];

/**
 * A detector with the built-in rules. Where people, places and organisations are looked for, a model judges what the rules
 * find and adds what they do not. Pure, and usable by any number of texts and streams side by side.
 *
 * @param weights of another model than the one that comes with this
 */
export function createDetector(weights?: Weights): Detector {
  const rules = createRuleDetector();
  const open: Detector['open'] = (entities, context) => {
    if (!asksForWords(entities)) return withTables(rules.open(entities, context), entities);
    const watching = rules.watch(entities, context);
    return withTables(new JudgedScan(watching, weights ?? modelWeights(), entities, context), entities);
  };
  return { entities: ALL_ENTITIES, open, scan: (text) => scanWhole(open(ALL_ENTITIES), text) };
}

/** A detector with the built-in rules alone. */
export function createRuleDetector(): RuleDetector {
  const opened = new WeakMap<ReadonlySet<EntityName>, Search>();
  const watched = new WeakMap<ReadonlySet<EntityName>, Search>();
  const plans = new Map<readonly Rule[], Pick<Search, 'plan' | 'memo'>>();
  const planFor = (entities: ReadonlySet<EntityName>): Pick<Search, 'plan' | 'memo'> => {
    const rules = rulesFor(entities);
    const known = plans.get(rules);
    if (known !== undefined) return known;
    const plan = new Plan(rules, keptPatterns(rules));
    const made = { plan, memo: new TokenMemo(plan) };
    plans.set(rules, made);
    return made;
  };
  const searchFor = (entities: ReadonlySet<EntityName>, rest: number): Search => {
    const searches = rest === OTHER ? watched : opened;
    const known = searches.get(entities);
    if (known !== undefined) return known;
    const { plan, memo } = planFor(rest === OTHER ? ALL_ENTITIES : entities);
    const kinds = Uint8Array.from(plan.rules, ({ entity, nothing }) => {
      if (nothing) return NOTHING;
      return entities.has(entity) ? WANTED : rest;
    });
    const search: Search = { plan, memo, kinds, hasOthers: rest === OTHER };
    searches.set(entities, search);
    return search;
  };
  const open = (entities: ReadonlySet<EntityName>, context?: string): TextScan =>
    new Scan(searchFor(entities, UNWANTED), context);
  const watch = (entities: ReadonlySet<EntityName>, context?: string): WatchingScan =>
    new Scan(searchFor(entities, OTHER), context);
  return { entities: ALL_ENTITIES, open, watch, scan: (text) => scanWhole(open(ALL_ENTITIES), text) };
}

/** Whether anything is looked for that no form gives away. */
function asksForWords(entities: ReadonlySet<EntityName>): boolean {
  return WORDS.some((entity) => entities.has(entity));
}

/** The smallest of a few sets of rules that has all for these entities: each needs automata of its own. */
function rulesFor(entities: ReadonlySet<EntityName>): readonly Rule[] {
  if (asksForWords(entities)) return RULES;
  return CODE_RULES.some(({ entity }) => entities.has(entity)) ? CODE_RULES : NO_RULES;
}

/** All findings of a whole text; places are those of the text as it is, the scan sees it normalised. */
export function scanWhole(scan: TextScan, text: string): Finding[] {
  if (!isSpecial(text) && nextEscape(text, 0) < 0) {
    scan.push(text);
    scan.end();
    return [...scan.take()];
  }
  const map = new SourceMap();
  scan.push(map.plain(text));
  scan.end();
  const findings: Finding[] = [];
  let from = 0;
  for (const found of scan.take()) {
    const start = Math.max(from, map.startOf(found.start));
    const end = map.endOf(found.end);
    // It lies in the one character of the source in which the finding before it ends.
    if (end <= start) continue;
    findings.push({ ...found, start, end });
    from = end;
  }
  return findings;
}
