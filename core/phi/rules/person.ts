import type { Rule } from '../engine/rule.ts';
import {
  EPONYM,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  NAME as NAME_FLAGS,
  WORD as ORDINARY,
  ROLE as PART,
  STATE_CODE,
  WORD_COMMON,
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
  mayBeName,
} from './name.ts';
import { LETTER, PERSON_AROUND_RULES, UPPER } from './person-around.ts';
import { PERSON_BEHIND_RULES } from './person-behind.ts';
import { PERSON_FORM_RULES } from './person-form.ts';
import { PERSON_LIST_RULES } from './person-list.ts';

/** A capitalised or upper-case word, or an initial with or without its dot. */
const WORD = `(?:[${UPPER}][${LETTER}'-]{1,24}|[${UPPER}]\\.?)`;
const PARTICLE = `(?:de|la|del|della|van|von|der|den|bin|ibn|al|el|da|dos|di|du|le|st\\.?)`;
const NAME = `${WORD}(?:,? {1,2}(?:${PARTICLE} {1,2}){0,2}${WORD}){0,4}`;
/** Words of any case, as people type them into forms. */
const ANY_WORD = `(?:[${LETTER}][${LETTER}'-]{0,24}\\.?)`;
const ANY_NAME = `${ANY_WORD}(?:,? {1,2}${ANY_WORD}){0,4}`;

const ROLE = `(?i:patient|pt|client|resident|veteran|mother|father|mom|dad|wife|husband|daughter|son|sister|brother|spouse|guardian|caregiver|provider|physician|doctor|surgeon|nurse|therapist|attending|pcp|guarantor|subscriber|insured|policyholder|emergency contact|next of kin|nok|clinician|practitioner|pharmacist|counselor|psychologist|psychiatrist|dentist|employee|applicant|member|scribe|accepting|preceptor|interpreter|translator|girlfriend|boyfriend|fianc[eé]e?|partner|roommate|neighbor|neighbour|grandmother|grandfather|grandma|grandpa|aunt|uncle|cousin|niece|nephew|grandson|granddaughter|stepson|stepdaughter|stepfather|stepmother|twin|caller|coach|teacher|principal|officer|trooper|deputy|detective|paramedic|emt|social worker|case manager|midwife|doula|sponsor|proxy|poa|prescriber|ordering|referring|attn|tech|technician|fellow|intern|hospitalist|intensivist|dietitian|chaplain|contact(?: person)?|author|radiologist|pathologist|cardiologist|neurologist|oncologist|anesthesiologist|enrollee|beneficiary|donor|recipient|claimant|dependent|complainant|reporter|informant|witness|sender|recipient|holder|owner|tenant|customer|participant|reference|references|referee|signatory|notary|executor|custodian|trustee|mentor|instructor|camper|student|pupil|child|infant|newborn|birth parent|decedent|deceased|defendant|plaintiff|worker|driver|passenger|rider|speaker|organizer|attendee|attendees|performer|collector|phlebotomist|courier|rep|vendor rep|on[- ]call|cover(?:ing|age)?|charge)`;
const NAME_WORD = `(?i:name|full name|first name|last name|surname|given name|family name|middle name|maiden name|legal name|preferred name)`;
const COLON = `[ \\t"'*_\\\\]{0,4}[:=][ \\t\\r\\n"'*_\\\\]{0,6}`;
const TITLE = `(?:(?:[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|MR|MS|DR|MRS|Rev|Sra?|Mx|Hon|Sgt|Capt|Lt|Det|Ofc|Cpl|Pvt|Maj|Col|Gen|Fr|Pr|Atty|Supt)\\. {0,2}|(?:Dr|Mrs?|Ms|Miss|Prof|Professor|Doctor|Nurse|Mx|Sister|Rev|Sra?|Officer|Trooper|Deputy|Detective|Sergeant|Captain|Rabbi|Imam|Pastor|Chaplain|Coach) {1,2})`;
const BY = `(?i:(?:seen|referred|evaluated|examined|signed|treated|ordered|dictated|reviewed|performed|prescribed|written|authored|interpreted|read|admitted|discharged|followed|cared for|reported|prepared|completed|accompanied|approved|verified|transcribed|attested|requested|submitted|assessed|managed|operated on|diagnosed|consulted) by|(?:my|his|her|their|whose|patient'?s?|the) name is|name was|(?:a )?(?:patient|man|woman|boy|girl|child) named|dear|sincerely|regards|staffed w/|staffed with|cc|attn|signed|i am|i'm)`;
/** The same before things that are called after somebody. */
const CALLED = `(?i:named|identifies as|goes by|called|prefers|preferred name|answers to|known as|nicknamed|nickname|aka|a\\.k\\.a\\.|alias|referred to)`;
/** What a letter closes with. */
const CLOSING = `(?i:love|sincerely|regards|faithfully|yours|truly|thanks|thank you|thx|best|cheers|warmly|respectfully|cordially|respectfully submitted)`;

