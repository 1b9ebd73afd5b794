import type { Finding } from '../finding.ts';

/**
 * Makes candidates into findings that do not overlap. The leftmost wins; of those with the same start the one
 * with the higher score, then the longer one, then the rule's name. Of one that begins inside a winner and
 * ends after it, the rest remains a finding: no part of any candidate is left in the clear.
 */
export function resolve(candidates: Finding[]): Finding[] {
  if (candidates.length < 2) return candidates;
  candidates.sort(byPrecedence);
  const findings: Finding[] = [];
  let end = 0;
  for (const candidate of candidates) {
    if (candidate.end <= Math.max(end, candidate.start)) continue;
    findings.push(candidate.start < end ? { ...candidate, start: end } : candidate);
    end = candidate.end;
  }
  return findings;
}

/** Those that begin first, then the surer, then the longer, then by the rule's name. */
export function byPrecedence(a: Finding, b: Finding): number {
  return a.start - b.start || b.score - a.score || b.end - a.end || (a.rule < b.rule ? -1 : 1);
}
