import type { Rule } from '../engine/rule.ts';
import { CITY_FIRST, CITY_WORD, MEDICAL, NAME, ROLE, WORD, WORD_COMMON } from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';

const WORD_FORM = "[a-z][a-z'-]{1,20}";
/** What no name of a company begins with. */
const DETERMINER =
  /^(?:an?|the|my|our|your|his|her|their|its|this|that|these|those|which|what|any|some|no|other|another|new|old|same|local|nearest|closest|nearby|mail|mail-order|order|online|retail|hospital|outpatient|inpatient|specialty|compounding|clinic|main|one|two|home|in|at|to|from|for|of|and|or|is|was|if|when|till?|because|so|but|not|then|and|did|does|has|each|every|different|regular|usual)$/;
/** What a company does that is a trade, and the kinds of shops. */
const TRADE =
  '(?:roofing|fencing|hauling|haulage|trucking|towing|plumbing|electric|landscaping|lawn care|paving|masonry|welding|drywall|flooring|concrete|construction|contracting|contractors|excavating|auto repair|auto body|auto parts|auto glass|auto|tire|tires|tire shop|body shop|repair|freight|logistics|transport|express|foods|farms?|dairy|poultry|packing|meats|seafood|steel|lumber|cabinets|cleaners|cleaning|janitorial|security|staffing|motors|brewing|bakery|catering|diner|grill|pizza|tavern|salon|nursery|realty|storage|movers|moving|painting|drilling|mining|quarry|marine|boatyard|shipyard|printing|machine|machine shop|metals|plastics|textiles|upholstery|tree service|pest control|pool service|heating and cooling|heating|hvac)';

/** Whether the words before the kind are a name: the first no article, none a thing of medicine. */
function isNamed(words: readonly string[], least: number): boolean {
  const [first = ''] = words;
  if (words.length < least || DETERMINER.test(first)) return false;
  return words.every(
    (word) =>
      (lookUp(word) & ROLE) === 0 &&
      (lookUp(word) & (MEDICAL | WORD)) !== MEDICAL &&
      !/^(?:a|an|the|my)$/.test(word),
  );
}

function nameOf(value: string, kind: RegExp): string[] {
  return value.replace(kind, '').split(' ');
}

/** Companies in small letters, of whatever words, where only they stand. */
export const LOWER_CASE_ORGANIZATION_RULES: readonly Rule[] = [
  {
    // "works for quick lane auto repair", "employed by ace high roofing"
    entity: 'ORGANIZATION',
    name: 'organization.small-employer',
    score: 0.5,
    before:
      '(?:(?:works?|worked|working) (?:for|at|with|@)|employed (?:by|at|with)|employee (?:of|at)|(?:drives?|driver|driving|foreman|mechanic|welder|roofer|laborer|cashier|job|shift|manager|owner|owns|line) (?:for|at|with)|owns|boss at|laid off (?:from|by)|fired from|retired from) ',
    value: `(?:${WORD_FORM} ){1,3}${TRADE}`,
    check: (value) => (isNamed(nameOf(value, new RegExp(` ${TRADE}$`)), 1) ? value.length : 0),
  },
  {
    // "mike from united fleet repair is here"
    entity: 'ORGANIZATION',
    name: 'organization.small-trade',
    score: 0.45,
    before: '(?:from|w/|with|by) ',
    value: `(?:${WORD_FORM} ){2,3}${TRADE}`,
    check: (value) => {
      const words = nameOf(value, new RegExp(` ${TRADE}$`));
      const linked = words.some((word) => /^(?:and|or|of|for|in|on|at|with|from|to|by|after|w)$/.test(word));
      return isNamed(words, 2) && !linked ? value.length : 0;
    },
  },
  {
    // "hy-plus pharmacy closes at 9"
    entity: 'ORGANIZATION',
    name: 'organization.small-pharmacy',
    score: 0.45,
    first: { any: NAME | CITY_WORD | CITY_FIRST, unknown: true },
    anywhere: true,
    before: '(?:^|\\n|[.?!,;:] |is |did |does |has |and |but |that |says )',
    value: `(?:${WORD_FORM} ){1,2}(?:pharmacy|drugs|drug|apothecary|rx) (?:closes?|closed|opens?|called|calls|says|said|is|was|has|had|have|wont|won't|doesnt|doesn't|didnt|didn't|never|sent|filled|needs|wants|denied|faxed|cant|can't|keeps)`,
    check: (value) => {
      const name = value.replace(/ [a-z']+$/, '');
      const words = name.replace(/ [a-z]+$/, '').split(' ');
      if (!isNamed(words, 1)) return 0;
      const own = words.some((word) => (lookUp(word) & WORD_COMMON) === 0);
      return own || words.length > 1 ? name.length : 0;
    },
  },
];
