/**
 * What a word can be, one bit each; a word has as many as apply (`May`: month, given name, ordinary word).
 * `lookUp` gives them or-ed together. They say what the lists know, not what the word is in its sentence.
 */

/** Given name: the first 1,200 women's and 700 men's of the 1990 Census, the first 500 of either sex of 2010. */
export const GIVEN_COMMON = 1 << 0;
/** Any other given name of the lists, of many origins. Never together with `GIVEN_COMMON`. */
export const GIVEN_RARE = 1 << 1;
/** Surname: the first 5,000 of the 1990 Census and the first 1,000 of 2010. */
export const FAMILY_COMMON = 1 << 2;
/** Any other surname of the lists. Never together with `FAMILY_COMMON`. */
export const FAMILY_RARE = 1 << 3;
/** One of the 4,000 most usual English words; `WORD` as well. */
export const WORD_COMMON = 1 << 4;
/** Ordinary English word, inflected forms as well; a word that is written small. Usual words of other languages, too. */
export const WORD = 1 << 5;
/** Diseases, anatomy, drugs, organisms, tests, procedures, makers, guideline bodies, trials, journals. */
export const MEDICAL = 1 << 6;
/** Name that stands in the name of a disease, sign, score, device, procedure, method, law or unit (`Parkinson`, `Foley`, `Euler`). */
export const EPONYM = 1 << 7;
/** US city, town or county of one word, or a large city of the world. */
export const CITY_WORD = 1 << 8;
/** First word of a US city or county of several words. */
export const CITY_FIRST = 1 << 9;
/** Large city of one word; `CITY_WORD` as well. */
export const CITY_MAJOR = 1 << 10;
/** US state of one word, or a usual abbreviation of one (`Calif`); a state alone identifies nobody. */
export const STATE = 1 << 11;
/** Two-letter code of a US state or territory; means something in capitals only (`IN`, `OR`, `ME`). */
export const STATE_CODE = 1 << 12;
/** Country, nationality, people, language or religion. */
export const COUNTRY = 1 << 13;
/** Month or its abbreviation. */
export const MONTH = 1 << 14;
/** Day of the week or its abbreviation. */
export const WEEKDAY = 1 << 15;
/** Title before a name (`Mr`, `Dr`, `Prof`). */
export const TITLE = 1 << 16;
/** Degree or licence after a name (`MD`, `RN`); the short ones mean something in capitals only. */
export const CREDENTIAL = 1 << 17;
/** What a person is in care or in a family (`nurse`, `cardiologist`, `mother`). */
export const ROLE = 1 << 18;
/** Kind of place of care (`hospital`, `clinic`, `center`). */
export const FACILITY = 1 << 19;
/** Legal form or usual last word of a company (`Inc`, `LLC`). */
export const COMPANY = 1 << 20;
/** Street suffix of USPS Publication 28 or its abbreviation. */
export const STREET = 1 << 21;
/** Small word inside a name (`van`, `de`, `bin`). */
export const PARTICLE = 1 << 22;
/** First word of a known hospital. */
export const HOSPITAL_FIRST = 1 << 23;

export const GIVEN = GIVEN_COMMON | GIVEN_RARE;
export const FAMILY = FAMILY_COMMON | FAMILY_RARE;
/** Given name or surname, common or rare. */
export const NAME = GIVEN | FAMILY;
