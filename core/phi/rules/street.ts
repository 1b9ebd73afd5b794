import type { Rule } from '../engine/rule.ts';
import {
  CITY_WORD,
  COUNTRY,
  CREDENTIAL,
  FAMILY,
  MEDICAL,
  MONTH,
  ROLE,
  STATE,
  TITLE,
  WEEKDAY,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';

const CAPITAL = "[A-Z][a-z'-]{2,19}";
const SUFFIX =
  '(?:St|Ave|Rd|Ct|Ln|Dr|Blvd|Way|Pl|Cir|Ter|Hwy|Pkwy|Trl|Loop|Lp|Sq|Street|Avenue|Road|Court|Lane|Drive|Boulevard|Place|Circle|Terrace|Parkway|Trail|Square|Highway|Pike|Row|Run|Pt|Point|Cove|Cv)';
const UNIT = '(?:,? (?:(?:Apt|Unit|Ste|Suite|Lot|Bldg|Rm) ?#?|#) ?[A-Za-z0-9-]{1,5})?';
const NO_TOWN = MEDICAL | STATE | COUNTRY | MONTH | WEEKDAY | ROLE | TITLE | CREDENTIAL | WORD_COMMON;
/** Streets that every town has, behind "on": "Pillbox on Main". */
const STREETS =
  '(?:Main|First|Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth|Tenth|Oak|Elm|Maple|Pine|Cedar|Walnut|Chestnut|Spruce|Vine|Mill|Front|Water|River|Lake|Hill|High|Broadway|Broad|Market|Church|Park|Central|Washington|Lincoln|Jackson|Madison|Monroe|Jefferson|Franklin|State|Grand|Canal|Magazine|Michigan|Telegraph|Sunset|Ocean|Commerce|Division|\\d{1,3}(?:st|nd|rd|th))';

function checkTown(value: string): number {
  const [first = ''] = value.toLowerCase().split(' ');
  const flags = lookUp(first);
  if (/^(?:apt|unit|suite|ste|floor|room|lot|bldg|po|box)$/.test(first)) return 0;
  return (flags & NO_TOWN & ~WORD_COMMON) === 0 && ((flags & WORD_COMMON) === 0 || value.includes(' '))
    ? value.length
    : 0;
}

/** Streets without a number, towns behind a street, and shops by the street they stand in. */
export const STREET_RULES: readonly Rule[] = [
  {
    // "on Pine st", "off Juniper rd": the suffix in small letters.
    entity: 'STREET_ADDRESS',
    name: 'street.small-suffix',
    score: 0.5,
    before: '(?:on|off|at|near|from|by|down|of|and|to|@|&|lives|live|over on|up on) ',
    value: `(?:[NSEW]\\.? )?${CAPITAL}(?: ${CAPITAL})? (?:st|ave|rd|blvd|ln|dr|ct|pl|cir|hwy|pkwy|street|avenue|road|lane|drive|boulevard|court|parkway|highway)`,
    check: (value) => {
      const first = value
        .replace(/^[NSEW]\.? /, '')
        .replace(/ .*$/, '')
        .toLowerCase();
      const flags = lookUp(first);
      const person = / dr$/.test(value) && (flags & FAMILY) !== 0 && (flags & CITY_WORD) === 0;
      return (flags & (MEDICAL | MONTH | WEEKDAY | ROLE | TITLE)) === 0 && !person ? value.length : 0;
    },
  },
  {
    // "the Walgreens on Telegraph": a shop's street without its suffix.
    entity: 'STREET_ADDRESS',
    name: 'street.shop-on',
    score: 0.5,
    before:
      "(?i:walgreens|cvs|rite aid|walmart|wal-mart|costco|target|kroger|safeway|publix|wegmans|h-?e-?b|winn[- ]dixie|albertsons|duane reade|pharmacy|drugstore|store|clinic|office|shop|bank|church|shelter|motel|hotel|marriott|hilton|starbucks|mcdonald'?s|subway|apartment|apt|house|garage|gas station|diner|salon|gym) on (?:the )?",
    value: `(?:[NSEW]\\.? )?${CAPITAL}`,
    check: (value) => {
      const flags = lookUp(value.replace(/^[NSEW]\.? /, '').toLowerCase());
      return (flags & (NO_TOWN & ~(STATE | WORD_COMMON))) === 0 ? value.length : 0;
    },
  },
  {
    // "the Fulton St location"
    entity: 'STREET_ADDRESS',
    name: 'street.branch',
    score: 0.5,
    before: '(?:the|our|your|my|their) ',
    value: `${CAPITAL}(?: ${CAPITAL})? (?:St|Ave|Rd|Blvd|Dr|Ln|Hwy|Pkwy|Street|Avenue|Road)\\.? (?:location|office|store|pharmacy|clinic|branch|one|exit|shelter|house|address|apartment|building|entrance|station|site|campus)`,
    check: (value) => value.replace(/ [a-z]+$/, '').length,
  },
  {
    // "Evergreen Court says": a home, by what it is called and does.
    entity: 'ORGANIZATION',
    name: 'organization.home-does',
    score: 0.5,
    value: `${CAPITAL}(?: ${CAPITAL})? (?:Court|Terrace|Place|Gardens|Villa|Commons|Pines|Oaks|Meadows|Acres|Ridge|Crossing|Landing|Haven|House|Lodge|Cottages?|Village|Estates|Woods|Grove|Glen|Hills|Heights|View|Pointe?|Square|Park|Manor|Bend) (?:says?|said|called|calls|sent|faxed|wants|needs|wont|won't|refuses|refused|reports|will take|cant|can't|never|denied|accepted|is asking|has a bed|has no)`,
    check: (value) => {
      const name = /^(?:[A-Z]\S+ ?)+/.exec(value)?.[0].trimEnd() ?? '';
      const first = lookUp(name.replace(/ .*$/, '').toLowerCase());
      return (first & (NO_TOWN & ~(STATE | WORD_COMMON))) === 0 &&
        !/^(?:The|Our|Your|My|This|That|White|Supreme|High|District|Federal|Traffic|Food|Trial|Care|Appeals|Circuit) (?:Court|House|Park|Place|View)/.test(
          name,
        )
        ? name.length
        : 0;
    },
  },
  {
    // "14 Mule Deer Ct, Fernley"
    entity: 'CITY',
    name: 'city.behind-street',
    score: 0.6,
    before: `\\d{1,6} (?:[NSEW]\\.? )?(?:[A-Z][A-Za-z'-]{1,19} ){1,3}${SUFFIX}\\.?${UNIT},? (?:in )?`,
    value: `${CAPITAL}(?: ${CAPITAL}){0,2}`,
    check: checkTown,
  },
  {
    // "Mercy West", "Providence Downtown": one house of several.
    entity: 'ORGANIZATION',
    name: 'organization.branch',
    score: 0.5,
    value:
      '(?:Mercy|Providence|Memorial|Baptist|Methodist|Presbyterian|Sacred Heart|Good Samaritan|Trinity|Sutter|Kaiser|Banner|Legacy|Swedish|Ascension|Advocate|Aurora|Sharp|Scripps|Deaconess|Lutheran|Adventist|Bellevue|Parkland|Saint [A-Z][a-z]{2,12}|St\\.? [A-Z][a-z]{2,12}) (?:West|East|North|South|Northeast|Northwest|Southeast|Southwest|Downtown|Main|Central|Uptown|Midtown|Campus|Heights|Hills)',
  },
  {
    // "I moved to Truth or Consequences": words of every day, where somebody lives.
    entity: 'CITY',
    name: 'city.moved',
    score: 0.5,
    before:
      '(?i:(?:i|we|he|she|they|family|just|recently|have|has|pt|mom|dad) (?:just |recently )?moved to|(?:lives?|lived|living|grew up|born|raised|resides|apartment|farm) in|relocated to|(?:drove|flew) in from) ',
    value: `${CAPITAL}(?: (?:or|and|on|of|the|in|by|de|del|la) ${CAPITAL}| ${CAPITAL}){1,2}`,
    check: (value) =>
      value
        .toLowerCase()
        .split(' ')
        .every(
          (word) =>
            (lookUp(word) & (NO_TOWN & ~(WORD_COMMON | STATE))) === 0 &&
            !/^(?:assisted|memory|section|public|housing|senior|adult)$/.test(word),
        )
        ? value.length
        : 0,
  },
  {
    // "at Haven on Fifth", "Pillbox on Main"
    entity: 'ORGANIZATION',
    name: 'organization.on-street',
    score: 0.5,
    behind: "(?:[a-z'/]{2,20},?|[A-Z0-9-]{2,12},) ",
    value: `(?:The )?${CAPITAL}(?: ${CAPITAL})? on ${STREETS}`,
  },
];
