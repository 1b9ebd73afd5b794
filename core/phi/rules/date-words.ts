import type { Rule } from '../engine/rule/rule.ts';
import { MONTH_NAME, WEEKDAY, YEAR } from './date.ts';

const ORDINAL_WORD = `(?i:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth|twenty[- ](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|thirty[- ]first)`;
const YEAR_WORDS = `(?i:(?:nineteen|twenty|two thousand(?: and)?)[ -](?:hundred )?(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|oh)[ -]?)?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen)?)`;
/** Months of German, French, Spanish, Portuguese, Italian, Dutch, Swedish, Danish, Polish and Turkish, where they are written otherwise. */
const FOREIGN_MONTH = `(?i:januar|jänner|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|pebrero|marso|hunyo|hulyo|agosto|setyembre|oktubre|nobyembre|disyembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|januari|februari|maart|mei|augustus|augusti|marts|maj|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia|ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık)`;

/** In the Philippines the day stands behind the month. */
const TAGALOG_MONTH =
  '(?i:enero|pebrero|marso|abril|mayo|hunyo|hulyo|agosto|setyembre|oktubre|nobyembre|disyembre)';

/** Behind "the", without a month: from the fourth on, as "the first" and "the second" are said of everything. */
const DAY_WORD = `(?i:fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|eigh|nine)teenth|twentieth|thirtieth|twenty-(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|thirty-first)`;

/** "the 14th" is a day, "the 5th toe" and "the 4th intercostal space" are not. */
function checkDay(value: string): number {
  return value.includes(' ') &&
    !/ (?:and|for|at|or|to|with|because|she|he|they|but|of|i|we|when|after|went|was|is|has|had|will|until|in|from|by|so|then|if|that|this|please|due|as|before|due|bc|cuz|cause|since|through|during|til|till|via|w|per|not|instead|no|yes|did|do|can|could|would|who|where|which|my|his|her|their|our|around|over|again|already|dr|mr|mrs|ms|too|ok|okay|were|are|am|may|might|should|must|works?|worked|also|fine|early|soon|enough|possible|available|unless|though|although|rather|earlier|later|itself|only|still|off|out|back|there|here|really|now|noon|about|regarding)$/.test(
      value,
    )
    ? 0
    : value.replace(/ .*/, '').length;
}

