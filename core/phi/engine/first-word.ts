import { lookUpIn } from '../lexicon/look-up.ts';

/** The longest word that the patterns of words take whole. */
const MAX_WORD_CHARACTERS = 21;

/**
 * Whether a value may begin with a word of which the lists know these flags. It is asked for plain words of ASCII with small
 * letters, the first of which may be a capital; what else may be a word is left to the rule.
 */
export type FirstWord = (flags: number) => boolean;

/** Any of one set of flags, and none of another. `unknown`: a word of no list will do. */
export function firstWord({
  any,
  none = 0,
  unknown = false,
}: {
  readonly any?: number;
  readonly none?: number;
  readonly unknown?: boolean;
}): FirstWord {
  return (flags) =>
    flags === 0 ? unknown : (any === undefined || (flags & any) !== 0) && (flags & none) === 0;
}

/** In place of flags: there is no plain word. */
export const NO_WORD = -1;

/** The flags of the plain word that begins at a place and has ended before `end`; NO_WORD for anything else. */
export function firstWordFlags(text: string, place: number, end: number): number {
  const first = text.charCodeAt(place);
  if (!isSmall(first | CASE_BIT)) return NO_WORD;
  const most = Math.min(end, place + MAX_WORD_CHARACTERS + 1);
  let to = place + 1;
  while (to < most && isSmall(text.charCodeAt(to))) to += 1;
  if (to >= end || to - place > MAX_WORD_CHARACTERS || mayGoOn(text.charCodeAt(to))) return NO_WORD;
  return lookUpIn(text, place, to);
}

/** Makes a small letter of a capital one, and no letter of what is none. */
const CASE_BIT = 0x20;

/** Whether a word goes on with this unit: any letter or digit, a hyphen, an apostrophe. */
function mayGoOn(unit: number): boolean {
  return (
    unit > 0x7e ||
    unit === 0x27 ||
    unit === 0x2d ||
    (unit >= 0x30 && unit <= 0x39) ||
    isSmall(unit | CASE_BIT)
  );
}

function isSmall(unit: number): boolean {
  return unit >= 0x61 && unit <= 0x7a;
}
