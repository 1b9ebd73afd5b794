import type { Rule } from '../engine/rule/rule.ts';
import { GAP, labelled, NOTED, NUMBER_WORD, STRONG_GAP } from './parts.ts';

const KIND = `(?i:member(?:ship)?|subscriber|policy(?:holder)?|insurance|insured|beneficiary|(?:health )?plan|medicare|medicaid|group|payer|coverage|enrollee|cin|medi-?cal|policyholder)`;
const LABEL = `(?:(?i:health|medical|dental|insurance|medicare|medicaid|plan) )?${KIND}`;
/** The MBI's alphabet leaves out S, L, O, I, B and Z (CMS, "Understanding the Medicare Beneficiary Identifier"). */
const C = '[AC-HJKMNP-RT-Yac-hjkmnp-rt-y]';
const CN = '[AC-HJKMNP-RT-Yac-hjkmnp-rt-y0-9]';

const INSURER = `(?i:aetna|cigna|humana|bcbs(?:[a-z]{2})?|blue ?cross(?: (?:and )?blue ?shield)?|blue ?shield|anthem|kaiser(?: permanente)?|uhc|united ?health ?care|united|tricare|medicaid|medicare|medi-?cal|molina|centene|ambetter|oscar|wellcare|masshealth|amerigroup|healthnet|emblem|highmark|carefirst|optum|devoted|clover|bright|friday health|health net|premera|regence|medica|caresource|fidelis|healthfirst|superior|amerihealth|keystone(?: first)?|scan|alignment|member|subscriber|policy|beneficiary|insurance(?: card)?)`;
const MIN_PLAN_DIGITS = 5;

/** Beside the insurer's name without a label: not a year, a price, a phone's last digits or a diagnosis. */
function checkPlanCode(value: string): number {
  if (/^[A-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}$/.test(value)) return 0;
  const digits = value.replace(/[^0-9]/g, '').length;
  return digits >= MIN_PLAN_DIGITS && !/000$/.test(value) ? value.length : 0;
}

export const PLAN_RULES: readonly Rule[] = [
  labelled({
    entity: 'HEALTH_PLAN_ID',
    name: 'plan.labelled',
    score: 0.85,
    before: `(?:${LABEL}${NUMBER_WORD}${NOTED}${GAP}|(?i:(?:insurance |benefits? |health )?(?:contract|card|certificate|cert))${NUMBER_WORD}${GAP}|(?i:mbi|hicn|cin|rx ?bin|rx ?grp|rx ?group|pcn|mcd)${NUMBER_WORD}?${GAP}|${LABEL}${STRONG_GAP})`,
  }),
  labelled({
    entity: 'HEALTH_PLAN_ID',
    name: 'plan.insurer',
    score: 0.7,
    before: `${INSURER}(?i: (?:hmo|ppo|epo|plan|gold|silver|bronze|insurance|advantage|choice|member|id)){0,2}[ ,:#(]{1,3}`,
    check: checkPlanCode,
  }),
  {
    // "grp 00491"
    entity: 'HEALTH_PLAN_ID',
    name: 'plan.group',
    score: 0.6,
    before: '(?i:grp|gp|group no|group num|group number|group id)[ .:#]{1,3}',
    value: '[A-Z]{0,4}\\d{4,10}[A-Z]{0,2}',
  },
  {
    entity: 'HEALTH_PLAN_ID',
    name: 'plan.mbi',
    score: 0.9,
    value: `[1-9]${C}${CN}\\d[- ]?${C}${CN}\\d[- ]?${C}${C}\\d{2}`,
  },
];
