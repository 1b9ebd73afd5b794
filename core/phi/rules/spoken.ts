import type { Rule } from '../engine/rule/rule.ts';
import { FAMILY_COMMON, GIVEN_COMMON, MEDICAL, NAME, WORD, WORD_COMMON } from '../lexicon/flags.ts';
import { lookUp } from '../lexicon/look-up.ts';

/** Who answers in a conversation, and how the answer begins. */
const ANSWER = " ?\\n[A-Za-z ]{1,14}: (?:(?i:uh|um|yes|yeah|sure|ok|okay|it's|its|that's),? ){0,2}";
const MIN_GROUPED_DIGITS = 8;
/** A name of no list that is spelled has five letters: with fewer it is an abbreviation. */
const MIN_SPELLED_CHARACTERS = 'A-A-A-A-A'.length;
/** What says what the figures behind it are, which other rules find. */
const LABELS =
  /^(?:SSN?|SIN|TIN|ITIN|EIN|MRN?|PAN|NPI|DEA|MBI|HIC|HICN|ID|TEL|TELE|PH|FAX|FX|CELL|MOB|ACCT|ACC|AC|VIN|UDI|SN|ZIP|DOB|DOS|DOI|ABA|RTN|IBAN|CC|CARD|NO|NUM|NR|REF|PIN|RX|BIN|PCN|GRP|IMEI|MAC|NHS|CSN|HAR|FIN|PT|PCP)$/;

/** What people say letter by letter or when they are asked for it: dictations, transcripts, chats with a machine. */
export const SPOKEN_RULES: readonly Rule[] = [
  {
    // "spelled l u c i l l e", "spell it please? B-R-O-Z-E-K"
    entity: 'PERSON',
    name: 'person.spelled',
    score: 0.6,
    before:
      '(?i:spell(?:ed|ing|s|t)?(?: it| that| out| as| is| please| the last name| the name){0,2}[?:,]? )',
    value: '[A-Za-z](?:[ -][A-Za-z]){2,24}',
  },
  {
    // "it's Okafor, O-K-A-F-O-R": letter by letter, no mnemonic and no abbreviation.
    entity: 'PERSON',
    name: 'person.letters',
    score: 0.6,
    value: '[A-Z](?:-[A-Z]){3,24}',
    check: (value) => {
      const flags = lookUp(value.replaceAll('-', '').toLowerCase());
      const isName = (flags & NAME) !== 0 || (flags === 0 && value.length >= MIN_SPELLED_CHARACTERS);
      const isWord = (flags & WORD_COMMON) !== 0 && (flags & (GIVEN_COMMON | FAMILY_COMMON)) === 0;
      return isName && !isWord && !value.startsWith('A-B-C') ? value.length : 0;
    },
  },
  {
    // "last four of your social?\nCALLER: 6104."
    entity: 'US_SSN',
    name: 'ssn.answered',
    score: 0.6,
    before: `(?i:last (?:four|4)(?: digits)?(?: of)?)[^\\n?]{0,40}\\?${ANSWER}`,
    value: '\\d{4}',
  },
  {
    // "LDB 330 981 274": letters and groups of figures, as cards have them.
    entity: 'UNIQUE_ID',
    name: 'unique.grouped-letters',
    score: 0.4,
    value: '[A-Z]{2,4}(?: \\d{2,4}){2,4}',
    check: (value) => {
      const letters = value.replace(/ .*$/, '');
      const digits = value.replace(/\D/g, '').length;
      if (LABELS.test(letters)) return 0;
      return digits >= MIN_GROUPED_DIGITS && (lookUp(letters.toLowerCase()) & (WORD | MEDICAL)) === 0
        ? value.length
        : 0;
    },
  },
];
