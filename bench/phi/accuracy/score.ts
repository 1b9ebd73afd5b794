import type { Detector, Finding } from '#core/phi/detect.ts';
import { ENTITIES, type EntityName } from '#core/phi/entities.ts';
import type { LabelledSpan, LabelledText } from '../corpus/text.ts';

/** What was counted of the labelled identifiers of one entity, letter or kind of text, and of findings of it. */
export interface Tally {
  spans: number;
  /** Labelled identifiers of which a finding, of whatever entity, covers a part: any overlap. */
  found: number;
  /** Those that a finding of the right entity covers in part. */
  named: number;
  /** Those that a finding of the right entity covers exactly. */
  exact: number;
  characters: number;
  /** Characters of labelled identifiers that findings cover: what masking takes away. */
  covered: number;
  findings: number;
  /** Findings that cover a part of a labelled identifier, of whatever entity. */
  right: number;
}

/** A span that is worth a look. */
export interface Fault {
  /** `miss`: not found at all; `part`: not covered wholly; `alarm`: found where nothing is. */
  readonly kind: 'miss' | 'part' | 'alarm';
  readonly entity: EntityName;
  readonly id: string;
  readonly rule: string;
  readonly value: string;
  readonly around: string;
}

export interface Scores {
  readonly all: Tally;
  readonly entities: ReadonlyMap<string, Tally>;
  readonly letters: ReadonlyMap<string, Tally>;
  readonly kinds: ReadonlyMap<string, Tally>;
  /** Negative texts by what they may be taken for (`OTHER` where nothing is said): how many, how many with findings. */
  readonly negatives: ReadonlyMap<string, { texts: number; flagged: number }>;
  readonly faults: readonly Fault[];
}

const LETTERS = new Map<EntityName, string>(ENTITIES.map(({ name, safeHarbor }) => [name, safeHarbor]));
const CHARACTERS_AROUND = 30;

/** Runs the detector over labelled texts and counts. */
export function score(detector: Detector, texts: readonly LabelledText[]): Scores {
  const all = emptyTally();
  const entities = new Map<string, Tally>(ENTITIES.map(({ name }) => [name, emptyTally()]));
  const letters = new Map<string, Tally>([...LETTERS.values()].map((letter) => [letter, emptyTally()]));
  const kinds = new Map<string, Tally>();
  const negatives = new Map<string, { texts: number; flagged: number }>();
  const faults: Fault[] = [];
  for (const text of texts) {
    const findings = detector.scan(text.text);
    if (text.kind === 'negative') {
      const counts = entry(negatives, text.near ?? 'OTHER', () => ({ texts: 0, flagged: 0 }));
      counts.texts += 1;
      if (findings.length > 0) counts.flagged += 1;
    }
    const talliesOf = (entity: EntityName): Tally[] => [
      all,
      entry(entities, entity, emptyTally),
      entry(letters, LETTERS.get(entity) ?? '', emptyTally),
      entry(kinds, text.kind, emptyTally),
    ];
    for (const span of text.spans) {
      const covered = countSpan(span, findings, talliesOf(span.entity));
      if (covered === 0) faults.push(fault('miss', text, span, ''));
      else if (covered < span.end - span.start) faults.push(fault('part', text, span, ''));
    }
    for (const finding of findings) {
      const right = text.spans.some((span) => overlap(span, finding) > 0);
      for (const tally of talliesOf(finding.entity)) {
        tally.findings += 1;
        if (right) tally.right += 1;
      }
      if (!right) faults.push(fault('alarm', text, finding, finding.rule));
    }
  }
  return { all, entities, letters, kinds, negatives, faults };
}

/** Counts one labelled identifier; returns how many of its characters findings cover. */
function countSpan(span: LabelledSpan, findings: readonly Finding[], tallies: readonly Tally[]): number {
  const touching = findings.filter((finding) => overlap(span, finding) > 0);
  const named = touching.filter(({ entity }) => entity === span.entity);
  const exact = named.some(({ start, end }) => start === span.start && end === span.end);
  const covered = touching.reduce((sum, finding) => sum + overlap(span, finding), 0);
  for (const tally of tallies) {
    tally.spans += 1;
    tally.characters += span.end - span.start;
    tally.covered += covered;
    if (touching.length > 0) tally.found += 1;
    if (named.length > 0) tally.named += 1;
    if (exact) tally.exact += 1;
  }
  return covered;
}

function overlap(a: Pick<Finding, 'start' | 'end'>, b: Pick<Finding, 'start' | 'end'>): number {
  return Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));
}

function emptyTally(): Tally {
  return { spans: 0, found: 0, named: 0, exact: 0, characters: 0, covered: 0, findings: 0, right: 0 };
}

function entry<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function fault(
  kind: Fault['kind'],
  { id, text }: LabelledText,
  span: Pick<Finding, 'entity' | 'start' | 'end'>,
  rule: string,
): Fault {
  const around = text.slice(Math.max(0, span.start - CHARACTERS_AROUND), span.end + CHARACTERS_AROUND);
  return { kind, entity: span.entity, id, rule, value: text.slice(span.start, span.end), around };
}
