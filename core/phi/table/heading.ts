import type { BuiltInEntity } from '../entities.ts';
import { isCity, isCode, isDate, isKnownName, isName, isPhone, isSocial, isStreet, isZip } from './value.ts';

/** What the cells of a column are, by its heading. */
export interface Column {
  readonly entity: BuiltInEntity;
  /** Recorded with a finding. */
  readonly name: string;
  readonly score: number;
  /** Whether a cell is a value of it; what is said of nobody is none. */
  readonly isValue: (cell: string) => boolean;
}

/** Below rules that say by its form what a value is, such as a number of social security. */
const SCORE = 0.8;
/** A date of birth has the form of any date. */
const BIRTH_SCORE = 0.9;
const MAX_HEADING_CHARACTERS = 40;
export const MAX_COLUMNS = 64;

/** What a heading looks like; neither a value nor a sentence. */
const HEADING = /^[A-Za-zÀ-ÿ#][A-Za-zÀ-ÿ0-9 _#.,'()/&%+º-]*$/;
const SENTENCE = /\d{3}|[a-z]{6,}\.$/;

const NUMBER = '(?:#|(?: ?(?:no|num|number|nbr|id|code|identifier))#?)';
const WHO = '(?:patient|pat|pt|client|resident|member|subscriber|insured|enrollee|guarantor)';
const STAFF =
  'provider|physician|attending|pcp|nurse|rn|surgeon|doctor|clinician|therapist|prescriber|ordering|referring';
const LINE = '(?:home|work|cell|mobile|day|evening|main|primary|alternate|alt|contact|emergency)';

/** Headings as they are read: in small letters, with single spaces for all that is neither letter nor digit, and `#` joined to its word. */
const KINDS: readonly (Pick<Column, 'entity' | 'name' | 'isValue'> & {
  /** These tell that a table is about persons. */
  readonly strong?: string;
  /** These count where another column tells that. */
  readonly weak?: string;
})[] = [
  {
    entity: 'MRN',
    name: 'column.mrn',
    strong: `(?:${WHO} |[a-z]{3,12} )?(?:mrn|empi|uhid|(?:med|medical|health|hosp|hospital|patient|chart) ?(?:rec|record)s?)${NUMBER}?|(?:patient|pat|pt|client|resident|chart|hosp|hospital)${NUMBER}|mr${NUMBER}|mrn acct|(?:ext|external) patient id|(?:no |num |numero )?(?:de )?(?:expediente|historia clinica)|nhc`,
    weak: `record${NUMBER}`,
    isValue: isCode,
  },
  {
    entity: 'DATE_OF_BIRTH',
    name: 'column.birth',
    strong: `(?:${WHO} )?(?:dob|d o b|date of birth|birth ?(?:date|day|dt)|born)|fecha (?:de )?nac(?:imiento)?|f nac`,
    isValue: isDate,
  },
  {
    entity: 'PERSON',
    name: 'column.name',
    strong: `${WHO} (?:full |legal |first |last |middle )?(?:name|last|first)|(?:last|first|given|family|middle|maiden|full|legal|preferred) name|last name first name|surname|forename|lname|apellidos?|nombre (?:completo|del? paciente)`,
    // It may be the name of a file, too.
    weak: 'fname',
    isValue: isName,
  },
  {
    entity: 'PERSON',
    name: 'column.person',
    strong: 'last|first|last first',
    weak: `${WHO}|name|display name|given|middle|(?:${STAFF})(?: (?:md|dr|name|provider|physician))?|(?:(?:emergency|emerg) )?contact(?: name)?|next of kin|nok|spouse|caregiver|guardian|paciente|nombre|medico(?: tratante)?`,
    isValue: isKnownName,
  },
  {
    entity: 'US_SSN',
    name: 'column.ssn',
    strong: `(?:${WHO} )?(?:ssn|ss#|ss(?=.)|social(?: security)?)(?:${NUMBER})?(?: last (?:4|four))?|last (?:4|four)(?: of)? ssn`,
    // Alone it may be seconds, or the sum of squares.
    weak: 'ss',
    isValue: isSocial,
  },
  {
    entity: 'HEALTH_PLAN_ID',
    name: 'column.plan',
    strong: `(?:insurance|ins|ins policy|member|mbr|membership|subscriber|policy|medicaid|medicare|beneficiary)${NUMBER}|mbi|hicn`,
    weak: `(?:plan|group|payer|coverage)${NUMBER}|(?:no |num )?(?:de )?poliza`,
    isValue: isCode,
  },
  {
    entity: 'ACCOUNT_NUMBER',
    name: 'column.account',
    strong: `(?:billing |patient |pt |guarantor |hospital )?(?:acct|account)${NUMBER}|(?:billing|patient|pt|guarantor|hospital) (?:acct|account)|har${NUMBER}?`,
    weak: `acct|account|invoice${NUMBER}`,
    isValue: isCode,
  },
  {
    entity: 'UNIQUE_ID',
    name: 'column.unique',
    strong: `curp|nss|dni|accession${NUMBER}|csn${NUMBER}?|(?:encounter|enc|specimen|claim|referral|auth|authorization)${NUMBER}`,
    weak: `(?:person )?id|folio|cedula|fin|encounter|accession|specimen|claim|(?:order|case|visit|study|subject|req|requisition|rx|prescription|sample|appt|appointment|employee|ticket)${NUMBER}`,
    isValue: isCode,
  },
  {
    entity: 'PHONE_NUMBER',
    name: 'column.phone',
    strong: `(?:${WHO} )?(?:${LINE} )?(?:phone|ph|tel|telephone|cell|mobile|callback|pager)${NUMBER}?(?: ?[12])?|contact${NUMBER}|telefono|celular|movil`,
    isValue: isPhone,
  },
  { entity: 'FAX_NUMBER', name: 'column.fax', strong: `fax${NUMBER}?`, isValue: isPhone },
  {
    entity: 'STREET_ADDRESS',
    name: 'column.street',
    weak: `(?:${WHO} )?(?:home |mailing |street )?(?:address|addr|street)(?: ?(?:line ?)?[12])?|domicilio|direccion|calle`,
    isValue: isStreet,
  },
  {
    entity: 'CITY',
    name: 'column.city',
    weak: `(?:${WHO} |home |mailing |address |home address )?(?:city|city state|town|city town|residence|municipality|county)|ciudad|municipio|localidad`,
    isValue: isCity,
  },
  {
    entity: 'ZIP_CODE',
    name: 'column.zip',
    strong: `(?:${WHO} |home |mailing |address |home address )?(?:zip ?5?|zip postal(?: code)?|postal|(?:zip|postal|post) ?code)|codigo postal|cp`,
    isValue: isZip,
  },
];

/** Made when they are first needed: V8 takes its time over expressions, and most texts have no table. */
let strong: RegExp | undefined;
let kinds: readonly RegExp[] | undefined;

/** All that a heading can say. */
export const COLUMNS: readonly Column[] = KINDS.map(({ entity, name, isValue }) => ({
  entity,
  name,
  score: entity === 'DATE_OF_BIRTH' ? BIRTH_SCORE : SCORE,
  isValue,
}));

/** Whether a cell may be a heading, or stands above a column that has none. */
export function mayBeHeading(cell: string): boolean {
  return cell === '' || (cell.length <= MAX_HEADING_CHARACTERS && HEADING.test(cell) && !SENTENCE.test(cell));
}

/** What the columns are below a row of cells; undefined unless the row is one of headings that tell of persons. */
export function readHeadings(cells: readonly string[]): (Column | undefined)[] | undefined {
  // A string of JSON on a line of its own has a comma behind it, and nothing in the next cell.
  const named = cells.reduce((count, cell) => count + (cell === '' ? 0 : 1), 0);
  if (named < 2 || cells.length > MAX_COLUMNS || !cells.every(mayBeHeading)) return undefined;
  const headings = cells.map(plainHeading);
  strong ??= compile(KINDS.map((kind) => kind.strong));
  if (!headings.some((heading) => strong?.test(heading))) return undefined;
  kinds ??= KINDS.map((kind) => compile([kind.strong, kind.weak]));
  return headings.map((heading) => COLUMNS[kinds?.findIndex((kind) => kind.test(heading)) ?? -1]);
}

function compile(sources: readonly (string | undefined)[]): RegExp {
  return new RegExp(`^(?:${sources.filter((source) => source !== undefined).join('|')})$`);
}

/** `patientId` and `Patient_ID` as `patient id`, `MR #` as `mr#`; without what stands in parentheses, such as a form of dates. */
function plainHeading(cell: string): string {
  return cell
    .replace(/\([^()]*\)/g, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .normalize('NFD')
    .replace(/'s?|\p{M}/gu, '')
    .replace(/[^a-z0-9#]+/g, ' ')
    .replace(/\bnm\b/g, 'name')
    .replaceAll(' #', '#')
    .trim();
}
