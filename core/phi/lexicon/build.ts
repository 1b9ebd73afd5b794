import {
  CITY_FIRST,
  CITY_MAJOR,
  CITY_WORD,
  COMPANY,
  COUNTRY,
  CREDENTIAL,
  EPONYM,
  FACILITY,
  FAMILY,
  FAMILY_COMMON,
  FAMILY_RARE,
  GIVEN,
  GIVEN_COMMON,
  GIVEN_RARE,
  HOSPITAL_FIRST,
  MEDICAL,
  MONTH,
  PARTICLE,
  ROLE,
  STATE,
  STATE_CODE,
  STREET,
  TITLE,
  WEEKDAY,
  WORD,
  WORD_COMMON,
} from './flags.ts';
import { decodeFrontCoded } from './front-code.ts';
import cities from './lists/cities.json' with { type: 'json' };
import clinical from './lists/clinical.json' with { type: 'json' };
import medical from './lists/medical.json' with { type: 'json' };
import names from './lists/names.json' with { type: 'json' };
import places from './lists/places.json' with { type: 'json' };
import terms from './lists/terms.json' with { type: 'json' };
import words from './lists/words.json' with { type: 'json' };
import world from './lists/world-names.json' with { type: 'json' };
import { WordTable } from './table.ts';

/** Powers of two with room: about 240,000 words of 8 letters, 6,100 phrases of 13. */
const WORD_SLOTS = 1 << 19;
const WORD_BYTES = 3 << 20;
const PHRASE_SLOTS = 1 << 14;
const PHRASE_BYTES = 1 << 17;

/** What a phrase is. */
export const PLACE = 1;
export const HOSPITAL = 2;

export interface Lexicon {
  /** Single words to the bits of flags.ts. */
  readonly words: WordTable;
  /** Places and hospitals of several words, with one space between them, to `PLACE` and `HOSPITAL`. */
  readonly phrases: WordTable;
}

/** Short forms that places are kept under; their first words are known in both. */
export const SHORT_FORMS: Readonly<Record<string, string>> = {
  saint: 'st',
  sainte: 'st',
  fort: 'ft',
  mount: 'mt',
};

/** Decodes all lists. */
export function buildLexicon(): Lexicon {
  const lexicon = {
    words: new WordTable(WORD_SLOTS, WORD_BYTES),
    phrases: new WordTable(PHRASE_SLOTS, PHRASE_BYTES),
  };
  addDerived(lexicon.words);
  addWritten(lexicon.words);
  addPlaces(lexicon);
  return lexicon;
}

function addDerived(table: WordTable): void {
  table.addFrontCoded(names.givenCommon, GIVEN_COMMON);
  table.addFrontCoded(names.givenRare, GIVEN_RARE);
  table.addFrontCoded(names.familyCommon, FAMILY_COMMON);
  table.addFrontCoded(names.familyRare, FAMILY_RARE);
  table.addFrontCoded(words.common, WORD_COMMON | WORD);
  table.addFrontCoded(words.other, WORD);
  table.addFrontCoded(medical.words, MEDICAL);
  table.addFrontCoded(places.single, CITY_WORD);
}

function addWritten(table: WordTable): void {
  const add = (lines: readonly string[], bits: number, unless = 0) => {
    for (const line of lines) for (const word of line.split(' ')) table.add(word, bits, unless);
  };
  add(world.given, GIVEN_RARE, GIVEN);
  add(world.family, FAMILY_RARE, FAMILY);
  add(clinical.organisms, MEDICAL);
  add(clinical.makers, MEDICAL);
  add(clinical.bodies, MEDICAL);
  add(clinical.tests, MEDICAL);
  add(clinical.devices, MEDICAL);
  add(clinical.payers, MEDICAL);
  add(clinical.drugs, MEDICAL);
  add(clinical.clinicalWords, MEDICAL);
  add(clinical.abbreviations, MEDICAL);
  add(clinical.eponyms, EPONYM);
  add(terms.states, STATE);
  add(terms.stateCodes, STATE_CODE);
  add(terms.countries, COUNTRY);
  add(terms.peoples, COUNTRY);
  add(terms.languages, COUNTRY);
  add(terms.religions, COUNTRY);
  add(terms.modern, WORD);
  add(terms.foreign, WORD);
  add(terms.months, MONTH);
  add(terms.weekdays, WEEKDAY);
  add(terms.titles, TITLE);
  add(terms.credentials, CREDENTIAL);
  add(terms.roles, ROLE);
  add(terms.facilities, FACILITY);
  add(terms.companies, COMPANY);
  add(terms.streets, STREET);
  add(terms.particles, PARTICLE);
}

function addPlaces({ words, phrases }: Lexicon): void {
  const addPhrase = (phrase: string, kind: number, first: number) => {
    phrases.add(phrase, kind);
    words.add(phrase.slice(0, phrase.indexOf(' ')), first);
  };
  for (const phrase of decodeFrontCoded(places.phrases)) addPhrase(phrase, PLACE, CITY_FIRST);
  for (const phrase of decodeFrontCoded(places.hospitals)) addPhrase(phrase, HOSPITAL, HOSPITAL_FIRST);
  for (const city of cities.major.flatMap((line) => line.split(' '))) {
    if (city.includes('_')) addPhrase(city.replaceAll('_', ' '), PLACE, CITY_FIRST);
    else words.add(city, CITY_MAJOR | CITY_WORD);
  }
  for (const city of cities.world.flatMap((line) => line.split(' '))) words.add(city, CITY_WORD);
  for (const [long, short] of Object.entries(SHORT_FORMS)) {
    const both = words.get(short) & (CITY_FIRST | HOSPITAL_FIRST);
    if (both !== 0) words.add(long, both);
  }
}
