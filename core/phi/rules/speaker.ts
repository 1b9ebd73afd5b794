import type { Rule } from '../engine/rule.ts';
import {
  COUNTRY,
  EPONYM,
  FAMILY,
  FAMILY_COMMON,
  GIVEN,
  GIVEN_COMMON,
  MEDICAL,
  MONTH,
  WORD as ORDINARY,
  ROLE as PART,
  STATE,
} from '../lexicon/flags.ts';
import { isNameLike } from '../lexicon/name-like.ts';
import { flagsOf, isNameOnly } from './name.ts';
import { LETTER, lengthBefore, UPPER } from './person-around.ts';

/** Given names that are words as well, and that are less usual in the US. */
const SPEAKERS: ReadonlySet<string> = new Set(
  'kit bo ty bex blessing comfort patience precious gift mercy prudence charity temperance chip skip bud buddy rusty dusty sunny fern ivy sage river sky deb bev gil cass dot wes bea fay'.split(
    ' ',
  ),
);

/** Keys of forms that no list knows are short. */
const MIN_SPEAKER_CHARACTERS = 4;

/** Who speaks in a conversation: a given name, and no word that a form has there. */
function checkSpeaker(value: string): number {
  const name = lengthBefore(value, / ?\([A-Za-z]{1,5}\)?:$|:$/);
  const flags = flagsOf(value.slice(0, name).toLowerCase());
  if ((flags & (MEDICAL | PART | MONTH)) !== 0) return 0;
  const rare = (flags & ORDINARY) === 0 && (flags & GIVEN) !== 0;
  return rare ||
    SPEAKERS.has(value.slice(0, name).toLowerCase()) ||
    (flags & GIVEN_COMMON) !== 0 ||
    ((flags & FAMILY) !== 0 && (flags & (ORDINARY | EPONYM)) === 0) ||
    ((flags & FAMILY_COMMON) !== 0 && (flags & ORDINARY) === 0) ||
    (flags === 0 && name > MIN_SPEAKER_CHARACTERS && isNameLike(value.slice(0, name)))
    ? name
    : 0;
}

/** Keys of forms and files that some are called as well. */
const KEYS =
  /^(?:vin|lang|sae|dir|len|mel|ref|kin|dis|val|min|max|var|cal|dob|loc|dot|ty|roy|clin|gal|cas|tam)$/;

/** A given name or a usual surname in small letters; keys of forms are rarely either. */
function checkSmallSpeaker(value: string): number {
  const first = /^[^ :-]+/.exec(value)?.[0] ?? '';
  if (KEYS.test(first)) return 0;
  return isNameOnly(first) && (flagsOf(first) & (GIVEN | FAMILY_COMMON)) !== 0 ? value.length - 1 : 0;
}

/** Whom a greeting means that names nobody. */
const NOBODY =
  /^(?:doc|docs|team|all|everyone|everybody|folks|guys|claude|siri|alexa|gemini|there|again|dear|love|god|guest|hun|hon|honey|sweetie|babe|bro|sis|boss|mate|dude|buddy|pal|fam|yall|darling|dearie|kiddo|chief|bud|folk|friend|friends|both|ladies|gents|crew|gang)$/i;

/** Who is spoken to: any name, or what is spelled like one. */
function checkVocative(value: string): number {
  const name = value.replace(/[.,!?\n]$/, '');
  const flags = flagsOf(name.toLowerCase());
  if ((flags & (MEDICAL | PART | MONTH | STATE | COUNTRY)) !== 0 || NOBODY.test(name)) return 0;
  if (name === name.toLowerCase())
    return isNameOnly(name) || (flags === 0 && isNameLike(name)) ? name.length : 0;
  return (flags & GIVEN) !== 0 ||
    ((flags & FAMILY) !== 0 && (flags & ORDINARY) === 0) ||
    (flags === 0 && !/^[A-Z]+$/.test(name))
    ? name.length
    : 0;
}

