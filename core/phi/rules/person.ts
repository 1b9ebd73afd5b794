import type { Rule } from '../engine/rule/rule.ts';
import {
  EPONYM,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  NAME as NAME_FLAGS,
  WORD as ORDINARY,
  ROLE as PART,
  STATE_CODE,
} from '../lexicon/flags.ts';
import { isNameLike } from '../lexicon/name-like.ts';
import {
  checkAnyCase,
  checkCapitalised,
  checkFullName,
  checkLowerCase,
  checkTitled,
  flagsOf,
  isNameOnly,
  LETTER,
  mayBeName,
  UPPER,
} from './name.ts';
import { NOTED } from './parts.ts';

/** "J.R.", of "J.R. Lee" and "J.R.Lee". */
const DOTTED = `(?:[${UPPER}]\\.){0,3}`;
/** A capitalised or upper-case word, or an initial with or without its dot; initials without a space may stand before it. */
const WORD = `${DOTTED}(?:[${UPPER}][${LETTER}'-]{1,24}|[${UPPER}]\\.?)`;
/** The same where words in upper case are none. */
const MIXED_WORD = `${DOTTED}(?:[${UPPER}][a-zß-öø-ſƀ-ɏḀ-ỿ][${LETTER}'-]{0,24}|[${UPPER}]\\.)`;
const PARTICLE = `(?:de|la|del|della|van|von|der|den|bin|ibn|al|el|da|dos|di|du|le|st\\.?)`;
const NAME = nameOf(WORD, ',?');
/** Words of any case, as people type them into forms. */
const ANY_WORD = `(?:[${LETTER}]\\.){0,3}[${LETTER}][${LETTER}'-]{0,24}\\.?`;
const ANY_NAME = `N/A|${ANY_WORD}(?:,? {1,2}${ANY_WORD}){0,4}`;

const ROLE = `(?i:patient|pt|client|resident|veteran|mother|father|mom|dad|wife|husband|daughter|son|sister|brother|spouse|guardian|caregiver|provider|physician|doctor|surgeon|nurse|therapist|attending|pcp|guarantor|subscriber|insured|policyholder|emergency contact|next of kin|nok|clinician|practitioner|pharmacist|counselor|psychologist|psychiatrist|dentist|employee|applicant|member|scribe|accepting|preceptor|interpreter|translator|girlfriend|boyfriend|fianc[eé]e?|partner|roommate|neighbor|neighbour|grandmother|grandfather|grandma|grandpa|aunt|uncle|cousin|niece|nephew|grandson|granddaughter|stepson|stepdaughter|stepfather|stepmother|twin|caller|coach|teacher|principal|officer|trooper|deputy|detective|paramedic|emt|social worker|case manager|midwife|doula|sponsor|proxy|poa|prescriber|ordering|referring|attn|tech|technician|fellow|intern|hospitalist|intensivist|dietitian|chaplain|contact(?: person)?|author|radiologist|pathologist|cardiologist|neurologist|oncologist|anesthesiologist|enrollee|beneficiary|donor|recipient|claimant|dependent|complainant|reporter|informant|witness|sender|recipient|holder|owner|tenant|customer|participant|reference|references|referee|signatory|notary|executor|custodian|trustee|mentor|instructor|camper|student|pupil|child|infant|newborn|birth parent|decedent|deceased|defendant|plaintiff|worker|driver|passenger|rider|speaker|organizer|attendee|attendees|performer|collector|phlebotomist|courier|rep|vendor rep|on[- ]call|cover(?:ing|age)?|charge)`;
const NAME_WORD = `(?i:name|full name|first name|last name|surname|given name|family name|middle name|maiden name|legal name|preferred name)`;
/** A colon, or the line of a form: "Patient ____Jane Doe____". */
const COLON = `[ \\t"'*_\\\\]{0,4}(?:[:=]|__)[ \\t\\r\\n"'*_\\\\\`]{0,6}`;
const TITLE = `(?:(?:[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|MR|MS|DR|MRS|Rev|Sra?|Mx|Hon|Sgt|Capt|Lt|Det|Ofc|Cpl|Pvt|Maj|Col|Gen|Fr|Pr|Atty|Supt)\\. {0,2}|(?:Dr|Mrs?|Ms|Miss|Prof|Professor|Doctor|Nurse|Mx|Sister|Rev|Sra?|Officer|Trooper|Deputy|Detective|Sergeant|Captain|Rabbi|Imam|Pastor|Chaplain|Coach) {1,2})`;
const BY = `(?i:(?:seen|referred|evaluated|examined|signed|treated|ordered|dictated|reviewed|performed|prescribed|written|authored|interpreted|read|admitted|discharged|followed|cared for|reported|prepared|completed|accompanied|approved|verified|transcribed|attested|requested|submitted|assessed|managed|operated on|diagnosed|consulted) by|(?:my|his|her|their|whose|patient'?s?|the) name is|name was|(?:a )?(?:patient|man|woman|boy|girl|child) named|dear|sincerely|regards|staffed w/|staffed with|cc|attn|signed|i am|i'm)`;
/** The same before things that are called after somebody. */
const CALLED = `(?i:named|identifies as|goes by|called|prefers|preferred name|answers to|known as|nicknamed|nickname|aka|a\\.k\\.a\\.|alias|referred to)`;
/** What a letter closes with. */
const CLOSING = `(?i:love|sincerely|regards|faithfully|yours|truly|thanks|thank you|thx|best|cheers|warmly|respectfully|cordially|respectfully submitted)`;

