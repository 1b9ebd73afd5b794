import { type EntityName, isEntityName } from '../entities.ts';
import type { Finding } from '../finding.ts';
import type { Segment } from './segment.ts';

/** Findings below are guesses: Presidio's patterns without context begin at 0.01. */
const MIN_SCORE = 0.5;

/**
 * Presidio's entities (https://microsoft.github.io/presidio/supported_entities/) that have another name here. One
 * that is in neither list is of a recogniser that somebody added, and counts as UNIQUE_ID.
 */
const NAMES: Readonly<Record<string, EntityName>> = {
  LOCATION: 'CITY',
  DATE_TIME: 'DATE',
  US_BANK_NUMBER: 'ACCOUNT_NUMBER',
  CRYPTO: 'ACCOUNT_NUMBER',
  MEDICAL_LICENSE: 'LICENSE_NUMBER',
  US_MBI: 'HEALTH_PLAN_ID',
};
/** Of a group of people; no identifier of the Safe Harbor method. */
const IGNORED = new Set(['NRP']);

/** An answer that is not what Presidio's API says. The message holds nothing of it. */
export class AnalysisError extends Error {
  override readonly name = 'AnalysisError';
}

/** The body of a request to `POST /analyze` about a segment, which is looked at together with what stands before it. */
export function analysisRequest({ context, text }: Segment): string {
  // Python cannot encode half of a surrogate pair; its replacement is as long.
  return JSON.stringify({
    text: (context + text).toWellFormed(),
    language: 'en',
    score_threshold: MIN_SCORE,
  });
}

/**
 * The findings in a segment that an answer tells. Presidio counts places in code points, and in the context too; what
 * lies in the context is left off, since it was looked at before.
 *
 * @throws AnalysisError when the answer is not a list of findings that lie in the text.
 */
export function readAnalysis(body: string, { context, text }: Segment): Finding[] {
  const results = parse(body);
  const unitOf = placesOf(context + text);
  const findings: Finding[] = [];
  for (const result of results) {
    const { type, start, end, score } = readResult(result);
    const from = unitOf(start);
    const to = unitOf(end);
    if (from === undefined || to === undefined || from > to) {
      throw new AnalysisError('a finding lies outside of the text');
    }
    const entity = entityOf(type);
    if (entity === undefined || score < MIN_SCORE || to <= context.length || from === to) continue;
    const rule = `external.${type.toLowerCase().slice(0, MAX_TYPE_CHARACTERS)}`;
    const placed = { start: Math.max(0, from - context.length), end: to - context.length };
    findings.push({ entity, ...placed, score, rule });
  }
  return findings;
}

const MAX_TYPE_CHARACTERS = 64;
const TYPE_SHAPE = /^[A-Za-z0-9_-]+$/;

function parse(body: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new AnalysisError('not JSON');
  }
  if (!Array.isArray(value)) throw new AnalysisError('not a list');
  return value;
}

function readResult(result: unknown): { type: string; start: number; end: number; score: number } {
  if (typeof result !== 'object' || result === null) throw new AnalysisError('a finding is no object');
  const { entity_type: type, start, end, score } = result as Record<string, unknown>;
  if (typeof type !== 'string' || !TYPE_SHAPE.test(type)) throw new AnalysisError('no entity_type');
  if (typeof start !== 'number' || typeof end !== 'number') throw new AnalysisError('no start or end');
  if (typeof score !== 'number' || !(score >= 0 && score <= 1)) throw new AnalysisError('no score');
  return { type, start, end, score };
}

function entityOf(type: string): EntityName | undefined {
  if (IGNORED.has(type)) return undefined;
  return isEntityName(type) ? type : (NAMES[type] ?? 'UNIQUE_ID');
}

/** Where a place in code points lies in UTF-16 units; undefined outside of the text. */
function placesOf(text: string): (place: number) => number | undefined {
  if (!/[\ud800-\udbff][\udc00-\udfff]/.test(text)) {
    return (place) => (Number.isInteger(place) && place >= 0 && place <= text.length ? place : undefined);
  }
  const units = [0];
  for (const character of text) units.push((units.at(-1) ?? 0) + character.length);
  return (place) => units[place];
}
