import {
  CITY_WORD,
  COUNTRY,
  CREDENTIAL,
  EPONYM,
  MEDICAL,
  MONTH,
  NAME,
  ROLE,
  STATE,
  TITLE,
  WEEKDAY,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import { wordAfter, wordBefore } from './beside.ts';
import type { Claims } from './claim.ts';
import { BELONGINGS, KIN, NAMED_AFTER, PLACE_BEFORE } from './cues.ts';
import { isBareEponym } from './eponym.ts';
import { GENERIC } from './organization-words.ts';
import type { Word } from './run.ts';

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** What towns end with, in a word of its own: "Cobbler's Ferry". */
const HEADS = words(
  `creek bend grove ridge hollow landing junction crossing mills mill valley harbor harbour bay lake hills gap ferry fork
  forks rapids prairie bluff bluffs glen woods shores acres meadows island isle cove mesa canyon flats corners springs
  falls heights beach`,
);
/** The same, where a word before or behind tells that it is a place. */
const WEAK_HEADS = words(
  'bridge point rock wells summit pass view haven cross shore gate ford notch run head ranch',
);
/** Before such a word: a thing. */
const THINGS = words(
  `trigger decision match check power melting boiling end pressure entry exit set break tipping data time mid acupuncture
  tender dry cold wet care nasal dental boarding mountain trial focal pain land bed`,
);
/** Behind a place: what every town has. */
const LOCAL = words(
  `ems fire police school schools elementary hospital clinic library rodeo fair marathon parade mall church market town
  farm farmer baker teacher mayor sheriff team game scrimmage tournament race festival lake river beach plant mill mine
  factory nursing group office branch location facility community residents resident native area flood flooding shelter
  prison jail airport station depot urgent ambulance pharmacy county water people folks woman man girl boy`,
);
/** Behind a word with a capital that is a thing. */
const THINGS_AFTER = words(
  `program app study trial plan system review project injection injections device software model pump kit platform product
  brand code protocol method rule score scale approach theory effect group's technique procedure catheter implant stent
  bed chair mask monitor meter pen sensor version edition journal paper article fever virus encephalitis`,
);
const ENDING =
  /(?:ville|town|burgh?|grove|ford|haven|dale|bury|mouth|field|brook|wood|wick|ham|ton|stead|shire|worth|creek|ridge|bridge|hollow|shore|cliffe?|water|wich|boro|borough|minster|chester|combe|mere|vale|hurst)$/;
/** Of brands as often. */
const WEAK_ENDING = /(?:port|mont)$/;
/** A shorter word with such an end is a brand as often. */
const MIN_MADE_CHARACTERS = 7;
const MIN_CHARACTERS = 3;
const ARTICLE = /^(?:the|a|an|our|this|that)$/;
const NO_PLACE = MONTH | WEEKDAY | TITLE | CREDENTIAL | COUNTRY | MEDICAL | STATE;

/** Finds towns that no list has by how their names are made: "Cobbler's Ferry", "the Mossgrove scrimmage". */
export function claimMade(claims: Claims, index: number): boolean {
  return claimHeaded(claims, index) || claimEnded(claims, index);
}

/** "Sable Point's ambulance", "a Cobbler's Ferry baker", "in Fallow Bridge". */
function claimHeaded(claims: Claims, index: number): boolean {
  const { words: all, left } = claims.run;
  const [word, head] = [all[index] as Word, all[index + 1]];
  if (head?.gap !== 'space' || head.link || claims.taken(index + 1)) return false;
  if (word.link || word.upper || head.upper || !word.regular || !head.regular) return false;
  const strong = HEADS.has(head.text);
  if (!strong && !WEAK_HEADS.has(head.text)) return false;
  if (word.text.length < MIN_CHARACTERS || THINGS.has(word.text) || GENERIC.has(word.text)) return false;
  if ((word.flags & (word.possessive ? NO_PLACE : NO_PLACE | ROLE)) !== 0) return false;
  if ((word.flags & EPONYM) !== 0 && isBareEponym(word)) return false;
  const after = wordAfter(claims, index + 1);
  if (THINGS_AFTER.has(after) || (NAMED_AFTER.has(after) && !LOCAL.has(after))) return false;
  if (head.possessive && (KIN.has(after) || BELONGINGS.has(after))) return false;
  const first = left.first && index === 0;
  const before = wordBefore(claims, index);
  const cue = PLACE_BEFORE.has(before) && !first;
  const local = LOCAL.has(after);
  const common = (word.flags & WORD_COMMON) !== 0 && !word.possessive;
  const told = cue || (local && (!common || ARTICLE.test(before))) || (head.possessive && !common);
  // "Harlan's Bluff": in the middle of a sentence.
  const owned = word.possessive && strong && !first;
  if (!told && !owned) return false;
  claims.claim({ entity: 'CITY', rule: 'city.made', score: 0.5 }, index, index + 2);
  return true;
}

/** "the Mossgrove scrimmage": a word of no list that ends as towns do. */
function claimEnded(claims: Claims, index: number): boolean {
  const { words: all } = claims.run;
  const word = all[index] as Word;
  const next = all[index + 1];
  if (word.link || word.upper || !word.regular || word.possessive || next !== undefined) return false;
  if (!ARTICLE.test(wordBefore(claims, index))) return false;
  const after = wordAfter(claims, index);
  if (after === '' || THINGS_AFTER.has(after)) return false;
  const local = LOCAL.has(after);
  if (!local && (NAMED_AFTER.has(after) || (lookUp(after) & MEDICAL) !== 0)) return false;
  const unknown = (word.flags & ~(NAME | CITY_WORD)) === 0;
  const ends = ENDING.test(word.text) || (local && WEAK_ENDING.test(word.text));
  const made = word.text.length >= MIN_MADE_CHARACTERS && ends;
  const known = (word.flags & CITY_WORD) !== 0 && (word.flags & (WORD | MEDICAL | EPONYM)) === 0;
  if (!unknown || !((made && (word.flags & NAME) === 0) || (local && (made || known)))) return false;
  claims.claim({ entity: 'CITY', rule: 'city.made', score: 0.5 }, index, index + 1);
  return true;
}
