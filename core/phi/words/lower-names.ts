import { EPONYM } from '../lexicon/flags.ts';
import { decodeFrontCoded } from '../lexicon/front-code.ts';
import names from '../lexicon/lists/lower-names.json' with { type: 'json' };
import { lookUp } from '../lexicon/look-up.ts';

/** Short for bradycardic. */
const SLANG: ReadonlySet<string> = new Set(['brady']);

/** Usual names that are found in small letters wherever they stand, since they are no English word. */
const LOWER_NAMES = [...decodeFrontCoded(names.given), ...decodeFrontCoded(names.family)].filter(
  (name) => !SLANG.has(name),
);
export const LOWER_PEOPLE = LOWER_NAMES.filter((name) => (lookUp(name) & EPONYM) === 0);
/** Of those, what tools, tests and scores are called too: "the hickman", "did a morse". */
export const LOWER_EPONYMS = LOWER_NAMES.filter((name) => (lookUp(name) & EPONYM) !== 0);

/** Large cities that are no word, no eponym and hardly a name, found in small letters wherever they stand. */
export const LOWER_CITIES: readonly string[] =
  `akron, albuquerque, allentown, amarillo, anaheim, ann arbor, asheville, bakersfield, baltimore, baton rouge, boise,
  bridgeport, brooklyn, brownsville, cedar rapids, chattanooga, chicago, cincinnati, colorado springs, corpus christi,
  des moines, detroit, duluth, el paso, escondido, evansville, fayetteville, fort wayne, fort worth, fresno, gainesville,
  galveston, greensboro, harrisburg, honolulu, houston, huntsville, indianapolis, jacksonville, kalamazoo, kansas city,
  knoxville, laredo, las vegas, vegas, philly, nola, los angeles, louisville, lubbock, minneapolis, missoula, naperville, nashville,
  new orleans, oklahoma city, omaha, oxnard, pasadena, pensacola, peoria, pittsburgh, pocatello, poughkeepsie,
  rancho cucamonga, sacramento, salt lake city, san antonio, san bernardino, san diego, san francisco, san jose,
  santa ana, santa fe, santa rosa, sarasota, scottsdale, scranton, seattle, shreveport, sioux city, sioux falls, spokane,
  springfield, st louis, st paul, st petersburg, stockton, syracuse, tacoma, tallahassee, tampa, topeka, tucson, tulsa,
  tuscaloosa, virginia beach, visalia, wichita, worcester, yakima, yonkers, youngstown, juarez, tijuana, toronto,
  vancouver, montreal, guadalajara, mumbai, karachi, manila, lagos, hanoi, saigon`.split(/,\s+/);

/** Places of care and companies that are no word and nobody's usual name, for the same. */
export const LOWER_ORGANIZATIONS: readonly string[] =
  `kaiser permanente, mayo clinic, brookdale, ucsf, ucla, vumc, ohsu, upmc, cedars-sinai, cedars sinai, mount sinai,
  mt sinai, johns hopkins, mass general, brigham and womens, md anderson, sloan kettering, geisinger, intermountain,
  montefiore, bellevue hospital, harborview, parkland, froedtert, emory, vanderbilt, northwell, labcorp, quest diagnostics,
  walgreens, rite aid, cvs, express scripts, walmart, costco, davita, fresenius, st judes, childrens mercy, valley childrens, texas childrens,
  nationwide childrens, seattle childrens, boston childrens, phoenix childrens, planned parenthood`.split(
    /,\s+/,
  );
