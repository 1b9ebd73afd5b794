import type { Rule } from '../engine/rule.ts';
import {
  CITY_FIRST,
  CITY_WORD,
  COUNTRY,
  EPONYM,
  GIVEN_COMMON,
  MEDICAL,
  NAME,
  ROLE,
  STATE,
  WORD,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import { placePhrase } from '../lexicon/phrase.ts';
import { anyOf } from './any-of.ts';
import { WORD_FORM } from './lower-case.ts';
import { LOWER_CITIES, LOWER_ORGANIZATIONS } from './lower-names.ts';

/** What may stand behind a place. */
const AFTER_PLACE =
  /^(?:and|or|on|for|with|who|today|tomorrow|yesterday|last|since|but|is|was|at|by|office|area|clinic|[a-z]{2})$/;
/** Words that are in no list and name what every hospital has. */
const KINDS = /^(?:snf|childrens|rehab|walk-in|outpt|inpt|tele|peds|icu|er|ed|onc|ortho|med)$/;
/** Codes of states before a ZIP code, and those of them that are no word. */
const STATE_AND_ZIP =
  '(?:a[klrz]|c[aot]|d[ce]|fl|ga|hi|i[adln]|k[sy]|la|m[adeinost]|n[cdehjmvy]|o[hkr]|p[ar]|ri|s[cd]|t[nx]|ut|v[at]|w[aivy]),? \\d{5}';
const SURE_STATE = '(?:a[klrz]|ca|ct|fl|ga|i[al]|k[sy]|m[inst]|n[cdehjmvy]|ri|s[cd]|t[nx]|ut|v[at]|w[aivy])';

/** A known place of several words before its state. */
function checkTown(value: string): number {
  const town = value.replace(/,? [a-z]{2}(?:,? \d{5})?$/, '');
  const words = town.split(' ');
  return placePhrase(words, 0) === words.length ? town.length : 0;
}

/** The place that the words begin with, the longest that is known. */
function checkLowerCaseCity(value: string): number {
  const words = value.split(' ');
  const count = placePhrase(words, 0);
  const phrase = words.slice(0, count);
  // "to high point" and "in spring valley" may be a place; words of every day alone are none.
  if (count > 1 && phrase.some((word) => (lookUp(word) & (WORD_COMMON | MEDICAL)) === 0))
    return phrase.join(' ').length;
  const [word = '', next = ''] = words;
  const flags = lookUp(word);
  if ((flags & CITY_WORD) === 0 || (flags & (WORD | MEDICAL | ROLE | COUNTRY | STATE)) !== 0) return 0;
  return (flags & EPONYM) !== 0 && next !== '' && !AFTER_PLACE.test(next) ? 0 : word.length;
}

/** A place of care by its kind, when one of its own words is no ordinary one. */
function checkLowerCaseOrganization(value: string): number {
  const own = value.split(' ').filter((word) => (lookUp(word) & (WORD_COMMON | MEDICAL | ROLE)) === 0);
  const named = own.some((word) => {
    const flags = lookUp(word);
    return (flags & (NAME | CITY_WORD)) !== 0 || (flags & WORD) === 0;
  });
  return named && !KINDS.test(own.join(' ')) ? value.length : 0;
}

/** "st marys", "st. luke's": behind a saint comes a given name. */
function checkSaint(value: string): number {
  const [, name = '', kind] = /^\S+ ([a-z]+)(?:'s)?(?: (.*))?$/.exec(value) ?? [];
  const plain = name.replace(/s$/, '');
  if (kind === 'wort' || kind === 'disease') return 0;
  const given = (lookUp(plain) & GIVEN_COMMON) !== 0 || (lookUp(name) & GIVEN_COMMON) !== 0;
  const plural = name.endsWith('s') || value.includes("'s");
  return given && (plural || kind !== undefined) ? value.length : 0;
}

/** Places and organisations in small letters. */
export const LOWER_CASE_PLACE_RULES: readonly Rule[] = [
  {
    entity: 'CITY',
    name: 'city.lower-case-known',
    score: 0.6,
    value: anyOf(LOWER_CITIES),
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.lower-case-known',
    score: 0.6,
    value: anyOf(LOWER_ORGANIZATIONS),
  },
  {
    // "gallup nm 87301": whatever stands before a state and a ZIP code.
    entity: 'CITY',
    name: 'city.lower-case-state',
    score: 0.6,
    value: `${WORD_FORM},? ${STATE_AND_ZIP}`,
    check: (value) => {
      const town = value.replace(/,? .*$/, '');
      return town.length > 2 && (value.includes(', ') || (lookUp(town) & WORD_COMMON) === 0)
        ? town.length
        : 0;
    },
  },
  {
    // "copperas cove tx 76522"
    entity: 'CITY',
    name: 'city.lower-case-state-words',
    score: 0.6,
    first: { any: CITY_FIRST },
    value: `${WORD_FORM}(?: ${WORD_FORM}){1,2},? ${STATE_AND_ZIP}`,
    check: checkTown,
  },
  {
    // "billings mt": without a ZIP code, where the state is no word.
    entity: 'CITY',
    name: 'city.lower-case-in-state',
    score: 0.5,
    first: { any: CITY_WORD, none: WORD_COMMON | MEDICAL | STATE },
    value: `${WORD_FORM},? ${SURE_STATE}`,
    check: (value) => {
      const town = value.replace(/,? .*$/, '');
      const flags = lookUp(town);
      return (flags & CITY_WORD) !== 0 && (flags & (WORD_COMMON | MEDICAL | STATE)) === 0 ? town.length : 0;
    },
  },
  {
    // "iowa city ia"
    entity: 'CITY',
    name: 'city.lower-case-in-state-words',
    score: 0.5,
    first: { any: CITY_FIRST },
    value: `${WORD_FORM} ${WORD_FORM},? ${SURE_STATE}`,
    check: checkTown,
  },
  {
    // "on maple ave", "off colfax blvd"
    entity: 'STREET_ADDRESS',
    name: 'street.lower-unnumbered',
    score: 0.5,
    before: '(?:on|off|at|near|from|by|of|and|down|over on|corner of) ',
    value: `(?:[nsew]\\.? |north |south |east |west )?[a-z][a-z'-]{2,20} (?:st|street|ave|avenue|blvd|boulevard|rd|road|ln|lane|pkwy|parkway|hwy)`,
    check: (value) => {
      if (/^(?:[nsew]\.?|north|south|east|west) /.test(value)) return value.length;
      const word = value.replace(/ .*$/, '');
      const flags = lookUp(word);
      const tree =
        /^(?:main|oak|elm|pine|maple|cedar|park|lake|hill|broad|church|high|market|river|mill|walnut|chestnut|cherry|spruce|washington|lincoln|jackson|jefferson|madison|monroe)$/;
      const own = (flags & (NAME | CITY_WORD)) !== 0 && (flags & (WORD_COMMON | MEDICAL)) === 0;
      return tree.test(word) || own ? value.length : 0;
    },
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.lower-route',
    score: 0.5,
    value: '(?:hwy|highway|state road|county road|interstate) \\d{1,3}',
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.lower-case-school',
    score: 0.5,
    before: '(?:at|to|for|attends|from|by|in) ',
    value: `${WORD_FORM} (?:high|elementary|middle|prep|academy|tech|jr high|state|community college|daycare|preschool|diner|bakery|foods|trucking|farms|motors|electric|plumbing|roofing|logistics)`,
    check: (value) => {
      const flags = lookUp(value.replace(/(?:'s)? .*$/, ''));
      const state = value.endsWith(' state') && (flags & (STATE | CITY_WORD)) !== 0;
      const named = (flags & (NAME | CITY_WORD)) !== 0 && (flags & (WORD | MEDICAL | ROLE)) === 0;
      return (state || named) && !(value.endsWith(' state') && !state) ? value.length : 0;
    },
  },
  {
    // "at bayview": as homes and clinics are called.
    entity: 'ORGANIZATION',
    name: 'organization.lower-case-view',
    score: 0.45,
    before: '(?:at|@|over at|admitted to|back to|seen at|transferred (?:to|from)|sent (?:to|from)) ',
    value:
      '[a-z]{3,10}(?:view|side|dale|brook|crest|haven|wood|woods|ridge|field|stone|bridge|gate|pointe|shore|lawn|mont|care|med|health|pines|oaks)',
    check: (value) => {
      const flags = lookUp(value);
      return flags === 0 || ((flags & (NAME | CITY_WORD)) !== 0 && (flags & (WORD | MEDICAL)) === 0)
        ? value.length
        : 0;
    },
  },
  {
    // "at shady pines", "from golden oaks"
    entity: 'ORGANIZATION',
    name: 'organization.lower-case-home',
    score: 0.5,
    before: '(?:at|@|to|from|in|lives at|near) (?:the )?',
    value:
      '[a-z]{3,14} (?:pines|oaks|manor|villa|acres|gardens|meadows|village|terrace|ridge|pointe|shores|haven|lodge|place|court|house|commons|crossing|landing|springs|lakes|grove)',
    check: (value) =>
      /^(?:shady|golden|whispering|sunny|pleasant|silver|royal|rolling|quiet|happy|peaceful|cedar|maple|willow|magnolia|evergreen|autumn|sunset|sunrise|harbor|river|lake|forest|spring|summer|winter|hidden|twin|seven|three|four|green|white|red|blue|oak|pine|elm|heritage|liberty|freedom|colonial|country|cherry|apple|rose|ivy|fox|deer|eagle|falcon|mountain|valley|canyon|desert|ocean|bay|crystal|emerald|ruby|pearl|hickory|walnut|birch|aspen|cypress|palm|dove|grace|hope|faith|mercy|bridge|stone|park)/.test(
        value,
      )
        ? value.length
        : 0,
  },
  {
    // "yonkers 10701": any town that is no word.
    entity: 'ZIP_CODE',
    name: 'zip.lower-case-town',
    score: 0.45,
    value: `${WORD_FORM},? \\d{5}(?:-\\d{4})?`,
    check: (value) => {
      const flags = lookUp(value.replace(/,? .*$/, ''));
      return (flags & CITY_WORD) !== 0 && (flags & (WORD | MEDICAL)) === 0 ? value.length : 0;
    },
  },
  {
    entity: 'CITY',
    name: 'city.lower-case',
    score: 0.5,
    first: { any: CITY_WORD | CITY_FIRST, none: 0 },
    before:
      '(?:in|from|near|outside|around|to|lives? in|moved to|visiting|downtown|at (?:our|the)|in (?:our|the)) ',
    value: `${WORD_FORM}(?: ${WORD_FORM}){0,2}`,
    check: checkLowerCaseCity,
  },
  {
    // "the xray place in pottersfield": of no list, called as towns are.
    entity: 'CITY',
    name: 'city.lower-case-ending',
    score: 0.45,
    first: { any: 0, none: 0, unknown: true },
    before: '(?:in|from|near|outside|around|moved to|lives? in|visiting) ',
    value:
      '[a-z]{3,12}(?:field|ville|burg|burgh|ton|town|ford|port|dale|ham|bury|mont|ridge|brook|creek|view|haven|wood)',
  },
  {
    // Employers that are words or rivers elsewhere.
    entity: 'ORGANIZATION',
    name: 'organization.lower-case-employer',
    score: 0.5,
    // "bp at target"
    unless:
      '(?:bp|hr|a1c|inr|levels?|dose|weight|wt|not|pressures?|ldl|sugars?|glucose|map|sats?|uop|keep|kept|remains?|titrated?|trough|goal|rate) (?:is |was )?(?:at|to|for) ',
    before:
      '(?:works? (?:nights |days )?at|works? (?:nights |days )?for|working at|works? @|job at|employed at|employed by|shift at|drives for|pharmacy at|from the|shops at|driver for|driver at|cashier at|warehouse at|at|at the|for|to) ',
    value:
      "(?:caterpillar|john deere|the va|the post office|intel|nike|honeywell|lockheed|raytheon|marriott|hilton|hyatt|chipotle|panera|dennys|applebees|olive garden|cracker barrel|waffle house|chick fil a|popeyes|wawa|sheetz|quiktrip|kwik trip|menards|cabelas|petsmart|autozone|jiffy lube|sherwin williams|food 4 less|winco|wegmans|hy-vee|giant eagle|food lion|piggly wiggly|ralphs|vons|fred meyer|king soopers|sams club|bjs|planet fitness|ymca|goodwill|city of hope|ohio state|penn state|michigan state|amazon|target|uber|lyft|doordash|fedex|ups|usps|starbucks|mcdonalds|mcdonald's|subway|wendys|burger king|taco bell|home depot|lowes|best buy|dollar general|dollar tree|family dollar|whole foods|trader joes|publix|kroger|safeway|aldi|meijer|tesla|boeing|ford|google|microsoft|apple|tyson|smithfield|banner|kaiser|sutter|mercy|quest|labcorp|sonic|vitas|golden corral|texas roadhouse|chilis|ihop|kfc|arbys|jimmy johns|dunkin|dairy queen|five guys|buffalo wild wings|red robin|bojangles|zaxbys|whataburger|jack in the box|carls jr|hardees|little caesars|papa johns|dominos|pizza hut)",
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.lower-case',
    score: 0.6,
    before:
      '(?:at|from|to|in|hx|by|via|per|of|into|the|near|for|works|via|w/|with|is|called|ins|employer|pcp) ',
    value:
      "(?:[a-z][a-z'-]{2,20} ){1,3}(?:hospital|medical center|med center|general|memorial|methodist|baptist|presbyterian|regional|lutheran|adventist|sacred heart|mercy|clinic|snf|manor|nursing home|rehab|nursing and rehab|care center|health center|hospice|home health|home care|homecare|home medical|drugs|drug store|drugstore|transit|dental|ortho|pediatric dentistry|high school|middle school|elementary|elementary school|university|college|pharmacy|surgery center|urgent care|cancer center|childrens|dialysis|orthopedics|dermatology|pediatrics|cardiology|oncology|physical therapy|family medicine|internal medicine|family practice|eye center|behavioral health|behavioral|imaging|sleep lab|spine|ent|assisted living|memory care|infusion center|infusion|eye institute|pain management|fertility|wellness center|wellness|recovery center|recovery|detox|surgical center|medical group|medical|health system|healthcare|ambulance|ems|labs|diagnostics|logistics|poultry|trucking|construction|steel|bakery|brewing|insurance|academy|daycare|preschool|montessori|church|electric|plumbing|landscaping|motors|farms|casino|hotel|pain institute|(?:dermatology|cardiology|oncology|orthopedic|medical|dental|surgical|health) (?:group|associates|partners|center))",
    check: checkLowerCaseOrganization,
  },
  {
    // "gallup er", "kettering office"
    entity: 'ORGANIZATION',
    name: 'organization.lower-case-town',
    score: 0.5,
    first: { any: CITY_WORD | NAME, none: WORD | MEDICAL | ROLE | STATE | COUNTRY },
    value: `${WORD_FORM} (?:hospital|clinic|er|ed|office|campus|snf|rehab|va|general|memorial|medical center|urgent care)`,
    check: (value) => {
      const flags = lookUp(value.replace(/ .*$/, ''));
      const known = (flags & CITY_WORD) !== 0 || ((flags & NAME) !== 0 && (flags & EPONYM) === 0);
      return known && (flags & (WORD | MEDICAL | ROLE | STATE | COUNTRY)) === 0 ? value.length : 0;
    },
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.lower-case-of',
    score: 0.6,
    value: '(?:university|college) of [a-z]{3,20}',
    check: (value) => ((lookUp(value.replace(/^.* /, '')) & (CITY_WORD | STATE)) === 0 ? 0 : value.length),
  },
  {
    entity: 'ORGANIZATION',
    name: 'organization.lower-case-saint',
    score: 0.6,
    value:
      "(?:st|saint)\\.? [a-z]{3,15}(?:'s|s)?(?: (?:hospital|medical center|clinic|health|er|ed|icu|wort|disease))?",
    check: checkSaint,
  },
];
