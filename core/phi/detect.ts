import { ENTITIES, type EntityName } from './entities.ts';
import type { Finding } from './finding.ts';
import { Gate } from './gate.ts';
import { isSpecial } from './normalise.ts';
import { type CompiledRule, compileRule } from './rule.ts';
import { RULES } from './rules/index.ts';
import { Scan } from './scan.ts';
import { SourceMap } from './source-map.ts';

export type { Finding } from './finding.ts';

export interface Detector {
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

/** A detector with the built-in rules. Pure, and usable by any number of texts and streams side by side. */
export function createDetector(): Detector {
  const rules = RULES.map(compileRule);
  const gate = new Gate(rules);
  const flags = new WeakMap<ReadonlySet<EntityName>, Uint8Array>();
  const open = (entities: ReadonlySet<EntityName>, context?: string): Scan => {
    let active = flags.get(entities);
    if (active === undefined) {
      active = flagsOf(rules, entities);
      flags.set(entities, active);
    }
    return new Scan(gate, rules, active, context);
  };
  return { open, scan: (text) => scanWhole(open(ALL_ENTITIES), text) };
}

function scanWhole(scan: Scan, text: string): Finding[] {
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

function flagsOf(rules: readonly CompiledRule[], entities: ReadonlySet<EntityName>): Uint8Array {
  return Uint8Array.from(rules, (rule) => (entities.has(rule.entity) ? 1 : 0));
}
