import type { Rule } from '../rule.ts';
import { GAP } from './parts.ts';

/** USPS Publication 28, appendix C1: street suffixes and their common abbreviations. */
const SUFFIX = `(?:Alley|Aly|Avenue|Ave?|Bend|Bluff|Boulevard|Blvd|Branch|Bridge|Bypass|Causeway|Center|Circle|Cir|Corner|Court|Ct|Cove|Creek|Crescent|Cres|Crossing|Xing|Drive|Dr|Expressway|Expy|Freeway|Fwy|Gardens|Glen|Green|Grove|Heights|Highway|Hwy|Hill|Hills|Hollow|Junction|Knoll|Lake|Landing|Lane|Ln|Loop|Manor|Meadows?|Mews|Oaks|Oval|Parkway|Pkwy|Path|Pike|Place|Pl|Plaza|Plz|Point|Ridge|Rdg|Road|Rd|Route|Row|Run|Shore|Springs?|Square|Sq|Station|Street|St|Summit|Terrace|Ter|Trace|Trail|Trl|Turnpike|Tpke|Valley|View|Village|Vista|Walk|Way)`;
const UPPER_SUFFIX = `(?:AVENUE|AVE|BOULEVARD|BLVD|CIRCLE|CIR|COURT|CT|COVE|DRIVE|DR|HIGHWAY|HWY|LANE|LN|LOOP|PARKWAY|PKWY|PIKE|PLACE|PL|PLAZA|ROAD|RD|SQUARE|SQ|STREET|ST|TERRACE|TER|TRAIL|TRL|WAY)`;
const LOWER_SUFFIX = `(?:street|avenue|ave|boulevard|blvd|road|rd|lane|ln|drive|court|parkway|pkwy|highway|hwy|terrace|circle)`;
const DIRECTION = `(?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West|Northeast|Northwest|Southeast|Southwest)\\.? )`;
const WORD = `(?:[A-Z0-9][A-Za-z0-9'-]{0,24} |[A-Z][a-z]{0,2}\\. )`;
const UNIT = `(?:(?:,| -)? ?(?i:apartment|apt|suite|ste|unit|floor|fl|room|rm|building|bldg|lot|trailer|spc|space)\\.? ?#? ?[A-Za-z0-9-]{1,6}|,? ?# ?[A-Za-z0-9-]{1,6})`;
const NUMBER = `\\d{1,6}[A-Za-z]?(?:-\\d{1,5})?(?: 1/2)?`;
const STATE_CODE = `(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|GU|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY])`;
const STATE_NAME = `(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming)`;

/** A street of one word that is only its suffix is none; "5 Court" and "2 St" are something else. */
function checkStreet(value: string): number {
  return /^\S+ \S+ /.test(value) || /^\S+ \S{4,}/.test(value) ? value.length : 0;
}

export const ADDRESS_RULES: readonly Rule[] = [
  {
    entity: 'STREET_ADDRESS',
    name: 'street.address',
    score: 0.85,
    value: `${NUMBER} ${DIRECTION}?${WORD}{1,4}(?:${SUFFIX}|${UPPER_SUFFIX})\\.?(?: (?:NE|NW|SE|SW|N|S|E|W|North|South|East|West))?${UNIT}?`,
    check: checkStreet,
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.with-unit',
    score: 0.75,
    value: `${NUMBER} ${DIRECTION}?${WORD}{1,3}(?:(?i:apartment|apt|suite|ste|unit)\\.? ?#?[A-Za-z0-9-]{1,6}|# ?[A-Za-z0-9-]{1,6})`,
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.lower-case',
    score: 0.7,
    value: `${NUMBER} (?:[nsew]\\.? |north |south |east |west )?(?:[a-z0-9]{2,20} ){1,2}${LOWER_SUFFIX}${UNIT}?`,
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.highway',
    score: 0.8,
    value: `${NUMBER} ${DIRECTION}?(?:(?:US|State|County|Old|Farm to Market) ){0,2}(?:Highway|Hwy|Route|Rte|Road|CR|SR|FM|RR|Interstate) ?\\d{1,4}[A-Z]?${UNIT}?|${NUMBER} ${DIRECTION}?(?:Broadway|Avenue of the Americas|Avenue [A-Z]|Park Place)${UNIT}?`,
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.box',
    score: 0.85,
    value: `(?i:p\\.? ?o\\.? box|post office box|general delivery box|rural route) ?#?\\d{1,6}(?:,? (?i:box) \\d{1,6})?|RR ?\\d{1,3},? (?i:box) \\d{1,6}`,
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.unit',
    score: 0.6,
    before: '(?:, |\\n)',
    value: `(?:Apartment|Apt|Suite|Ste|Unit)\\.? ?#?[A-Z0-9-]{1,6}`,
    check: (value) => (/\\d/.test(value) ? value.length : 0),
  },
  {
    entity: 'STREET_ADDRESS',
    name: 'street.labelled',
    score: 0.8,
    before: `(?i:(?:home |street |mailing |billing |current |residential )?address(?: line ?[12])?|addr|street)(?: (?i:is|on file))?[ \\t"'*_\\\\]{0,4}[:=|][ \\t"'*_\\\\]{0,6}`,
    value: `\\d{1,6}[A-Za-z]?(?:[ -][A-Za-z0-9.'#-]{1,24}){1,6}`,
  },
  {
    entity: 'ZIP_CODE',
    name: 'zip.state',
    score: 0.85,
    before: `(?:${STATE_CODE}|${STATE_NAME}|D\\.C\\.|Fla\\.|Calif\\.|Mass\\.)(?:,| -)? {1,2}`,
    value: '\\d{5}(?:-\\d{4})?',
  },
  {
    entity: 'ZIP_CODE',
    name: 'zip.labelled',
    score: 0.9,
    before: `(?i:zip(?:[ _-]?codes?)?|postal[ _-]?code|postcode)${GAP}`,
    value: '\\d{5}(?:-\\d{4})?|\\d{3}',
  },
  {
    entity: 'ZIP_CODE',
    name: 'zip.plus-four',
    score: 0.6,
    unless: `(?i:ndc|code|cpt|lot|item|cat)[ #:]{1,3}`,
    value: '\\d{5}-\\d{4}(?:-\\d{1,2})?',
    check: (value) => (/^\d{5}-\d{4}$/.test(value) ? value.length : 0),
  },
  {
    entity: 'ZIP_CODE',
    name: 'zip.place',
    score: 0.5,
    before: `(?:[A-Z][a-z]{2,15}|lives? in|area|near),? `,
    unless: `(?i:code|platelets?|count|counts|leukocytes|copies|troponin|bnp|ferritin|creatine|kinase|units?|dose|model|item|room|lab|order|total|suite|box|version) `,
    value: '\\d{5}',
    check: (value) => (/00$/.test(value) ? 0 : value.length),
  },
];
