import { CREDENTIAL, FAMILY_COMMON, GIVEN, NAME, STATE_CODE, TITLE } from '../lexicon/flags.ts';
import { isNameLike } from '../lexicon/name-like.ts';
import type { Claims } from './claim.ts';
import type { Word } from './run.ts';

/** Trials, scores, laws, societies and tests that are written as names are, in capitals; in small letters here. */
const ACRONYMS: ReadonlySet<string> = new Set(
  `elisa grace clara sara alice caspar ada aida gina atria cobra erisa nora hestia shea andromeda toby maia castor pollux cesar jupiter
  athena pallas ariel aurora carolina carmelina clarity coral diana echo emma esther flora helena hera iris ivy juliet
  katherine laura lido marina marianne merlin miriam miracle naomi olympia oscar ophelia pearl paola prima ruby sarah
  sophia solo stella titan viola emilia cleopatra flaura adaura alex alta caspian lucy maverick pacific poseidon mystic
  neptune arctic thales pegasus paris leader devote david ralph eliana victoria selene freedom tina amelia lena michelle
  einstein caravaggio magellan mariner rocket liberty chronos cantos elixir fidelio figaro credence canvas declare
  emperor galactic paradigm parallel champion chance socrates dawn defuse escape swift prime revascat theia artemis
  hermes hector hope faith life value ascot elite valiant saint optimaal charm solvd cibis merit capricorn copernicus
  beautiful shift sirius plato triton pegasus isar dapt cure credo clarity commit gusto assent oasis ellipse compass
  voyager odyssey fourier spire jelis strength reduce vital mesa aries ares ramses romeo juliette marie madeleine
  legacy cabana castle stroke rita camellia martina alisha cassandra cassini daphne delilah eva eve florence gabriel
  hannah isabella jasmine kate leo lily lola luna mabel maria mira mona nancy nina nova olivia orion paloma penelope
  phoebe rachel regina rosa rose sabina samson scarlet selena simon sonia tango tara terra theresa thomas uno vera
  violet vivian willow zoe zeus benny barbara bella mary marvel matilda medusa minerva monarch natalee monaleesa
  abigail alma amber ambrosia amy angel annie antonio arthur aspen bianca bolero brenda caesar calypso camille candor
  carlos carmen charlie chloe claudia cora dante delta diamond dolores dylan eden edith elena ella ernest evelyn
  felix fiona frank gemini georgia gilda gloria hal harmony harold henry homer hugo ida igor ilona inga irene
  isaac jack jade jane jasper joan jordan josephine judith julia juno karen kevin kim lisa lance larissa leah linda
  lotus lydia magnus marcia margaret mark martha max maya melody mercury mia milan molly morgan nelson nero nestor noah
  noel nora norma oliver otto patricia pauline peter phoenix piper polly raphael ray rene rex rhea robin roma romana
  ronda sabrina sally sandy saturn savannah sierra silas sirena sky susan sydney sylvia talia teddy thor tori trinity
  troy ursula vanessa venus vesta victor virgil virgo wanda yara yvonne ramona abel moses noble ethel`.split(
    /\s+/,
  ),
);

/** Whether what stands beside it in a row is another abbreviation. */
function isAbbreviation(word: Word | undefined): boolean {
  if (word === undefined || !word.upper || word.initial) return false;
  return (word.flags & (NAME | CREDENTIAL | TITLE | STATE_CODE)) === 0;
}

/**
 * Whether a word in capitals is rather an abbreviation than a name: one of the usual ones, or a given name in a row
 * with others ("ANDROMEDA-SHOCK", "PROCESS, ARISE and MARIE").
 */
export function isAcronym(claims: Claims, index: number): boolean {
  const { words } = claims.run;
  const word = words[index] as Word;
  if ((word.flags & FAMILY_COMMON) !== 0) return false;
  if (ACRONYMS.has(word.text)) return true;
  if ((word.flags & GIVEN) === 0) return false;
  const [before, next] = [words[index - 1], words[index + 1]];
  const behind = before?.link === true ? words[index - 2] : word.gap === 'space' ? undefined : before;
  const ahead = next?.link === true ? words[index + 2] : next?.gap === 'space' ? undefined : next;
  return isAbbreviation(behind) || isAbbreviation(ahead);
}

/** "POLLUX, CASTOR", "ARISCAT, ELISA": no surname with a given name behind it. */
export function isAcronymPair(before: Word, word: Word): boolean {
  if ((before.flags & FAMILY_COMMON) !== 0) return false;
  if (ACRONYMS.has(before.text)) return true;
  return ACRONYMS.has(word.text) && (before.flags & NAME) === 0 && !isNameLike(before.text);
}

/** "BENEFIT, KAREN and VICTORIA": a usual one beside another. */
export function isAcronymRow(words: readonly Word[], index: number): boolean {
  const [before, next] = [words[index - 1], words[index + 1]];
  const ahead = before?.link === true ? words[index - 2] : words[index]?.gap === 'comma' ? before : undefined;
  const behind = next?.link === true ? words[index + 2] : next?.gap === 'comma' ? next : undefined;
  if (!ACRONYMS.has(words[index]?.text ?? '')) return false;
  return [ahead, behind].some((word) => word?.upper === true && ACRONYMS.has(word.text));
}
