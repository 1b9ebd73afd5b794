import type { Choice } from './choice.ts';

/**
 * Three-digit ZIP areas in which 20,000 people or fewer live, by the census of 2000 (the list of 17 in the guidance
 * of the Office for Civil Rights on 45 CFR 164.514(b)(2)(i)(B)) or by that of 2010 (ZCTA populations of the Census
 * Bureau, public domain; with 202, 204 and 205 of the federal government, where nobody lives). What either census
 * has is left out: the rule asks for current figures, and areas near the limit cross it in both directions.
 */
const SMALL_AREAS: ReadonlySet<string> = new Set(
  `036 059 063 102 202 203 204 205 369 556 692 753 772 790 821 823 830 831 878 879 884 890 893`.split(' '),
);
const NO_AREA = '000';

/** The first three digits of a ZIP code; `000` for the small areas. */
export const zip3: Choice = (_entity, value) => {
  const digits = /^(\d{3})\d{2}(?:[- ]?\d{4})?$/.exec(value.trim())?.[1];
  return digits === undefined || !SMALL_AREAS.has(digits) ? digits : NO_AREA;
};