/** Who wrote at that time: any word that is no other. */
function checkTimed(value: string): number {
  const name = lengthBefore(value, / [[(<]?\d{1,2}:\d{2}(?: ?[>\]])?$/);
  const first = value.slice(0, name).replace(/ .*$/, '');
  const flags = flagsOf(first.toLowerCase());
  if ((flags & (MEDICAL | PART | MONTH | STATE | COUNTRY)) !== 0) return 0;
  return (flags & ORDINARY) === 0 || (flags & (GIVEN_COMMON | FAMILY_COMMON)) !== 0 ? name : 0;
}

function checkHandle(value: string): number {
  return isNameOnly(value.slice(0, -1)) ? value.length - 1 : 0;
}

/** Who writes, speaks or is spoken to. */
export const SPEAKER_RULES: readonly Rule[] = [
  {
    entity: 'PERSON',
    name: 'person.speaker',
    score: 0.6,
    anywhere: true,
    before: '(?:^|\\n|[.?!] )(?:[ \\t]{0,4}(?:[-*]|\\d{1,2}[.)]|\\[[^\\]\\n]{1,16}\\]) )?',
    value: `[${UPPER}][a-zß-öø-ſ]{1,14}(?:-[${LETTER}]{1,14})?(?: \\([A-Za-z]{1,5}\\))?:(?: ?\\d{1,3})?`,
    check: (value) => {
      // "Braden: 14"
      const scored = /\d$/.test(value);
      const name = value.replace(/: ?\d+$/, ':');
      return scored && (flagsOf(name.replace(/[ :(].*$/, '').toLowerCase()) & EPONYM) !== 0
        ? 0
        : checkSpeaker(name);
    },
  },
  {
    // "Destiny W:", "Imani J.;" of a thread.
    entity: 'PERSON',
    name: 'person.speaker-initial',
    score: 0.55,
    anywhere: true,
    before: '(?:^|[\\n;|\\t])(?:\\[[^\\]\\n]{1,16}\\] )?',
    value: `[${UPPER}][a-zß-öø-ſ]{1,14} [A-Z]\\.?[:;|\\t][A-Za-z0-9]{0,40}`,
    check: (value) => {
      const name = value.replace(/[:;|\t].*$/, '');
      const flags = flagsOf(name.replace(/ .*$/, '').toLowerCase());
      return (flags & (MEDICAL | PART)) === 0 && ((flags & GIVEN) !== 0 || flags === 0) ? name.length : 0;
    },
  },
  {
    // "Ottoline [10:02]", "devraj (14:03):" in a chat.
    entity: 'PERSON',
    name: 'person.speaker-timed',
    score: 0.6,
    anywhere: true,
    before: '(?:^|\\n)[@>]?',
    value: `[${LETTER}][${LETTER}'-]{1,20}(?: [${LETTER}][${LETTER}'-]{0,20}\\.?)? (?:[\\[(<]\\d{1,2}:\\d{2}|\\d{1,2}:\\d{2} ?[>\\]])`,
    check: checkTimed,
  },
  {
    // "NICO: I started compressions."
    entity: 'PERSON',
    name: 'person.speaker-upper',
    score: 0.5,
    anywhere: true,
    before: '(?:^|\\n|[.?!"] )',
    value: `[${UPPER}]{4,15}(?: \\([A-Za-z ]{1,16}\\))?:`,
    check: (value) => {
      const name = value.replace(/[ :(].*$/, '');
      const flags = flagsOf(name.toLowerCase());
      return (flags & GIVEN) !== 0 && (flags & (ORDINARY | MEDICAL | PART | MONTH)) === 0 ? name.length : 0;
    },
  },
  {
    // "Thanks, Poppy.", "thx saoirse"
    entity: 'PERSON',
    name: 'person.vocative',
    score: 0.5,
    before:
      '(?i:thanks|thank you|thx|ty|tysm|hi|hello|hey|dear|sorry|bye|goodbye|welcome|good morning|good afternoon|good evening|morning|congrats|love)(?:,| there,| again,| so much,| there)?(?: |\\r?\\n)',
    value: `[${LETTER}][${LETTER}'-]{1,20}[.,!?\\n]?`,
    check: checkVocative,
  },
  {
    entity: 'PERSON',
    name: 'person.closing-month',
    score: 0.5,
    before:
      '(?i:love|sincerely|regards|respectfully|thanks|thank you|best|cheers|warmly|xoxo),? ?(?:\\r?\\n)?',
    value: '(?:April|June|May|August|Will|Grace|Hope|Joy|Faith|Rose|Dawn|Summer|Autumn|Sage|Ivy)',
  },
  {
    entity: 'PERSON',
    name: 'person.speaker-small',
    score: 0.5,
    anywhere: true,
    before: '(?:^|\\n)(?:\\[[^\\]\\n]{1,16}\\] )?',
    value: '[a-zß-öø-ſ]{3,15}(?: [a-z]\\.)?(?:[ -][a-zß-öø-ſ]{2,15})?[:>]',
    check: checkSmallSpeaker,
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
