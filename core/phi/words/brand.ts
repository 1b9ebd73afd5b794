import { GIVEN_COMMON, MEDICAL, NAME } from '../lexicon/flags.ts';
import { wordBefore } from './beside.ts';
import type { Claims } from './claim.ts';
import { PERSON_AFTER } from './cues.ts';
import type { Word } from './run.ts';

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** Drugs that are called as people are; brands of the US, from general knowledge. */
export const BRANDS = words(
  `allegra yasmin camila errin heather nora larin lyza portia estelle hailey nikki syeda zarah ella ashlyna muse jalyn skyla
  aubra ava jasmiel jaimiess jolivette kaitlib kelnor lutera merzee nylia orsythia rosyrah sharobel tilia vyfemla kariva
  chateal delyla gemmily gianvi jolessa kurvelo loryna marlissa natazia safyral sprintec tydemy zenchent amethyst wera
  arava alora xenia jinteli amabelz alesse dara avita levi dex pred makena elinest`,
);
/** Before what is taken, prescribed or compared. */
const BEFORE = words(
  `take takes taking took taken use uses using used start started starting stop stopped stopping prescribe prescribed try
  tried trying vs versus than add added adding hold held resume restart restarted switch switched dose doses brand generic
  iv po im oral dispense dispensed swap substitute refill refilled`,
);
/** Behind a drug that stands for itself. */
const BEHIND = words('vs versus dose doses dosing tablet tablets pill pills pack packs refill script');
/** Before somebody who is given what follows: "give Ella 10 mg". */
const GIVEN_TO = words('give gave giving given offer offered administered');

/** Whether a word that people are called is a drug here: it is taken, counted or compared with one. */
export function isBrand(claims: Claims, index: number, after: string): boolean {
  const { words: all, dosed } = claims.run;
  const word = all[index] as Word;
  if (!BRANDS.has(word.text) || word.possessive) return false;
  const before = wordBefore(claims, index);
  const next = all[index + 1];
  // "Dara-Rd"
  if (next?.gap === 'hyphen' && (next.flags & NAME) === 0 && !next.possessive) return true;
  if (next === undefined && dosed && !(GIVEN_TO.has(before) && (word.flags & GIVEN_COMMON) !== 0))
    return true;
  // "Started Nora on lisinopril": somebody.
  if (PERSON_AFTER.has(after) || after === 'on' || after === 'with') return false;
  return (
    BEFORE.has(before) || BEHIND.has(after) || isTerm(beside(all, index, 1)) || isTerm(beside(all, index, -1))
  );
}

/** What stands beside a word of a run in a row with "or", "and", a comma or a slash. */
function beside(all: readonly Word[], index: number, step: 1 | -1): Word | undefined {
  const near = all[index + step];
  if (near === undefined) return undefined;
  if (near.link) return all[index + 2 * step];
  const gap = step === 1 ? near.gap : (all[index] as Word).gap;
  return gap === 'comma' || gap === 'slash' || gap === 'and' ? near : undefined;
}

function isTerm(word: Word | undefined): boolean {
  if (word === undefined || word.link || word.upper) return false;
  return BRANDS.has(word.text) || ((word.flags & MEDICAL) !== 0 && (word.flags & NAME) === 0);
}
