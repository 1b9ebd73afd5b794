import { isSmallZip3 } from '../lexicon/zip3.ts';
import type { Choice } from './choice.ts';

const NO_AREA = '000';

/** The first three digits of a ZIP code; `000` for the areas that 45 CFR 164.514(b)(2)(i)(B) leaves out. */
export const zip3: Choice = (_entity, value) => {
  const digits = /^(\d{3})\d{2}(?:[- ]?\d{4})?$/.exec(value.trim())?.[1];
  return digits === undefined || !isSmallZip3(digits) ? digits : NO_AREA;
};