/** Capitals after a role: "Pt HALLSTROM J". */
function checkUpper(value: string): number {
  const [first = ''] = value.split(/[ ,]/);
  const flags = flagsOf(first.toLowerCase());
  if ((flags & (ORDINARY | MEDICAL | PART)) !== 0) return 0;
  const rest = value.slice(first.length);
  const second = rest.replace(/^,? /, '').replace(/\.$/, '');
  return second.length < 2 || isNameOnly(second) ? value.length : first.length;
}

/** "WBC^LN" and "ROUTINE^Follow-up" are codes and their systems. */
function checkParts(value: string): number {
  const [family = '', given = ''] = value.split('^');
  const one = flagsOf(family.toLowerCase());
  const system = /^[A-Z]{2,3}$/.test(given) && (flagsOf(given.toLowerCase()) & GIVEN) === 0;
  const two = flagsOf(given.toLowerCase());
  // "DAU^Daughter", "SPRING^MD"
  if (((one | two) & PART) !== 0 && (two & NAME_FLAGS) === 0) return 0;
  if (/^[A-Z]{2}$/.test(given) && (two & STATE_CODE) !== 0 && given !== 'AL') return 0;
  if ((one & NAME_FLAGS) === 0 && ((one & (ORDINARY | MEDICAL)) !== 0 || system)) return 0;
  return value.length;
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

/** Two words of which the first is a given name and the second may be one: "Autumn Steele". */
function isPair(value: string): boolean {
  const [first = '', second] = value.toLowerCase().split(/,? /);
  return second !== undefined && (flagsOf(first) & NAME_FLAGS) !== 0 && mayBeName(second);
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
    value: NAME,
    check: checkTitled,
  },
  {
    // "Ms. Day", "Mr. May": what else ends a name.
    entity: 'PERSON',
    name: 'person.title-word',
    score: 0.7,
    before: '(?:Mr|Mrs|Ms|Mx|Dr|Miss)\\.? ',
    value:
      '(?:Day|May|March|April|June|August|Friday|Monday|Sunday|Strong|Still|Chart|Birth|Old|New|Man|Able|Best|Good|Care|Bed|Close|Fine|Person|Marks|Child|Sex|Room|Joint|Bone|Head|Hand|Foot|Blood|Heart|Brain)',
  },
  {
    // "Bishop Carter", "Kuya Jun", "doña Chayo": titles that are words as well.
    entity: 'PERSON',
    name: 'person.title-weak',
    score: 0.6,
    before:
      '(?:Bishop|Deacon|Elder|Judge|Senator|Chief|Warden|Commander|Major|Colonel|Auntie|Aunt|Uncle|Grandma|Grandpa|Gramma|Nana|Papa|Mama|Madam|Sir|Kuya|Ate|Tita|Tito|Aling|Mang|Manang|Manong|Lolo|Lola|[Dd]oña|[Dd]on|Señora?|[Tt]ía|[Tt]ío|[Aa]buelit[ao]|[Aa]buel[ao]|Bà|Ông|Cô|Chú|Auntie|Sheikh|Hajji|Baba|Bibi|Haji|Swami|Pandit|Guru|Cantor|Cpl|Sgt|Pvt|Spc|Capt|Lt|Maj|Col|Adm|Cdr|Cmdr|Ensign|Det|Ofc|Agent) ',
    value: `[${UPPER}][a-zß-öø-ſ][${LETTER}'-]{1,24}(?: [${UPPER}][a-zß-öø-ſ][${LETTER}'-]{1,24})?`,
    check: (value) => {
      const [first = '', second = ''] = value.replace(/'s?$/, '').split(' ');
      const flags = flagsOf(first.toLowerCase());
      const plain = flags & (ORDINARY | MEDICAL | PART);
      const named = (plain === 0 || (flags & NAME_FLAGS & GIVEN) !== 0) && (flags & (MEDICAL | PART)) === 0;
      if (!named || ((flags & NAME_FLAGS) === 0 && flags !== 0)) return 0;
      if (first.endsWith("'s")) return first.length - 2;
      return second !== '' && isNameOnly(second) ? first.length + 1 + second.length : first.length;
    },
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
    name: 'person.title-initial',
    score: 0.6,
    before: '(?:mr|mrs|ms|miss|dr)\\.? ',
    unless: '\\d ?ms\\.? ',
    value: "[A-HJ-Z]\\.?|[b-hj-z](?:'s)?",
  },
  {
    entity: 'PERSON',
    name: 'person.label',
    score: 0.9,
    before: `(?:(?:${ROLE}|ASSISTANT|(?i:(?:first|surgical) assistant))(?:'?s)?(?:[ _-]${NAME_WORD})?|(?i:full name|first name|last name|surname|given name|family name|middle name|maiden name|legal name|preferred name))${COLON}`,
    value: ANY_NAME,
    check: checkAnyCase,
  },
  {
    entity: 'PERSON',
    name: 'person.name-label',
    score: 0.8,
    anywhere: true,
    before: `(?:^|[\\n;|{[,.>"'*][ \\t"'*-]{0,4})(?i:name)${COLON}`,
    value: ANY_NAME,
    check: (value) => {
      const whole = checkFullName(value);
      const first = value.replace(/[ ,].*$/, '');
      const alone = value.length === first.length && /^[A-Z]/.test(first) && isLoneName(first);
      return whole > 0 || !(alone || isNameOnly(first)) ? whole : first.length;
    },
  },
  {
    entity: 'PERSON',
    name: 'person.role',
    score: 0.75,
    before: `${ROLE},? {1,2}`,
    value: NAME.replaceAll(WORD, `(?:[${UPPER}][a-zß-öø-ſ][${LETTER}'-]{0,24}|[${UPPER}]\\.)`),
    check: checkCapitalised,
  },
  {
    entity: 'PERSON',
    name: 'person.by',
    score: 0.8,
    before: `${BY}[ ,:".\\r\\n]{1,20}`,
    value: NAME.replaceAll(WORD, `(?:[${UPPER}][a-zß-öø-ſ][${LETTER}'-]{0,24}|[${UPPER}]\\.)`),
    check: checkCapitalised,
  },
  {
    entity: 'PERSON',
    name: 'person.called',
    score: 0.8,
    before: `${CALLED}[ ,:".\\r\\n]{1,20}`,
    value: NAME.replaceAll(WORD, `(?:[${UPPER}][a-zß-öø-ſ][${LETTER}'-]{0,24}|[${UPPER}]\\.)`),
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
    name: 'person.regarding',
    score: 0.6,
    before: '(?i:re|attn|from|to|cc|hcp|subject|regarding|concerning|witness|nok|poa)(?::|,) {1,2}',
    value: NAME,
    check: (value) => {
      if (
        / (?:Dept|Department|Team|Desk|Office|Clinic|Unit|Services?|Records|Group|Staff|Center)$/.test(value)
      )
        return 0;
      const first = value.replace(/[ ,].*$/, '');
      return mayBeName(first) && ((flagsOf(first.toLowerCase()) & WORD_COMMON) === 0 || isPair(value))
        ? checkCapitalised(value)
        : 0;
    },
  },
  {
    entity: 'PERSON',
    name: 'person.former-name',
    score: 0.7,
    before:
      '(?i:(?:maiden|first|last|middle|family|birth|married|preferred) name|surname|n[eé]e|formerly|f/k/a)(?: (?i:is|was))? ["(]?',
    value: NAME,
    check: checkCalled,
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
    entity: 'PERSON',
    name: 'person.role-upper',
    score: 0.6,
    before: `(?i:pt|patient|client|resident|mr|mrs|ms|dr|nurse|attending|pcp|provider|surgeon|referring|prescriber|nok|poa|rn|np|md|wife|husband|mother|father|mom|dad|son|daughter)[.:]? `,
    value: `[${UPPER}][${UPPER}'-]{3,24}(?:,? [${UPPER}]{1,24}\\.?)?`,
    check: checkUpper,
  },
  ...PERSON_AROUND_RULES,
  ...PERSON_BEHIND_RULES,
  ...PERSON_FORM_RULES,
  ...PERSON_LIST_RULES,
];
