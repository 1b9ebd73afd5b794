import type { Rule } from '../engine/rule.ts';
import {
  CITY_WORD,
  COUNTRY,
  EPONYM,
  FAMILY_COMMON,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  MONTH,
  NAME,
  ROLE,
  STATE,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import { isNameLike } from '../lexicon/name-like.ts';
import { isWordGiven, WORD_FORM } from './lower-case.ts';

const NO_NAME = WORD | MEDICAL | ROLE | COUNTRY | STATE | MONTH;
const LABS = `(?:k|na|cr|hgb|hb|bg|bs|bp|hr|inr|wbc|plt|plts|lactate|lac|trop|temp|tmax|a1c|gluc|glucose|sugar|sat|sats|mag|phos|bun|uop|hct|crit|spo2|o2|creat|ammonia|bili|tbili|gfr|egfr|bnp|tsh|nihss|gcs|wt|pain|rass)`;

/** Given names that are words of every day, and no verbs. */
const KIN_GIVEN: ReadonlySet<string> = new Set(
  `joy grace faith dawn rose ruby pearl iris ivy holly amber crystal summer autumn april june art frank jack bob gene cliff
  dale dean duke earl king lance max miles ray rod rusty sonny stormy sunny victor ward angel star sky skye heaven destiny
  trinity genesis serenity harmony melody charity patience precious princess blessing cash ace prince major royal justice
  honor river sage willow hazel olive ginger jasmine violet daisy lily rosemary heather misty candy brandy sherry dakota
  phoenix jordan israel london paris brooklyn austin savannah georgia virginia carolina madison jackson young brown white
  green black king cook baker carter cooper fisher hunter mason miller page porter price stone wells wood woods hill lake
  banks bell bird bush cross day field fields flowers fox gold lane little long marsh moon north parks pope rivers rose`.split(
    /\s+/,
  ),
);

/** A name of the lists and nothing else, also no disease and no town. */
function isPlainName(word: string): boolean {
  const flags = lookUp(word);
  return (flags & NAME) !== 0 && (flags & (NO_NAME | EPONYM | CITY_WORD)) === 0;
}

/** Names in small letters that what stands around them tells: chats, handoffs, texts. */
export const LOWER_CASE_CHAT_RULES: readonly Rule[] = [
  {
    // "pt oduya", "mr szabo": whatever is spelled like a name.
    entity: 'PERSON',
    name: 'person.small-patient',
    score: 0.5,
    before: '(?:pt|patient|resident|client|nurse|mr|mrs|ms|miss|dr|doc|doctor|rn)\\.? ',
    value: WORD_FORM,
    check: (value) => {
      const plain = value.replace(/'s$/, '');
      const unknown = lookUp(plain) === 0 && isNameLike(plain) && !/(?:ed|ing|ly)$/.test(plain);
      return unknown || isPlainName(plain) ? plain.length : 0;
    },
  },
  {
    // "okonkwo k 2.8, repleting"
    entity: 'PERSON',
    name: 'person.small-lab',
    score: 0.5,
    anywhere: true,
    before: '(?:^|\\n|[.?!:;,] |- ?|\\t)',
    value: `${WORD_FORM} ${LABS} (?:is |was )?[<>]?\\d{1,4}`,
    check: (value) => {
      const word = value.replace(/ .*$/, '');
      return isPlainName(word) ? word.length : 0;
    },
  },
  {
    // "hear from the lab on petrov", "update re szabo"
    entity: 'PERSON',
    name: 'person.small-about',
    score: 0.45,
    before:
      '(?:on|re|about|of|sched|schedule|see|sees|saw|booked|moved|discharge|admit|rounding on|lasix on|covering|cover) ',
    value: '[a-z][a-z-]{4,20}',
    check: (value) =>
      isPlainName(value) && ((lookUp(value) & (FAMILY_COMMON | GIVEN_COMMON)) !== 0 || isNameLike(value))
        ? value.length
        : 0,
  },
  {
    // "patient in 14b, lee, wants tylenol"
    entity: 'PERSON',
    name: 'person.small-between',
    score: 0.45,
    before: '[a-z0-9], ',
    anywhere: true,
    value: `[a-z][a-z'-]{2,20}, (?:wants|needs|has|had|is|was|who|she|he|they|cant|can't|says|said|asked|asking|came|went|fell|still|refuses|refusing|\\d{1,3})`,
    check: (value) => {
      const word = value.replace(/,.*$/, '');
      return isPlainName(word) && (lookUp(word) & (FAMILY_COMMON | GIVEN)) !== 0 ? word.length : 0;
    },
  },
  {
    // "named joy", "my daughter misty", "aunt precious": a given name, if a word as well.
    entity: 'PERSON',
    name: 'person.small-named',
    score: 0.5,
    before:
      '(?:named|name is|name was|is called|goes by|nurse|aunt|uncle|auntie|officer|coach|pastor|(?:my|his|her|their|our|pts) (?:older |younger |little |best )?(?:daughter|son|wife|husband|sister|brother|mom|dad|mother|father|aunt|uncle|cousin|girlfriend|boyfriend|partner|roommate|neighbor|grandson|granddaughter|nephew|niece|friend|boss|baby|twin)) ',
    value: WORD_FORM,
    check: (value) => {
      const plain = value.replace(/'s$/, '');
      const flags = lookUp(plain);
      const usual = (flags & GIVEN_COMMON) !== 0 && (flags & (MEDICAL | ROLE | WORD_COMMON)) === 0;
      return isWordGiven(plain) || usual || KIN_GIVEN.has(plain) ? plain.length : 0;
    },
  },
  {
    // "(arlene p)", "lena k in 7": with the initial of the surname.
    entity: 'PERSON',
    name: 'person.small-initial',
    score: 0.55,
    first: { any: GIVEN, none: NO_NAME | EPONYM },
    value: '[a-z]{3,15} [a-z]\\.?(?: (?:in|is|was|has|rm|room|bed|here|from|called|wants|needs)|[):,])',
    check: (value) => {
      const [word = ''] = value.split(' ');
      const flags = lookUp(word);
      const given = (flags & GIVEN) !== 0 && (flags & (NO_NAME | EPONYM)) === 0;
      return given ? (/^[a-z]+ [a-z]\.?/.exec(value)?.[0].length ?? 0) : 0;
    },
  },
  {
    // "Bed 4 Lindqvist, post-op", "Rm 12B: Okafor"
    entity: 'PERSON',
    name: 'person.bed',
    score: 0.5,
    before: '(?i:bed|rm|room|bay|pod|chair|station) ?#?\\d{1,4}[A-Da-d]?(?:[:,.-]| -)? ',
    value: "[A-ZÀ-Þ][a-zß-öø-ſ'][A-Za-zÀ-ÖØ-öø-ſ'-]{1,24},?",
    check: (value) => {
      const name = value.replace(/,$/, '');
      const flags = name
        .toLowerCase()
        .split('-')
        .reduce((all, part) => all | lookUp(part), 0);
      if ((flags & (MEDICAL | ROLE | COUNTRY | STATE | MONTH)) !== 0) return 0;
      // "Bed 4: Stone, post-op": before a comma also a word.
      const word = name !== value && (flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0;
      const known = (flags & NAME) !== 0 && ((flags & WORD) === 0 || word);
      return known || (flags === 0 && isNameLike(name)) ? name.length : 0;
    },
  },
];
