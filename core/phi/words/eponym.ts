import { EPONYM, FAMILY_COMMON, GIVEN_COMMON, MEDICAL, NAME } from '../lexicon/flags.ts';
import type { Claims } from './claim.ts';
import type { Word } from './run.ts';

/** Names in diseases and tools that are so usual that they are people's unless something else tells. */
const USUAL: ReadonlySet<string> = new Set(
  `barnard cooley adler harvey finnegan koop adams ainsworth alice allen andersen anderson applegate arnold austin bachmann barker barkley baumgarten benner
  bennett benton berman bernard bishop blake bohler bosworth bowman boyes boyle bradford broadbent brooke brown
  bruce bryant buck bullard bunnell burk bush cabrera campbell carey carpenter carr carroll castelli childress
  christian clara clark clarke coleman collett collier collins conner cook cooper copeland cornelia cornell craig
  crawford crile crowe cullen dalrymple dalton danforth david davies davis dawson deming denis denny diaz
  dickinson donovan dorr downes doyle dreyfus duane duffy duncan dunn dunning edwards elliot ellis ellison essex
  estes evans felson ferguson finch fleming fortin foster francis frankel freeman fukuda gagne gardner gaskin
  gasser gerber gerhardt gibson gilbert gillespie glenn glickman godoy goodwin gordon graham gregg grover guyton
  hailey haines hanes harada harris harrison hawkins henderson herbert hicks hildreth hirschberg hochberg holden
  holman hoover howell hubbard hughes humphrey hutchinson ibrahim isaacs ishikawa jacob jacobs jakob joel johansen
  johnson jolly jones katz kaye keith keller kellie kelly kendall kennedy kenny kirk kirkpatrick kolb lahey
  lancaster larsen larson laurence lawrence lawton levi levine lewin lewis lindsay lloyd loder losee louis lowe
  ludington lundberg luria maddox manning marcus marie markle martin mason maxwell mayer mayne mcdonald mcgrath
  meyer miles miller mirani mitchell monroe montgomery moore morrey mulder muller munson murray myerson nakata
  nelson neuman nicolas nugent obrien oconnor osborn osborne patrick paul pearson pemberton perez perkins perry
  phillips piaget pierre pierson pipkin plummer polk pollock poole pratt pyle raven reagan reeves regan reynolds
  richardson richmond riley robert roberts robertson robinson rockwood rogers roos roper rosenbach rowe russell
  rutherford sanders sano schaefer schenck schild schmidt schneider schultz schwab schwartz seidel sellers shaffer
  shapiro sheehan simons simpson skinner sloan slocum spence stahl stevens stewart stuart sutton swanson taylor
  thomas thompson tierney tomes toni townes tyndall vaughan vincent vinson volpe wallace warren watson weaver
  bolton nance mccall pomeroy fitzpatrick mendel lang wilkins olsen thurston griffiths rey baumann lister ogden peabody hickam duffy kidd kell robbins schwartz bledsoe harrison netter cecil nelson
  whitman williams wong woods woodward worden wright yocum young`.split(/\s+/),
);

/** Whether a name in a disease or a tool stands for that without a word behind it. */
export function isBareEponym(word: Pick<Word, 'flags' | 'text'>): boolean {
  return (word.flags & EPONYM) !== 0 && !USUAL.has(word.text);
}

/** Signs and murmurs that are called by the whole name of somebody. */
export const WHOLE_EPONYMS: ReadonlySet<string> = new Set([
  'austin flint',
  'graham steell',
  'carey coombs',
  'argyll robertson',
  'marcus gunn',
  'ramsay hunt',
  'foster kennedy',
  'charles bonnet',
  'gordon holmes',
  'pel ebstein',
  'ivor lewis',
  'homer wright',
  'howell jolly',
  'stevens johnson',
  'miller fisher',
]);

/** "Weber B", "Child-Pugh C": an eponym and its grade. */
export function isGraded(span: readonly Word[]): boolean {
  const last = span.at(-1) as Word;
  const rest = span.slice(0, -1);
  const grade = last.initial || (last.upper && /^(?:i{1,3}|iv|vi{0,3})[ab]?$/.test(last.text));
  return (
    grade &&
    !last.stop &&
    rest.length > 0 &&
    rest.every((word) => (word.flags & EPONYM) !== 0) &&
    rest.some(isBareEponym)
  );
}

/** The word that stands beside a place of the run in a row with commas, slashes, hyphens or "and". */
function inRow(words: readonly Word[], index: number, step: 1 | -1): Word | undefined {
  const word = words[index];
  if (word === undefined) return undefined;
  if (word.link) return words[index + step];
  const gap = step === 1 ? word.gap : words[index + 1]?.gap;
  return gap === 'comma' || gap === 'slash' || gap === 'hyphen' || gap === 'and' ? word : undefined;
}

function isTerm(word: Word): boolean {
  return !word.upper && (isBareEponym(word) || ((word.flags & MEDICAL) !== 0 && (word.flags & NAME) === 0));
}

/** "Struthers, Osborne and Frohse": a name of few people in a row with diseases, signs and tools. */
export function isAmongEponyms(claims: Claims, from: number, to: number): boolean {
  const { words } = claims.run;
  const before = inRow(words, from - 1, -1);
  const after = inRow(words, to, 1);
  const beside = [before, after].filter((word) => word !== undefined);
  if (beside.length === 0 || !beside.every(isTerm)) return false;
  const usual = words.slice(from, to).some((word) => (word.flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0);
  return beside.length === 2 || (!usual && words.filter(isBareEponym).length > 1);
}

/** Whether the word at `index` stands in a row of three or more of which one is an eponym: no turned name. */
export function isEponymRow(words: readonly Word[], from: number, index: number): boolean {
  const [before, word] = [words[from] as Word, words[index] as Word];
  const more = inRow(words, index + 1, 1) ?? inRow(words, from - 1, -1);
  return more !== undefined && [before, word, more].filter(isBareEponym).length > 1;
}
