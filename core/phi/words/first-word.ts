import { lookUpIn } from '../lexicon/look-up.ts';

/** The longest word that the patterns of words take whole. */
const MAX_WORD_CHARACTERS = 21;

/** What the lists must know of a first word: any of one set of flags, and none of another. */
interface Wanted {
  readonly any: number;
  readonly none: number;
  /** Whether a word of no list will do. */
  readonly unknown?: true;
}

/**
 * For `begins` of a rule whose value begins with a word in small letters: most words are refused by their flags, before an
 * expression is tried. Only a plain word of ASCII is; what else may be one is left to the rule.
 */
export function firstWord({ any, none, unknown }: Wanted): (text: string, place: number) => boolean {
  return (text, place) => {
    const end = smallEnd(text, place, place);
    if (end === place || end - place > MAX_WORD_CHARACTERS || mayGoOn(text, end)) return true;
    const flags = lookUpIn(text, place, end);
    return flags === 0 ? unknown === true : (flags & any) !== 0 && (flags & none) === 0;
  };
}

/** The same for a word with a capital letter in front that may be anything but these. */
export function firstCapitalised(none: number): (text: string, place: number) => boolean {
  return (text, place) => {
    const end = smallEnd(text, place, place + 1);
    return (
      end - place > MAX_WORD_CHARACTERS || mayGoOn(text, end) || (lookUpIn(text, place, end) & none) === 0
    );
  };
}

/** Where the small letters from a place on end, of a word that begins at `start`; a long one is not read to its end. */
function smallEnd(text: string, start: number, from: number): number {
  const most = Math.min(text.length, start + MAX_WORD_CHARACTERS + 1);
  let end = from;
  while (end < most && isSmall(text.charCodeAt(end))) end += 1;
  return end;
}

/** Whether more of a word may stand at a place: any letter or digit, a hyphen, an apostrophe, or nothing yet. */
function mayGoOn(text: string, place: number): boolean {
  if (place >= text.length) return true;
  const unit = text.charCodeAt(place);
  return unit > 0x7e || unit === 0x27 || unit === 0x2d || isAlphanumeric(unit);
}

function isAlphanumeric(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || isSmall(unit);
}

function isSmall(unit: number): boolean {
  return unit >= 0x61 && unit <= 0x7a;
}