/** Dates in words: months and holidays alone, ordinals, other languages. */
export const DATE_WORD_RULES: readonly Rule[] = [
  {
    entity: 'DATE',
    name: 'date.month',
    score: 0.5,
    before:
      '(?:(?i:in|since|until|till|last|this|next|early|late|mid|during|from|through|by|before|after|around|of|every)(?:[ -](?:early|late|mid))?[ -])',
    value: MONTH_NAME,
  },
  {
    entity: 'DATE',
    name: 'date.month-small',
    score: 0.5,
    before: `(?i:in|since|until|till?|last|this|next|back in|by|early|late|mid)[ -]`,
    value: `(?i:january|february|april|june|july|august|september|october|november|december|jan|feb|apr|aug|sept?|oct|nov)`,
  },
  {
    // "last march", but no march in place.
    entity: 'DATE',
    name: 'date.march',
    score: 0.5,
    before: '(?i:in|since|last|this past|back in|early|late|mid)[ -]',
    value: 'march(?: [a-z]{1,12})?',
    check: (value) =>
      / (?:in|of|the|to|on|up|down|with|madness|fracture|hemoglobinuria|forward|past|around)$/.test(value)
        ? 0
        : 'march'.length,
  },
  {
    entity: 'DATE',
    name: 'date.foreign',
    score: 0.8,
    value: `\\d{1,2}(?:er|\\.)?(?: bis \\d{1,2}\\.| al? \\d{1,2}| au \\d{1,2})? (?:de )?${FOREIGN_MONTH}(?:,? (?:de |del )?(?:19|20)\\d{2})?|${FOREIGN_MONTH} (?:de |del )?(?:19|20)\\d{2}|${TAGALOG_MONTH} \\d{1,2}(?:/\\d{1,2}|,? (?:19|20)\\d{2})?`,
    // "Mayo 9/12" is a score.
    check: (value) => (value.includes('/') ? 0 : value.length),
  },
  {
    entity: 'DATE',
    name: 'date.spoken',
    score: 0.7,
    // "June the twelfth", "the third of May", "July third, twenty twenty-four"
    value: `${MONTH_NAME} (?:the )?${ORDINAL_WORD}(?:,? ${YEAR_WORDS})?|(?:the )?${ORDINAL_WORD} of ${MONTH_NAME}(?:,? ${YEAR_WORDS})?|(?i:january|february|april|june|july|august|september|october|november|december) (?:the )?${ORDINAL_WORD}|(?:march|may) (?:the ${ORDINAL_WORD}|${ORDINAL_WORD},? ${YEAR_WORDS})`,
  },
  {
    entity: 'DATE_OF_BIRTH',
    name: 'birth.spoken',
    score: 0.6,
    // "Nine, twenty-two, forty-eight": a month, a day and a year.
    value: `(?i:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)[, ]{1,2}(?i:(?:twenty|thirty)(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|(?:thir|four|fif|six|seven|eigh|nine)teen|ten|eleven|twelve|one|two|three|four|five|six|seven|eight|nine)[, ]{1,2}(?i:nineteen |twenty )?(?i:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)[- ]?(?:one|two|three|four|five|six|seven|eight|nine)?|oh (?:one|two|three|four|five|six|seven|eight|nine)|two thousand(?: (?:and )?[a-z]{3,9})?)`,
  },
  {
    entity: 'DATE',
    name: 'date.december',
    score: 0.5,
    // "dec 10" without a dose behind it: not "decrease 10 mg".
    value: '(?:dec|mar|sat|sun) \\d{1,2}(?: ?[A-Za-z%]{1,12}|,|\\.)?',
    check: (value) =>
      /^(?:dec|mar) (?:[1-9]|[12]\d|3[01])(?:[,.]|$| (?:and|at|for|i|we|he|she|they|with|to|because|but|so|after|then|was|when|nights?|nites?|shifts?|visits?|am|pm|appt|morning|evening|eve|if|or|is|for|from|until|as|please|pls)$)/.test(
        value,
      )
        ? (/^[a-z]+ \d+/.exec(value)?.[0].length ?? 0)
        : 0,
  },
  {
    // "repeat in spring 2027": less than a year. Not the issue of a journal.
    entity: 'DATE',
    name: 'date.season',
    score: 0.5,
    value: '(?i:spring|summer|fall|autumn|winter)(?: of)? (?:19|20)\\d{2}(?: [a-z]{1,12})?',
    check: (value) => {
      const date = value.replace(/(\d{4}) [a-z]+$/, '$1');
      return /(?:issue|edition|guidelines?|meeting|update|release|version|formulary)$/.test(value)
        ? 0
        : date.length;
    },
  },
  {
    entity: 'DATE',
    name: 'date.holiday',
    score: 0.6,
    value: `(?:Christmas|X-?[Mm]as|Thanksgiving|Easter|New Year'?s|Memorial|Labor|Independence|Veterans'?|Presidents'?|Mother's|Father's|Valentine's|Columbus|(?:St|Saint)\\.? Patrick's|Boxing)(?: (?:Day|Eve|Sunday|Monday|weekend|break|morning|night|week|dinner|disease|egg|factor|tree)|-[a-z]{1,12})?(?: ${YEAR})?|(?:Good Friday|Palm Sunday|Ash Wednesday|Holy Thursday|Rosh Hashanah|Cinco de Mayo|Mardi Gras|Kwanzaa|Black Friday|Eid al-Fitr|Eid al-Adha|Lunar New Year|MLK Day|July 4th|July Fourth|4th of July|Fourth of July|Halloween|Juneteenth|Hanukkah|Diwali|Yom Kippur|Passover|Ramadan|Purim|Holi|Nowruz|Eid|Tet|Ash Wednesday|Lent|Shavuot|Sukkot|Navratri)(?: ${YEAR})?`,
    check: (value) =>
      /^(?:Memorial|Labor|Independence|Veterans|Presidents|Mother|Father|Valentine|Columbus|Boxing)\S*$|-[a-z]+$|(?:disease|egg|factor|tree)$/.test(
        value,
      )
        ? 0
        : value.length,
  },
  {
    entity: 'DATE',
    name: 'date.holiday-small',
    score: 0.5,
    before: '(?i:since|before|after|on|around|by|until|till|for|at|over|last|this|past) ',
    value:
      '(?i:x-?mas|christmas|thanksgiving|easter|halloween|new years?|labor day|memorial day|valentines(?: day)?|mothers day|fathers day)(?: (?i:day|eve|weekend|disease))?',
    check: (value) => (value.endsWith('disease') ? 0 : value.length),
  },
  {
    // "last drink halloween nite"
    entity: 'DATE',
    name: 'date.holiday-time',
    score: 0.5,
    value:
      '(?:halloween|thanksgiving|x-?mas|christmas|easter|new years?) (?:nite|night|eve|day|morning|weekend|week|break|party)',
  },
  {
    entity: 'DATE',
    name: 'date.day',
    score: 0.5,
    before: '(?i:the) ',
    value: '(?:[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)(?: [a-z]{1,12})?',
    check: checkDay,
  },
  {
    // "the 3rd and 17th"
    entity: 'DATE',
    name: 'date.day-and',
    score: 0.5,
    before: '(?i:the) \\d{1,2}(?:st|nd|rd|th)(?:, | and | or | to | through | & |-)(?:(?i:the) )?',
    value: '(?:[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)(?: [a-z]{1,12})?',
    check: checkDay,
  },
  {
    entity: 'DATE',
    name: 'date.weekday-day',
    score: 0.7,
    before: `${WEEKDAY},? `,
    value: `(?:the )?(?:[1-9]|[12]\\d|3[01])(?:st|nd|rd|th)|the ${ORDINAL_WORD}`,
  },
  {
    entity: 'DATE',
    name: 'date.day-word',
    score: 0.5,
    before:
      '(?:(?i:on|from|since|by|until|till|for|before|after)|(?i:yesterday|today|tomorrow|day),) (?i:the) ',
    value: `${DAY_WORD}(?: [a-z]{1,12})?`,
    check: checkDay,
  },
];
