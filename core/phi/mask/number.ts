import type { FindingCounts } from '../finding.ts';
import type { Replacer } from '../replace/replace.ts';
import type { TextScan } from '../text-scan.ts';
import { addFinding } from './channel.ts';

/** A bare number counts or measures something, unless a rule is surer than this that it identifies somebody. */
const MIN_NUMBER_SCORE = 0.5;

/** A number of a JSON document; one that is PHI becomes a string. `scan` knows what stands before it. */
export function maskNumber(
  number: string,
  scan: TextScan,
  replacer: Replacer,
  counts: FindingCounts,
): string {
  scan.push(number);
  scan.end();
  const found = scan.take().find(({ score }) => score > MIN_NUMBER_SCORE);
  if (found === undefined) return number;
  addFinding(counts, found.entity);
  return `"${replacer.replace(found.entity, number.slice(found.start, found.end))}"`;
}
