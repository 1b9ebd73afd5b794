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
  NAME,
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
import foreign from './lists/foreign.json' with { type: 'json' };
import locales from './lists/locales.json' with { type: 'json' };
import medical from './lists/medical.json' with { type: 'json' };
import names from './lists/names.json' with { type: 'json' };
import places from './lists/places.json' with { type: 'json' };
import technology from './lists/technology.json' with { type: 'json' };
import terms from './lists/terms.json' with { type: 'json' };
import things from './lists/things.json' with { type: 'json' };
import words from './lists/words.json' with { type: 'json' };
import world from './lists/world-names.json' with { type: 'json' };

/** Short forms that places are kept under; as first words they are known in both. */
const SHORT_FORMS: Readonly<Record<string, string>> = {
  saint: 'st',
  sainte: 'st',
  fort: 'ft',
  mount: 'mt',
};

type Table = Map<string, number>;

/** All lists together: single words, as `foldWord` has them, to the bits of flags.ts. */
export function buildLexicon(): ReadonlyMap<string, number> {
  const words: Table = new Map();
  addDerived(words);
  addWritten(words);
  addPlaces(words);
  return words;
}

/** Adds the bits to the mask of a word; not where it holds any of `unless`. */
function enter(table: Table, word: string, bits: number, unless = 0): void {
  const mask = table.get(word) ?? 0;
  if ((mask & unless) === 0) table.set(word, mask | bits);
}

function addDerived(table: Table): void {
  const add = (list: string, bits: number): void => {
    for (const word of decodeFrontCoded(list)) enter(table, word, bits);
  };
  add(names.givenCommon, GIVEN_COMMON);
  add(names.givenRare, GIVEN_RARE);
  add(names.familyCommon, FAMILY_COMMON);
  add(names.familyRare, FAMILY_RARE);
  add(words.common, WORD_COMMON | WORD);
  add(words.other, WORD);
  add(medical.words, MEDICAL);
  add(places.single, CITY_WORD);
  add(locales.given, GIVEN_RARE);
  add(locales.family, FAMILY_RARE);
  add(locales.cities, CITY_WORD);
  add(locales.cityFirst, CITY_FIRST);
}

function addWritten(table: Table): void {
  const add = (lines: readonly string[], bits: number, unless = 0) => {
    for (const line of lines) for (const word of line.split(' ')) enter(table, word, bits, unless);
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
  add(technology.names, WORD, NAME);
  for (const names of Object.values(things)) add(names, WORD, NAME);
  add(terms.foreign, WORD);
  add(foreign.words, WORD, NAME);
  for (const word of decodeFrontCoded(foreign.usual)) enter(table, word, WORD, NAME);
  add(foreign.names, WORD);
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

function addPlaces(table: Table): void {
  for (const word of decodeFrontCoded(places.placeFirst)) enter(table, word, CITY_FIRST);
  for (const word of decodeFrontCoded(places.hospitalFirst)) enter(table, word, HOSPITAL_FIRST);
  for (const city of cities.major.flatMap((line) => line.split(' '))) {
    const [first = '', ...rest] = city.split('_');
    enter(table, first, rest.length > 0 ? CITY_FIRST : CITY_MAJOR | CITY_WORD);
  }
  for (const city of cities.world.flatMap((line) => line.split(' '))) enter(table, city, CITY_WORD);
  for (const [long, short] of Object.entries(SHORT_FORMS)) {
    const both = (table.get(short) ?? 0) & (CITY_FIRST | HOSPITAL_FIRST);
    if (both !== 0) enter(table, long, both);
  }
}
