import type { Choice } from './choice.ts';

/** Ages are aggregated from here on: 45 CFR 164.514(b)(2)(i)(C). */
export const AGGREGATED_FROM = 90;
/** Nobody has been older. */
const OLDEST = 130;
const AGGREGATE = '90+';

const NUMERAL = /^([^\d]*)(\d{2,3})(?:\.\d{1,2})?\+?([^\d]*)$/;
const IN_WORDS = /^[a-z -]*\b(?:ninet(?:y|ies)|hundred|nonagenarian|(?:super)?centenarian)\b[a-z -]*$/i;
/** Words around the number that say nothing but that it is an age. */
const FRAME = /^(?:(?:aged?|is|at|of|years?|yrs?|old|yo|y|o)\b|[ \t./:-])*$/i;

/** `90+` in the place of an age's number: `94-year-old` becomes `90+-year-old`. */
export const age90Plus: Choice = (_entity, value) => {
  const [, before = '', numeral, after = ''] = NUMERAL.exec(value) ?? [];
  if (numeral === undefined) return IN_WORDS.test(value) ? AGGREGATE : undefined;
  const age = Number(numeral);
  if (age < AGGREGATED_FROM || age > OLDEST) return undefined;
  return FRAME.test(before) && FRAME.test(after) ? before + AGGREGATE + after : AGGREGATE;
};
