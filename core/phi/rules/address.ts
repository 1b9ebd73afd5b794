import { foldCase } from '../engine/rule/fold-case.ts';
import type { Rule } from '../engine/rule/rule.ts';
import { CITY_WORD, MEDICAL, NAME, STATE, WORD_COMMON } from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';
import { CODE_SYSTEM, GAP } from './parts.ts';

/** USPS Publication 28, appendix C1: street suffixes and their common abbreviations. */
const SUFFIX =
  /^(?:Alley|Aly|Avenue|Ave?|Bend|Bluff|Boulevard|Blvd|Branch|Bridge|Bypass|Causeway|Center|Circle|Cir|Corner|Court|Ct|Cove|Creek|Crescent|Cres|Crossing|Xing|Drive|Dr|Expressway|Expy|Freeway|Fwy|Gardens|Glen|Green|Grove|Heights|Highway|Hwy|Hill|Hills|Hollow|Junction|Knoll|Lake|Landing|Lane|Ln|Loop|Manor|Meadows?|Mews|Oaks|Oval|Parkway|Pkwy|Path|Pike|Place|Pl|Plaza|Plz|Point|Ridge|Rdg|Road|Rd|Route|Row|Run|Shore|Springs?|Square|Sq|Station|Street|St|Summit|Terrace|Ter|Trace|Trail|Trl|Turnpike|Tpke|Valley|View|Village|Vista|Walk|Way|AVENUE|AVE|BOULEVARD|BLVD|CIRCLE|CIR|COURT|CT|COVE|DRIVE|DR|HIGHWAY|HWY|LANE|LN|LOOP|PARKWAY|PKWY|PIKE|PLACE|PL|PLAZA|ROAD|RD|SQUARE|SQ|STREET|ST|TERRACE|TER|TRAIL|TRL|WAY)\.?$/;
const LOWER_SUFFIX = `(?:street|avenue|ave|boulevard|blvd|road|rd|lane|ln|drive|court|parkway|pkwy|highway|hwy|terrace|circle)`;
/** In small letters these are words as well: the street's own name must tell. */
const LOWER_WEAK_SUFFIX = '(?:st|dr|ct|pl|cir|way|place|trail|square|loop)';
const LOWER_STREET_NAME =
  /^(?:\d+(?:st|nd|rd|th)|main|oak|elm|pine|maple|cedar|park|lake|hill|broad|church|high|market|spring|center|river|mill|school|union|water|walnut|chestnut|cherry|spruce|ridge|sunset|first|second|third|fourth|fifth)$/;
const DIRECTION = `(?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West|Northeast|Northwest|Southeast|Southwest)\\.? )`;
const WORD = `(?:[A-Z0-9][A-Za-z0-9'-]{0,24} |[A-Z][a-z]{0,2}\\. )`;
const UNIT = `(?:(?:,| -)? ?(?i:apartment|apt|suite|ste|unit|floor|fl|room|rm|building|bldg|lot|trailer|spc|space)\\.? ?#? ?[A-Za-z0-9-]{1,6}|,? ?# ?[A-Za-z0-9-]{1,6})`;
const NUMBER = `\\d{1,6}[A-Za-z]?(?:-(?:\\d{1,5}|[A-Z]))?(?: 1/2)?`;
const STATE_CODE = `(?:A[AEKLPRSZ]|C[AOT]|D[CE]|FL|GA|GU|HI|I[ADLN]|K[SY]|LA|M[ADEINOPST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY])`;
export const STATE_NAME = `(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming)`;

const ZIP_DIGITS = 5;
const MAX_STREET_WORDS = 6;
const DIRECTION_AND_UNIT = new RegExp(
  `^(?: (?:NE|NW|SE|SW|N|S|E|W|North|South|East|West)(?![A-Za-z]))?${foldCase(UNIT)}?`,
);

/**
 * The number and the words up to the last that a street ends with, and its direction and unit. The first word may be
 * one of those ("12 Park Ave"), but not the only one: "5 Court" and "2 St" are something else.
 */