/** Up to five words in a row, with particles before them. */
function nameOf(word: string, comma: string): string {
  return `${word}(?:${comma} {1,2}(?:${PARTICLE} {1,2}){0,2}${word}){0,4}`;
}

/** "WBC^LN" and "ROUTINE^Follow-up" are codes and their systems. */
function checkParts(value: string): number {
  const { length } = value.replace(/'$/, '');
  const [family = '', given = ''] = value.slice(0, length).split('^');
  const one = flagsOf(family.toLowerCase());
  const system = /^[A-Z]{2,3}$/.test(given) && (flagsOf(given.toLowerCase()) & GIVEN) === 0;
  const two = flagsOf(given.toLowerCase());
  // "DAU^Daughter", "SPRING^MD"
  if (((one | two) & PART) !== 0 && (two & NAME_FLAGS) === 0) return 0;
  if (/^[A-Z]{2}$/.test(given) && (two & STATE_CODE) !== 0 && given !== 'AL') return 0;
  // "PRIMARY^PATRICIA": before what is only ever a given name any word is a surname.
  if ((two & GIVEN_COMMON) !== 0 && (two & (ORDINARY | MEDICAL)) === 0) return length;
  if ((one & NAME_FLAGS) === 0 && ((one & (ORDINARY | MEDICAL)) !== 0 || system)) return 0;
  return length;
}

/** The only word of a field for names: any that is one, or of no list. */
function isLoneName(word: string): boolean {
  const flags = flagsOf(word.toLowerCase());
  if ((flags & (MEDICAL | PART)) !== 0) return false;
  return (flags & NAME_FLAGS) !== 0 || (flags === 0 && isNameLike(word));
}

/** What somebody is called, and no disease that is called after somebody. */
function checkCalled(value: string): number {
  const first = flagsOf(value.replace(/[ ,].*$/, '').toLowerCase());
  return (first & EPONYM) !== 0 && (first & GIVEN_COMMON) === 0 ? 0 : checkCapitalised(value);
}

function checkHandle(value: string): number {
  return isNameOnly(value.slice(0, -1)) ? value.length - 1 : 0;
}

export const PERSON_RULES: readonly Rule[] = [
  {
    entity: 'PERSON',
    name: 'person.hl7',
    score: 0.85,
    // HL7 v2 XPN: family^given^middle.
    value: `[${UPPER}][${LETTER}'-]{1,24}\\^[${UPPER}][${LETTER}'-]{0,24}(?:\\^[${UPPER}][${LETTER}'-]{0,24})?`,
    check: checkParts,
  },
  {
    entity: 'PERSON',
    name: 'person.title',
    score: 0.9,
    before: TITLE,
    unless: '\\d ?ms\\. {0,2}',
    value: nameOf(WORD, ''),
    check: checkTitled,
  },
  {
    entity: 'PERSON',
    name: 'person.title-lower',
    score: 0.7,
    before: '(?:dr|mr|mrs|ms)\\.? {1,2}',
    value: `[${LETTER}][${LETTER}'-]{1,24}`,
    unless: '\\d ?ms\\.? {1,2}',
    check: (value) => (/^[a-z]/.test(value) || mayBeName(value) ? checkLowerCase(value) : 0),
  },
  {
    entity: 'PERSON',
    name: 'person.label',
    score: 0.9,
    before: `(?:(?:${ROLE}|ASSISTANT|(?i:(?:first|surgical) assistant))(?:'?s)?(?:[ _-]${NAME_WORD}${NOTED})?|(?i:full name|first name|last name|surname|given name|family name|middle name|maiden name|legal name|preferred name))${COLON}`,
    value: ANY_NAME,
    check: checkAnyCase,
  },
  {
    entity: 'PERSON',
    name: 'person.name-label',
    score: 0.8,
    anywhere: true,
    before: `(?:^|[\\n;|{[,.>"'*][ \\t"'*-]{0,4})(?i:name)${NOTED}${COLON}`,
    value: ANY_NAME,
    check: (value) => {
      const whole = checkFullName(value);
      const plain = value.replace(/'$/, '');
      const first = plain.replace(/[ ,].*$/, '');
      const alone = plain === first && /^[A-Z]/.test(first) && isLoneName(first);
      return whole > 0 || !(alone || isNameOnly(first)) ? whole : first.length;
    },
  },
  {
    entity: 'PERSON',
    name: 'person.by',
    score: 0.8,
    before: `${BY}[ ,:".\\r\\n]{1,20}`,
    value: nameOf(MIXED_WORD, ',?'),
    check: checkCapitalised,
  },
  {
    entity: 'PERSON',
    name: 'person.called',
    score: 0.8,
    before: `${CALLED}[ ,:".\\r\\n]{1,20}`,
    value: nameOf(MIXED_WORD, ',?'),
    check: checkCalled,
  },
  {
    entity: 'PERSON',
    name: 'person.closing',
    score: 0.7,
    before: `${CLOSING},? ?\\r?\\n{1,2} {0,4}|(?i:love|sincerely|regards|faithfully|warmly|cheers|xoxo|ta|hugs|gratefully), |\\n {0,4}(?:--|~) ?`,
    value: NAME,
    check: checkCapitalised,
  },
  {
    entity: 'PERSON',
    name: 'person.initials',
    score: 0.7,
    before: `(?i:initials|initial|init|inits|pt init)(?: (?i:are))?(?:${COLON}| )`,
    value: '[A-Z](?:[.-]? ?[A-Z]){1,3}\\.?',
  },
  {
    entity: 'PERSON',
    name: 'person.fhir',
    score: 0.8,
    anywhere: true,
    before: `(?:"(?:given|family|text|preferred|nickname|nick_?name|alias|aka|first|last|middle|first_?name|last_?name|surname|display_?name|full_?name|contact)" ?: ?\\[? ?"|"given" ?: ?\\[ ?"[${LETTER}'-]{1,25}", ?")`,
    value: `[${UPPER}][${LETTER}'-]{0,24}\\.?(?: [${UPPER}][${LETTER}'-]{0,24}\\.?){0,3}`,
    check: checkCapitalised,
  },
  {
    // <given>Hope</given>, <family value="Strong"/>: of C-CDA and FHIR, whatever word it is.
    entity: 'PERSON',
    name: 'person.element',
    score: 0.9,
    anywhere: true,
    before: '<(?:given|family)(?: [a-z]{3,10}="[A-Z]{0,4}")?(?:>| value=")',
    value: `[${UPPER}](?:[${LETTER}'. -]{0,38}[${LETTER}.])?`,
  },
  {
    entity: 'PERSON',
    name: 'person.handle',
    score: 0.6,
    anywhere: true,
    before: '(?:[<@]|^|\\n)(?i:nurse|dr|doc|rn|np|pa|md|cna)[_.-]',
    value: `[a-z]{2,20}[>:]`,
    check: checkHandle,
  },
  {
    // "<nursefiona>": one that may begin within a word would be tried in every word.
    entity: 'PERSON',
    name: 'person.handle-joined',
    score: 0.6,
    anywhere: true,
    late: true,
    before: '[<@]',
    behind: '(?i:nurse|dr|doc)',
    gate: '(?i:nurse|dr|doc)[a-z]+[>:]',
    value: `[a-z]{2,20}[>:]`,
    check: checkHandle,
  },
];
