import type { Rule } from '../rule.ts';
import { checkAnyCase, checkCapitalised, checkFullName, checkLowerCase } from './name.ts';

const UPPER = 'A-ZÀ-ÖØ-ÞĀ-ſ';
const LETTER = 'A-Za-zÀ-ÖØ-öø-ſ';
/** A capitalised or upper-case word, or an initial with or without its dot. */
const WORD = `(?:[${UPPER}][${LETTER}'-]{1,24}|[${UPPER}]\\.?)`;
const PARTICLE = `(?:de|la|del|della|van|von|der|den|bin|ibn|al|el|da|dos|di|du|le|st\\.?)`;
const NAME = `${WORD}(?:,? {1,2}(?:${PARTICLE} {1,2}){0,2}${WORD}){0,4}`;
/** Words of any case, as people type them into forms. */
const ANY_WORD = `(?:[${LETTER}][${LETTER}'-]{0,24}\\.?)`;
const ANY_NAME = `${ANY_WORD}(?:,? {1,2}${ANY_WORD}){0,4}`;

const ROLE = `(?i:patient|pt|client|resident|veteran|mother|father|mom|dad|wife|husband|daughter|son|sister|brother|spouse|guardian|caregiver|provider|physician|doctor|surgeon|nurse|therapist|attending|pcp|guarantor|subscriber|insured|policyholder|emergency contact|next of kin|nok|clinician|practitioner|pharmacist|counselor|psychologist|psychiatrist|dentist|employee|applicant|member|contact(?: person)?|author|radiologist|pathologist|cardiologist|neurologist|oncologist|anesthesiologist)`;
const NAME_WORD = `(?i:name|full name|first name|last name|surname|given name|family name|middle name|maiden name|legal name|preferred name)`;
const COLON = `[ \\t"'*_\\\\]{0,4}[:=][ \\t\\r\\n"'*_\\\\]{0,6}`;
const TITLE = `(?:(?:[Dd]r|[Mm]rs?|[Mm]s|[Pp]rof|MR|MS|DR|MRS|Rev|Sra?|Mx|Hon|Sgt|Capt|Lt)\\. {0,2}|(?:Dr|Mrs?|Ms|Miss|Prof|Professor|Doctor|Nurse|Mx|Sister|Rev) {1,2})`;
const BY = `(?i:(?:seen|referred|evaluated|examined|signed|treated|ordered|dictated|reviewed|performed|prescribed|written|authored|interpreted|read|admitted|discharged|followed|cared for|reported|prepared|completed|accompanied|approved|verified|transcribed|attested|requested|submitted|assessed|managed|operated on|diagnosed|consulted) by|(?:my|his|her|their|whose|patient'?s?|the) name is|name was|(?:a )?(?:patient|man|woman|boy|girl|child) named|named|dear|sincerely|regards|referred to|cc|attn|signed|i am|i'm)`;

export const PERSON_RULES: readonly Rule[] = [
  {
    entity: 'PERSON',
    name: 'person.hl7',
    score: 0.85,
    // HL7 v2 XPN: family^given^middle.
    value: `[${UPPER}][${LETTER}'-]{1,24}\\^[${UPPER}][${LETTER}'-]{0,24}(?:\\^[${UPPER}][${LETTER}'-]{0,24})?`,
  },
  { entity: 'PERSON', name: 'person.title', score: 0.9, before: TITLE, value: NAME, check: checkCapitalised },
  {
    entity: 'PERSON',
    name: 'person.title-lower',
    score: 0.7,
    before: '(?:dr|mr|mrs|ms)\\.? {1,2}',
    value: `[a-z][${LETTER}'-]{1,24}`,
    check: checkLowerCase,
  },
  {
    entity: 'PERSON',
    name: 'person.label',
    score: 0.9,
    before: `(?:${ROLE}(?:'?s)?(?:[ _-]${NAME_WORD})?|(?i:full name|first name|last name|surname|given name|family name|middle name|maiden name|legal name|preferred name))${COLON}`,
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
    check: checkFullName,
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
    before: `${BY}[ ,:\\r\\n]{1,4}`,
    value: NAME.replaceAll(WORD, `(?:[${UPPER}][a-zß-öø-ſ][${LETTER}'-]{0,24}|[${UPPER}]\\.)`),
    check: checkCapitalised,
  },
];
