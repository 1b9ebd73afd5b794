import type { Word } from './run.ts';

/** Organisations that are known without a word such as "hospital"; small letters, one a line or comma. */
const KNOWN = `kaiser permanente, kaiser, mayo, ucsf, ucla, mgh, mass general, massachusetts general, brigham and women's,
brigham, johns hopkins, hopkins, cedars-sinai, cedars sinai, mount sinai, mt sinai, md anderson, m d anderson,
memorial sloan kettering, sloan kettering, nyu langone, langone, upmc, geisinger, intermountain, sutter, dignity health,
providence, ascension, hca, tenet, baylor scott, houston methodist, northwell, montefiore, bellevue, dana-farber,
fred hutchinson, scripps, sharp, banner, henry ford, beaumont, spectrum health, advocate aurora, oschner, ochsner,
emory, vanderbilt, vumc, ohsu, uab, uthealth, ut southwestern, utmb, va palo alto, va boston, quest diagnostics, quest, labcorp,
walgreens, cvs, rite aid, walmart, costco, kroger, safeway, target, amazon, google, microsoft, facebook, boeing, fedex,
ups, usps, uber, lyft, starbucks, mcdonald's, mcdonalds, home depot, lowe's, verizon, comcast, wells fargo, chase bank,
bank of america, aetna, cigna, humana, anthem, unitedhealthcare, united healthcare, blue cross, blue shield,
blue cross blue shield, bcbs, molina, centene, tricare, magellan, optum, harvard, yale, stanford, princeton, cornell,
duke, mit, caltech, berkeley, nyu, usc, columbia presbyterian, planned parenthood, salvation army, red cross, goodwill,
habitat for humanity, ymca, ywca, shriners, st jude, st. jude, davita, fresenius, brookdale, sunrise senior living,
genesis healthcare, encompass health, concentra, minuteclinic, medexpress, carenow, onemedical, one medical, teladoc,
children's mercy, harborview, parkland hospital, wills eye, city of hope, texas children's, nationwide children's, cook children's, lurie children's,
boston children's, seattle children's, phoenix children's, valley children's, le bonheur, rady children's, st luke's, st. luke's,
froedtert, barnes-jewish, jackson memorial, tampa general, memorial hermann, ben taub, hennepin healthcare, essentia, allina, sanford health,
adventhealth, wellstar, piedmont, atrium health, novant, wakemed, musc, prisma health, baptist health, orlando health, moffitt,
denver health, uchealth, honorhealth, el camino, zuckerberg san francisco, highland hospital, uc davis, uc san diego, ucsd, uci health, uw medicine,
virginia mason, multicare, peacehealth, avera, billings clinic, bascom palmer, hss, fox chase, roswell park, national jewish, joslin, lahey, uhc, unitedhealth,
bluecross blueshield, bluecross, blueshield, wellcare, highmark, carefirst, emblemhealth, oscar health, ambetter, lincare, apria, numotion, byram, geoblue, state farm, geico, allstate,
progressive insurance, waffle house, dollar general, family dollar, dunkin, chipotle, trader joe's, whole foods, publix, h-e-b, wegmans, winn-dixie, meijer, petco, petsmart,
health net, express scripts, caremark, optumrx, optum rx, medimpact, prime therapeutics, navitus, devoted health,
clover health, premera, regence, moda health, pacificsource, selecthealth, priority health, medica, healthpartners,
ucare, caresource, wellpoint, amerihealth, amerigroup, independence blue cross, horizon blue cross, healthfirst, fidelis, metroplus,
excellus, harvard pilgrim, tufts health plan, connecticare, sentara, florida blue, sunshine health, peach state, superior health,
delta dental, vsp vision, eyemed, metlife, guardian life, unum, aflac, liberty mutual, nationwide, farmers insurance, travelers,
the hartford, sedgwick, walgreens, duane reade, sam's club, albertsons, giant eagle, food lion, hy-vee, amazon pharmacy,
good neighbor pharmacy, visiting angels, home instead, comfort keepers, right at home, bayada, amedisys, gentiva, vitas,
kindred, select specialty, compassus, promedica, life care centers, atria, five star, brightview, heartland hospice,
teamsters, texas tech, virginia tech, georgia tech, boise state, san jose state, san diego state, florida state, iowa state,
kansas state, oregon state, washington state, arizona state, colorado state, mississippi state, texas a&m, oklahoma state,
msk, cleveland clinic, mass eye and ear, chick-fil-a, panera, wendy's, burger king, taco bell, dollar tree, sherwin-williams,
super 8, motel 6, holiday inn, hampton inn, job corps, meals on wheels, head start, big brothers big sisters, boy scouts, girl scouts,
good sam, good samaritan, swedish medical, medicine shoppe, alto pharmacy, capsule pharmacy, accredo, lyft, doordash, instacart, ups, dhl, john deere, caterpillar, lockheed martin,
general motors, union pacific, delta airlines, southwest airlines, american airlines, united airlines, best buy, ikea, tyson foods, smithfield foods,
bronx lebanon, wake forest, notre dame, ohio state, penn state, michigan state, uconn, georgetown university, tulane, rutgers, purdue, clemson, drexel, dartmouth, dartmouth-hitchcock`;

const BY_FIRST = buildByFirst();
/** The words that they begin with. */
export const KNOWN_FIRST: ReadonlySet<string> = new Set(BY_FIRST.keys());

/** How many words from `from` on are the name of a well-known organisation; 0 for none. */
export function isKnownOrganization(words: readonly Word[], from: number): number {
  let longest = 0;
  for (const name of BY_FIRST.get(words[from]?.text ?? '') ?? []) {
    const fits = name.every((part, i) => {
      const word = words[from + i];
      return word !== undefined && (word.possessive ? `${word.text}'s` : word.text) === part;
    });
    if (fits && name.length > longest) longest = name.length;
  }
  return longest;
}

function buildByFirst(): ReadonlyMap<string, readonly (readonly string[])[]> {
  const map = new Map<string, string[][]>();
  for (const name of KNOWN.split(/,\s*/)) {
    const parts = name.split(/[ -]/);
    const first = parts[0] ?? '';
    const list = map.get(first.replace(/'s$/, '')) ?? [];
    list.push(parts);
    map.set(first.replace(/'s$/, ''), list);
  }
  return map;
}