function checkStreet(value: string): number {
  let end = 0;
  let count = 0;
  for (const { 0: quoted, index } of value.matchAll(/[^ ,]+/g)) {
    // street = '14 Mill Pond Rd'
    const word = quoted.replace(/'$/, '');
    if (count > MAX_STREET_WORDS || (end > 0 && value.charAt(end - 1) === '.')) break;
    if (count > 1 && (SUFFIX.test(word) || isUpperSuffix(word))) end = index + word.length;
    if (value.charAt(index + word.length) === ',') break;
    count += 1;
  }
  if (end === 0) return 0;
  return end + (DIRECTION_AND_UNIT.exec(value.slice(end))?.[0].length ?? 0);
}

/** "415 MISSION ROW" */
function isUpperSuffix(word: string): boolean {
  return (
    word.length > 2 &&
    word === word.toUpperCase() &&
    SUFFIX.test(word.charAt(0) + word.slice(1).toLowerCase())
  );
}

/** "12 elm st", but not "2 day way". */
function checkLowerStreet(value: string): number {
  const [, name = '', weak] =
    /^\S+ (?:[nsew]\.? |north |south |east |west )?(?:\S+ )?(\S+) (st|dr|ct|pl|cir|way|place|trail|square|loop)\b/.exec(
      value,
    ) ?? [];
  if (weak === undefined) return value.length;
  return LOWER_STREET_NAME.test(name) || (lookUp(name) & (NAME | CITY_WORD)) !== 0 ? value.length : 0;
}

export const ADDRESS_RULES: readonly Rule[] = [
  {
    entity: 'STREET_ADDRESS',
    name: 'street.address',
    score: 0.85,
    // "08:02:21 CENTRAL STATION"
    unless: '\\d:',
    value: `${NUMBER}(?: [A-Z0-9][A-Za-z0-9'-]{0,24}\\.?){2,8}${UNIT}?`,
    check: checkStreet,
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.with-unit',
    score: 0.75,
    value: `${NUMBER} ${WORD}{1,3}(?:(?i:apartment|apt|suite|ste|unit)\\.? ?#?[A-Za-z0-9-]{1,6}|# ?[A-Za-z0-9-]{1,6})`,
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.lower-case',
    score: 0.7,
    value: `${NUMBER} (?:[nsew]\\.? |north |south |east |west )?(?:[a-z0-9]{2,20} ){1,2}(?:${LOWER_SUFFIX}|${LOWER_WEAK_SUFFIX})${UNIT}?`,
    check: checkLowerStreet,
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.highway',
    score: 0.8,
    value: `${NUMBER} ${DIRECTION}?(?:(?:US|State|County|Old|Farm to Market) ){0,2}(?:Highway|Hwy|Route|Rte|Road|Interstate) ?\\d{1,4}[A-Z]?${UNIT}?|\\d{3,6}[A-Z]? ${DIRECTION}?(?:CR|SR|FM) ?\\d{2,4}${UNIT}?|${NUMBER} ${DIRECTION}?(?:Broadway|Avenue of the Americas|Avenue [A-Z]|Park Place)${UNIT}?|${NUMBER} ${DIRECTION}\\d{1,3}(?:st|nd|rd|th)${UNIT}?`,
  },
  {
    // "the 1500 block of Delmar Loop"
    entity: 'STREET_ADDRESS',
    name: 'street.block',
    score: 0.8,
    value: `\\d{2,5} block of (?:[NSEW]\\.? )?[A-Z0-9][A-Za-z0-9'-]{1,20}(?: [A-Z][A-Za-z'-]{1,20}){0,2}`,
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.box',
    score: 0.85,
    // Military mail as well: "PSC 821 Box 3309", "Unit 2050 Box 4190" (USPS Publication 28, 238).
    value: `(?i:p\\.? ?o\\.? (?:box|drawer|bx)|p\\.?o\\.?b\\.?|pmb|post office box|general delivery box|rural route|(?:star|highway contract) route|hc ?\\d{1,3},? box) ?#?\\d{1,6}(?:,? (?i:box) \\d{1,6}(?:-?[A-Z])?)?|(?:(?:RR|(?i:psc|cmr)) ?\\d{1,4}|(?i:unit) \\d{4,5}),? (?i:box) \\d{1,6}(?:-?[A-Z])?`,
  },
  {
    // "1440 e 19 st apt 6f", "bay 23rd st"
    entity: 'STREET_ADDRESS',
    name: 'street.numbered-small',
    score: 0.6,
    value: `\\d{1,5} (?:[nsew]|north|south|east|west) \\d{1,3}(?:st|nd|rd|th)? (?:st|street|ave|avenue|rd|road|ct|pl|dr)${UNIT}?|(?:[a-z]{3,10} )?\\d{1,3}(?:st|nd|rd|th) (?:st|street|ave|avenue|blvd)`,
  },
  {
    // "509 1/2 Alder, Walla Walla"
    entity: 'STREET_ADDRESS',
    name: 'street.half',
    score: 0.6,
    value: '\\d{1,5} 1/2 [A-Z][A-Za-z]{2,20}',
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.labelled',
    score: 0.8,
    before: `(?i:(?:home |street |mailing |billing |current |residential )?address(?: line ?[12])?|addr|street)(?: (?i:is|on file))?[ \\t"'*_\\\\]{0,4}[:=|][ \\t"'*_\\\\]{0,6}`,
    value: `\\d{1,6}[A-Za-z]?(?:[ -][A-Za-z0-9.'#-]{1,24}){1,6}`,
    check: (value) => value.replace(/'$/, '').length,
  },
  {
    entity: 'ZIP_CODE',
    name: 'zip.state',
    score: 0.85,
    before: `(?:${STATE_CODE}|${STATE_NAME}|D\\.C\\.|(?:Ala|Ariz|Ark|Calif|Colo|Conn|Del|Fla|Ga|Ill|Ind|Kan|Ky|La|Mass|Md|Mich|Minn|Miss|Mo|Mont|Neb|Nev|Okla|Ore|Pa|Tenn|Tex|Va|Vt|Wash|Wis|Wyo)\\.)(?:(?:,| -)? {1,2}|[,|^\\t]| \\| |",")`,
    value: '\\d{5}(?:-\\d{4}|-\\d)?',
    check: (value) => (/-\d$/.test(value) ? 0 : value.length), // "TX|59776-5" is of LOINC
  },
  {
    entity: 'ZIP_CODE',
    name: 'zip.labelled',
    score: 0.9,
    // What stands for one already.
    unless: '\\[ZIP_CODE_',
    before: `(?i:zip3?(?:'?s| is)?(?:[ _-]?codes?)?(?:(?: is)? \\d{5}(?:,|,? and| or|/| &))?|postal[ _-]?code|postcode)${GAP}`,
    value: '\\d{5}(?:-?\\d{4})?|\\d{3}',
  },
  {
    // "de 19701", "brooklyn 11230": a state or a town in small letters before it.
    entity: 'ZIP_CODE',
    name: 'zip.small',
    score: 0.6,
    behind:
      '(?:[a-z]{3,25},? (?:a[klrz]|c[aot]|d[ce]|fl|ga|hi|i[adln]|k[sy]|la|m[adeinost]|n[cdehjmvy]|o[hkr]|p[ar]|ri|s[cd]|t[nx]|ut|v[at]|w[aivy])|akron|boise|boston|bronx|brooklyn|chicago|cleveland|columbus|dallas|denver|detroit|fresno|houston|memphis|miami|milwaukee|nashville|oakland|omaha|orlando|philadelphia|phoenix|portland|queens|raleigh|reno|sacramento|seattle|spokane|tampa|tucson|tulsa|wichita),? ',
    value: '\\d{5}(?:-\\d{4})?',
  },
  {
    // <postalCode>05819</postalCode>, "zip": "05819"
    entity: 'ZIP_CODE',
    name: 'zip.element',
    score: 0.9,
    before: '(?i:postal[ _]?(?:code|cd)|zip[ _]?code|zip5?|plz|postcode|cp)(?:>|"? ?[:=] ?"?)',
    value: '\\d{5}(?:-?\\d{4})?',
  },
  {
    // "zip": 2114: a number has lost the nought in front.
    entity: 'ZIP_CODE',
    name: 'zip.short',
    score: 0.7,
    before: '(?i:postal[ _]?(?:code|cd)|zip[ _]?code|zip5?)"? ?[:=] ?',
    value: '[1-9]\\d{3}',
  },
  {
    // The United Kingdom's and Canada's.
    entity: 'ZIP_CODE',
    name: 'zip.abroad',
    score: 0.5,
    value: '[A-Z]{1,2}\\d[A-Z0-9]? \\d[A-Z]{2}|[ABCEGHJ-NPRSTVXY]\\d[A-Z] \\d[A-Z]\\d',
  },
  {
    // "53902 Bad Münstereifel"
    entity: 'ZIP_CODE',
    name: 'zip.before-town',
    score: 0.4,
    anywhere: true,
    before: '(?:, |,? ?\\n| [A-Z]{1,2}-)',
    value: '\\d{5} [A-ZÄÖÜ][a-zäöüß]{2,20}(?:[ -][A-ZÄÖÜ][a-zäöüß]{2,20})?',
    check: () => ZIP_DIGITS,
  },
  {
    // A cell before the one with the city.
    entity: 'ZIP_CODE',
    name: 'zip.cell',
    score: 0.5,
    before: '[,\\t|;]',
    anywhere: true,
    value: "\\d{5}(?:-\\d{4})?[,\\t|;][A-Z][A-Za-z.' -]{2,24}",
    check: (value) => value.search(/[,\t|;]/),
  },
  {
    // "Tacoma|98402": the cell behind the one with the town.
    entity: 'ZIP_CODE',
    name: 'zip.town-cell',
    score: 0.5,
    value: "[A-Z][A-Za-z.'-]{2,20} ?[|;,\\t] ?\\d{5}(?:-\\d{4})?|[A-Z]{4,20},? \\d{5}(?:-\\d{4})?",
    check: (value) => {
      const flags = lookUp(value.replace(/ ?[ |;,\t].*$/, ''));
      return (flags & (CITY_WORD | STATE)) !== 0 && (flags & (WORD_COMMON | MEDICAL)) === 0
        ? value.length
        : 0;
    },
  },
  {
    entity: 'ZIP_CODE',
    name: 'zip.named',
    score: 0.7,
    value: '\\d{5} (?i:zip)',
    check: () => ZIP_DIGITS,
  },
  {
    entity: 'ZIP_CODE',
    name: 'zip.plus-four',
    score: 0.6,
    unless: `${CODE_SYSTEM}|(?i:lot|item)[ #:]{1,3}`,
    value: '\\d{5}-\\d{4}(?:-\\d{1,2})?',
    check: (value) => (/^\d{5}-\d{4}$/.test(value) ? value.length : 0),
  },
  {
    entity: 'ZIP_CODE',
    name: 'zip.place',
    score: 0.5,
    behind: `(?:[A-Z][a-z]{2,15}|(?:St|Dr|Rd|Ln|Ct|Pl)\\.?|Ave\\.|Blvd\\.|(?:Hospital|Clinic|Center|Care|Medical|Pharmacy|Office|Home|School|Church|Shelter) at|in|from|zip|lives? in|living in|resides in|address|area|near)(?:,? | \\()`,
    unless: `(?i:code|codes|cpt|hcpcs|procedure|bill|rebill|billing|billed|modifier|port|pid|job|build|ticket|steps|walked|about|over|under|nearly|around|approximately|only|error|enrolled|randomi[sz]ed|served|screened|included|platelets?|count|counts|leukocytes|copies|troponin|bnp|ferritin|creatine|kinase|units?|dose|model|item|room|lab|order|total|suite|box|version) `,
    value: '\\d{5}(?: [a-z]{2,12}|-\\d)?',
    check: (value) =>
      // "Problem List, 11450-4": LOINC's codes end in a check digit.
      /^\d{3}00|-\d$/.test(value) ||
      / (?!and |or |is |area|zip|with|for|who|has|since|on|at|near|but|he |she |they |to )/.test(
        `${value} `.replace(/ $/, ''),
      )
        ? 0
        : ZIP_DIGITS,
  },
];
