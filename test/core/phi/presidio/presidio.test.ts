import { expect, test } from 'vitest';
import { createDetector, type Finding } from '#core/phi/detect.ts';
import type { EntityName } from '#core/phi/entities.ts';
import { type Case, COUNTERPARTS, readCaseFiles } from './cases.ts';
import { covers, judge } from './judge.ts';
import { KINDS, LEAST_AGREEMENT, REASONS } from './reasons.ts';

/*
 * The cases of Presidio's own tests, see SOURCES.md. Presidio tests one recogniser at a time, so each case is
 * scanned for the counterparts of its entity alone.
 */
const detector = createDetector();
const files = readCaseFiles();

function scanFor(entities: ReadonlySet<EntityName>, text: string): readonly Finding[] {
  const scan = detector.open(entities);
  scan.push(text);
  scan.end();
  return scan.take();
}

interface Judged {
  readonly entity: string;
  readonly case: Case;
  readonly faults: readonly string[];
  readonly found: string;
}

const judged: readonly Judged[] = files.flatMap(({ entity, cases }) => {
  const counterparts = new Set(COUNTERPARTS[entity]);
  return cases.map((one) => {
    const findings = scanFor(counterparts, one.text);
    const found = findings.map(({ rule, start, end }) => `${rule} ${start}-${end}`).join(', ');
    return { entity, case: one, faults: judge(one, findings), found };
  });
});

const keyOf = (entity: string, text: string): string => `${entity}: ${JSON.stringify(text)}`;
const reasonOf = new Map(REASONS.map((reason) => [keyOf(reason.entity, reason.text), reason]));
const differing = judged.filter(({ faults }) => faults.length > 0);

test('the cases are complete, and their spans lie in their texts', () => {
  expect(files.map(({ entity }) => entity).sort()).toEqual(Object.keys(COUNTERPARTS).sort());
  expect(judged).toHaveLength(645);
  expect(new Set(judged.map((one) => keyOf(one.entity, one.case.text))).size).toBe(judged.length);
  for (const { case: one } of judged) {
    let end = 0;
    for (const span of one.spans) {
      expect(span[0]).toBeGreaterThanOrEqual(end);
      expect(span[1]).toBeGreaterThan(span[0]);
      end = span[1];
    }
    expect(end).toBeLessThanOrEqual(one.text.length);
  }
});

test('the detector differs from Presidio only where a reason is written', () => {
  const unexplained = differing
    .filter((one) => !reasonOf.has(keyOf(one.entity, one.case.text)))
    .map((one) => `${keyOf(one.entity, one.case.text)} ${one.faults.join('; ')} (found: ${one.found})`);
  expect(unexplained).toEqual([]);
});

test('every reason explains a difference', () => {
  const differences = new Set(differing.map((one) => keyOf(one.entity, one.case.text)));
  expect([...reasonOf.keys()].filter((key) => !differences.has(key))).toEqual([]);
  expect(reasonOf.size).toBe(REASONS.length);
  for (const { kind, why } of REASONS) expect(`${KINDS[kind]} ${why}`).toMatch(/^\S.+\. \S.+\.$/);
});

test('enough of the cases agree', () => {
  process.stdout.write(`${table()}\n`);
  expect(1 - differing.length / judged.length).toBeGreaterThanOrEqual(LEAST_AGREEMENT);
});

test('what Presidio finds is masked under one name or another when all entities are', () => {
  const open = judged.flatMap(({ entity, case: { text, spans } }) => {
    const findings = detector.scan(text);
    return spans
      .filter((span) => !covers(text, span, findings))
      .map((span) => `${keyOf(entity, text)} ${span.join('-')}`);
  });
  expect(open).toEqual([]);
});

function table(): string {
  const row = (name: string, all: readonly Judged[]): string => {
    const count = (wanted: (one: Judged) => boolean) => String(all.filter(wanted).length).padStart(9);
    const agrees = count(({ faults }) => faults.length === 0);
    const positive = count(({ case: one }) => one.spans.length > 0);
    return `${name.padEnd(20)}${String(all.length).padStart(6)}${positive}${agrees}${count(({ faults }) => faults.length > 0)}`;
  };
  return [
    `${'Presidio'.padEnd(20)} cases positive   agrees  differs`,
    ...files.map(({ entity }) =>
      row(
        entity,
        judged.filter((one) => one.entity === entity),
      ),
    ),
    row('all', judged),
  ].join('\n');
}
