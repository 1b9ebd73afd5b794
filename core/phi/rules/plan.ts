import type { Rule } from '../rule.ts';
import { GAP, labelled, NUMBER_WORD, STRONG_GAP } from './parts.ts';

const KIND = `(?i:member(?:ship)?|subscriber|policy(?:holder)?|insurance|insured|beneficiary|(?:health )?plan|medicare|medicaid|group|payer|coverage|enrollee)`;
const LABEL = `(?:(?i:health|medical|dental|insurance|medicare|medicaid|plan) )?${KIND}`;
/** The MBI's alphabet leaves out S, L, O, I, B and Z (CMS, "Understanding the Medicare Beneficiary Identifier"). */
const C = '[AC-HJKMNP-RT-Yac-hjkmnp-rt-y]';
const CN = '[AC-HJKMNP-RT-Yac-hjkmnp-rt-y0-9]';

export const PLAN_RULES: readonly Rule[] = [
  labelled({
    entity: 'HEALTH_PLAN_ID',
    name: 'plan.labelled',
    score: 0.85,
    before: `(?:${LABEL}${NUMBER_WORD}${GAP}|(?i:mbi|hicn)${NUMBER_WORD}?${GAP}|${LABEL}${STRONG_GAP})`,
  }),
  {
    entity: 'HEALTH_PLAN_ID',
    name: 'plan.mbi',
    score: 0.9,
    value: `[1-9]${C}${CN}\\d-?${C}${CN}\\d-?${C}${C}\\d{2}`,
  },
];
