import type { Word } from './run.ts';

/** Organisations that are known without a word such as "hospital"; small letters, one a line or comma. */
const KNOWN = `kaiser permanente, kaiser, mayo, ucsf, ucla, mgh, mass general, massachusetts general, brigham and women's,
  brigham, johns hopkins, hopkins, cedars-sinai, cedars sinai, mount sinai, mt sinai, md anderson, m d anderson,
  memorial sloan kettering, sloan kettering, nyu langone, langone, upmc, geisinger, intermountain, sutter,
  dignity health, providence, ascension, hca, tenet, baylor scott, houston methodist, northwell, montefiore,
  bellevue, dana-farber, fred hutchinson, scripps, sharp, banner, henry ford, beaumont, spectrum health,
  advocate aurora, oschner, ochsner, emory, vanderbilt, vumc, ohsu, uab, uthealth, ut southwestern, utmb,
  va palo alto, va boston, quest diagnostics, quest, labcorp, walgreens, cvs, rite aid, walmart, costco, kroger,
  safeway, target, amazon, google, microsoft, facebook, boeing, fedex, ups, usps, uber, lyft, starbucks, mcdonald's,
  mcdonalds, home depot, lowe's, verizon, comcast, wells fargo, chase bank, bank of america, aetna, cigna, humana,
  anthem, unitedhealthcare, united healthcare, blue cross, blue shield, blue cross blue shield, bcbs, molina,
  centene, tricare, magellan, optum, harvard, yale, stanford, princeton, cornell, duke, mit, caltech, berkeley, nyu,
  usc, columbia presbyterian, planned parenthood, salvation army, red cross, goodwill, habitat for humanity, ymca,
  ywca, shriners, st jude, st. jude, davita, fresenius, brookdale, sunrise senior living, genesis healthcare,
  encompass health, concentra, minuteclinic, medexpress, carenow, onemedical, one medical, teladoc,
  children's mercy, harborview, parkland hospital, wills eye, city of hope, texas children's, nationwide children's,
  cook children's, lurie children's, boston children's, seattle children's, phoenix children's, valley children's,
  le bonheur, rady children's, st luke's, st. luke's, froedtert, barnes-jewish, jackson memorial, tampa general,
  memorial hermann, ben taub, hennepin healthcare, essentia, allina, sanford health, adventhealth, wellstar,
  piedmont, atrium health, novant, wakemed, musc, prisma health, baptist health, orlando health, moffitt,
  denver health, uchealth, honorhealth, el camino, zuckerberg san francisco, highland hospital, uc davis,
  uc san diego, ucsd, uci health, uw medicine, virginia mason, multicare, peacehealth, avera, billings clinic,
  bascom palmer, hss, fox chase, roswell park, national jewish, joslin, lahey, uhc, unitedhealth,
  bluecross blueshield, bluecross, blueshield, wellcare, highmark, carefirst, emblemhealth, oscar health, ambetter,
  lincare, apria, numotion, byram, geoblue, state farm, geico, allstate, progressive insurance, waffle house,
  dollar general, family dollar, dunkin, chipotle, trader joe's, whole foods, publix, h-e-b, wegmans, winn-dixie,
  meijer, petco, petsmart, health net, express scripts, caremark, optumrx, optum rx, medimpact, prime therapeutics,
  navitus, devoted health, clover health, premera, regence, moda health, pacificsource, selecthealth,
  priority health, medica, healthpartners, ucare, caresource, wellpoint, amerihealth, amerigroup,
  independence blue cross, horizon blue cross, healthfirst, fidelis, metroplus, excellus, harvard pilgrim,
  tufts health plan, connecticare, sentara, florida blue, sunshine health, peach state, superior health,
  delta dental, vsp vision, eyemed, metlife, guardian life, unum, aflac, liberty mutual, nationwide,
  farmers insurance, travelers, the hartford, sedgwick, duane reade, sam's club, albertsons, giant eagle, food lion,
  hy-vee, amazon pharmacy, good neighbor pharmacy, visiting angels, home instead, comfort keepers, right at home,
  bayada, amedisys, gentiva, vitas, kindred, select specialty, compassus, promedica, life care centers, atria,
  five star, brightview, heartland hospice, teamsters, texas tech, virginia tech, georgia tech, boise state,
  san jose state, san diego state, florida state, iowa state, kansas state, oregon state, washington state,
  arizona state, colorado state, mississippi state, texas a&m, oklahoma state, msk, cleveland clinic,
  mass eye and ear, chick-fil-a, panera, wendy's, burger king, taco bell, dollar tree, sherwin-williams, super 8,
  motel 6, holiday inn, hampton inn, job corps, meals on wheels, head start, big brothers big sisters, boy scouts,
  girl scouts, good sam, good samaritan, swedish medical, medicine shoppe, alto pharmacy, capsule pharmacy, accredo,
  doordash, instacart, dhl, john deere, caterpillar, lockheed martin, general motors, union pacific, delta airlines,
  southwest airlines, american airlines, united airlines, best buy, ikea, tyson foods, smithfield foods,
  bronx lebanon, wake forest, notre dame, ohio state, penn state, michigan state, uconn, georgetown university,
  tulane, rutgers, purdue, clemson, drexel, dartmouth, dartmouth-hitchcock, wellmed, keystone first,
  amerihealth caritas, friday health, bright health, scan health plan, alignment health, oscar insurance,
  medical mutual, capital blue cross, blue kc, wellmark, arkansas blue cross, mclaren health plan, meridian health,
  peoples health, vibra health plan, upmc for you, geisinger gold, gateway health, johns hopkins advantage,
  emblem health, mvp health care, cdphp, univera, independent health, fallon health, point32health,
  mass general brigham, beth israel, beth israel deaconess, beth israel lahey, brigham and womens, st elizabeth's,
  boston medical, cambridge health alliance, umass memorial, baystate, hartford healthcare, yale new haven,
  bridgeport hospital, stamford health, nuvance, rhode island hospital, women infants, care new england,
  dartmouth health, maine medical, mainehealth, northern light, uvm medical, kaleida, albany med, upstate medical,
  maimonides, wyckoff heights, elmhurst hospital, lincoln medical, kings county hospital, jacobi,
  coney island hospital, woodhull, staten island university, mount sinai west, nyu winthrop, stony brook,
  lenox hill, st barnabas, hackensack meridian, rwjbarnabas, robert wood johnson, cooper university,
  atlantic health, morristown medical, penn medicine, hospital of the university of pennsylvania, jefferson health,
  thomas jefferson, temple health, einstein medical, lankenau, bryn mawr hospital, crozer, christianacare,
  lehigh valley, st luke's university, wellspan, allegheny general, conemaugh, hershey medical, penn state health,
  sinai grace, sinai-grace, corewell, trinity health, mclaren, ascension genesys, mymichigan,
  cleveland clinic akron general, metrohealth, summa health, ohiohealth, mount carmel, riverside methodist,
  kettering health, trihealth, cincinnati children's, akron children's, mercy health, bon secours, iu health,
  eskenazi, franciscan health, northwestern memorial, northwestern medicine, loyola medicine, advocate christ,
  advocate lutheran general, cook county health, stroger, john h stroger, lurie, uchicago medicine,
  osf saint francis, memorial medical springfield, unitypoint, mercyone, gundersen, aurora st luke's,
  froedtert south, thedacare, marshfield clinic, sanford bismarck, regions hospital, hcmc, m health fairview,
  abbott northwestern, park nicollet, north memorial, barnes jewish, ssm health, mercy san juan, cox south,
  coxhealth, saint luke's kansas city, truman medical, ku med, stormont vail, wesley medical, via christi,
  nebraska medicine, chi health, ou health, integris, hillcrest, saint francis tulsa, ascension st john, uams,
  baptist memorial, methodist le bonheur, regional one, vanderbilt university medical, st thomas midtown, tristar,
  erlanger, ut medical, norton healthcare, uofl health, uk healthcare, appalachian regional, cabell huntington,
  wvu medicine, ruby memorial, carilion, inova, vcu health, hca henrico, riverside health, bon secours st mary's,
  medstar, medstar washington, george washington university hospital, howard university hospital,
  childrens national, children's national, luminis, umms, lifebridge, sinai hospital, duke regional, unc rex,
  unc health, vidant, ecu health, cone health, wake forest baptist, mission hospital, prisma, lexington medical,
  emory decatur, northside hospital, wellstar kennestone, memorial health savannah, augusta university,
  uab hospital, huntsville hospital, usa health, infirmary health, ochsner neuroscience, lcmc, our lady of the lake,
  willis knighton, lsu health, ummc, north mississippi medical, forrest general, uf health, shands,
  mayo jacksonville, lee health, sarasota memorial, baycare, st joseph's tampa, jackson south,
  baptist south florida, memorial regional, broward health, cleveland clinic florida, nicklaus children's, nemours,
  johns hopkins all children's, lbj hospital, harris health, hca houston, baylor st luke's, baylor scott white,
  baylor scott and white, parkland, utsw, ut health san antonio, methodist san antonio,
  university health san antonio, dell children's, st david's, valley baptist, driscoll children's, umc lubbock,
  texas tech physicians, presbyterian española, presbyterian health, presbyterian healthcare services, lovelace,
  unm hospital, christus st vincent, banner thunderbird, banner desert, banner university, valleywise,
  tuba city regional, northern arizona healthcare, university of utah, primary children's, st mark's, renown,
  sunrise hospital, umc las vegas, dignity st rose, centura, commonspirit, childrens colorado,
  children's hospital colorado, sclhealth, st vincent billings, bozeman deaconess, benefis, st peter's health,
  st luke's boise, saint alphonsus, kootenai health, providence everett, providence sacred heart,
  swedish first hill, swedish issaquah, virginia mason franciscan, overlake, evergreenhealth, legacy emanuel,
  legacy good samaritan, providence portland, salem health, kaiser oakland, kaiser sunnyside, kaiser fontana,
  sutter health, alta bates, stanford health care, lucile packard, el camino health, santa clara valley, zsfg,
  sf general, ucsf benioff, john muir, natividad, kaweah, kern medical, adventist health, cottage hospital,
  ucla santa monica, harbor ucla, lac usc, la general, huntington hospital, white memorial,
  martin luther king community, miller children's, long beach memorial, loma linda, riverside community,
  eisenhower health, scripps mercy, sharp memorial, ucsd hillcrest, queen's medical, kapiolani, tripler,
  providence alaska, alaska native medical, guam memorial, thrifty white, schnucks, sheetz, wawa, kwik trip,
  quiktrip, racetrac, buc-ee's, casey's general, circle k, 7-eleven, speedway, marathon petroleum, conocophillips,
  halliburton, schlumberger, baker hughes, food 4 less, winco, stater bros, vons, ralphs, king soopers, fred meyer,
  harris teeter, piggly wiggly, shoprite, stop shop, stop and shop, market basket, hannaford, shaw's, price chopper,
  weis markets, acme markets, ace hardware, tractor supply, cabela's, bass pro, dick's sporting, tj maxx,
  ross stores, burlington coat, bath body works, o'reilly auto, advance auto, jiffy lube, pep boys, best western,
  la quinta, days inn, comfort inn, extended stay america, mgm grand, caesars palace, foxwoods, mohegan sun,
  carnival cruise, royal caribbean, norwegian cruise, chick fil a, werner enterprises, swift transportation,
  jb hunt, j.b. hunt, schneider national, old dominion, u-haul, metra, caltrain, norfolk southern, delta air lines,
  jetblue, alaska airlines, hawaiian airlines, spirit aerosystems, lockheed, northrop grumman, raytheon,
  huntington ingalls, newport news shipbuilding, bath iron works, tyson, smithfield, jbs, pilgrim's pride, seaboard,
  ge appliances, us steel, nucor, duke energy, con edison, comed, georgia power, first student,
  durham school services, aramark, sodexo, cintas, securitas, brinks, g4s, manpower, kelly services, randstad,
  aya healthcare, amn healthcare, cross country nurses, medical solutions, vitalant, american red cross,
  carter bloodcare, air evac, air methods, lifeflight, amr ambulance, lincoln financial, mutual of omaha,
  northwestern mutual, navy federal, td bank, us bank, fifth third, truist, regions bank, citibank, capital one,
  star tribune, aspca, humane society, amvets, american legion, knights of columbus, elks lodge, moose lodge,
  rotary club, kiwanis, lions club, catholic charities, jewish family services, lutheran social services,
  st vincent de paul, feeding america, united way, boys girls club, boys and girls club, 4-h, little league,
  planet fitness, la fitness, orangetheory, lifetime fitness, anytime fitness, afscme, unite here, prospect medical,
  steward health, encompass, life care center, consulate health, sunrise senior, merrill gardens, five star senior,
  holiday retirement, lifespace, humangood, lhc group, vnsny, maxim healthcare, visiting nurse service, enhabit,
  hospice of the valley, seasons hospice, davita artesia, fresenius macon, us renal, satellite healthcare,
  dialysis clinic, sonic healthcare, bioreference, mayo clinic laboratories, rotech, adapthealth, norco medical,
  national seating, ottobock care, hanger clinic, edgepark, liberty medical, ccs medical, cvs caremark,
  walgreens specialty, briovarx, kroger specialty, costco pharmacy, publix pharmacy, blink health, genoa healthcare,
  pharmerica, oak street health, chenmed, iora, village medical, villagemd, carbon health, citymd, gohealth,
  patient first, nextcare, fastmed, american family care, afc urgent, the little clinic, bicycle health,
  groups recover, hazelden, hazelden betty ford, betty ford, sierra tucson, the meadows, phoenix house,
  gateway foundation, rosecrance, rogers behavioral, mclean hospital, austen riggs, menninger, sheppard pratt,
  western psych, kennedy krieger, shirley ryan, shirley ryan abilitylab, spaulding, shepherd center, craig hospital,
  magee rehab, rancho los amigos, mary free bed, baylor rehab, rothman, orthocarolina, twin cities spine,
  panorama ortho, resurgens, texas oncology, florida cancer, tennessee oncology, us oncology, 21st century oncology,
  mednax, pediatrix, sound physicians, teamhealth`;

/** Employers and shops whose names are as often those of what they make; they need a word for being there. */
const MAKERS = `valero, exxon, exxonmobil, chevron, smith's food, aldi, sprouts, menards, kohl's, macy's, nordstrom, jcpenney,
  marshalls, old navy, sephora, autozone, marriott, hyatt, disney world, disneyland, universal studios, six flags,
  cracker barrel, olive garden, red lobster, applebee's, denny's, arby's, popeyes, five guys, in-n-out, whataburger,
  domino's, papa john's, little caesars, pizza hut, jack in the box, carl's jr, culver's, dairy queen,
  panda express, tim hortons, greyhound, amtrak, honeywell, cargill, hormel, general mills, kellogg, kraft heinz,
  frito-lay, pepsico, coca-cola, anheuser-busch, nestle, cummins, whirlpool, volkswagen, ford motor, stellantis,
  rivian, michelin, goodyear, firestone, alcoa, dow chemical, dupont, intel, nvidia, salesforce, t-mobile, xfinity,
  turbotax, banfield, crossfit, aarp, natera, invitae, exact sciences, cologuard lab, pillpack, goodrx, omnicare,
  mdlive, amwell, talkspace, betterhelp, kfc, ihop, seiu, bnsf, csx, usaa, pnc, werner, regions, tesla, oracle,
  hilton, penske, ryder, deere, nissan, honda, toyota, hyundai, perdue, vfw, dav`;
const WHERE = /^(?:at|for|by|near|behind|outside|inside|the|employer|of)$/;

const BY_FIRST = buildByFirst(KNOWN);
const MAKERS_BY_FIRST = buildByFirst(MAKERS);
/** The words that they begin with. */
export const KNOWN_FIRST: ReadonlySet<string> = new Set([...BY_FIRST.keys(), ...MAKERS_BY_FIRST.keys()]);

/** How many words from `from` on are the name of a well-known organisation; 0 for none. */
export function isKnownOrganization(words: readonly Word[], from: number, before: string): number {
  const first = words[from]?.text ?? '';
  const known = longestOf(BY_FIRST.get(first), words, from);
  if (!WHERE.test(before)) return known;
  return Math.max(known, longestOf(MAKERS_BY_FIRST.get(first), words, from));
}

function buildByFirst(names: string): ReadonlyMap<string, readonly (readonly string[])[]> {
  const map = new Map<string, string[][]>();
  for (const name of names.split(/,\s*/)) {
    const parts = name.split(/[ -]/);
    const first = parts[0] ?? '';
    const list = map.get(first.replace(/'s$/, '')) ?? [];
    list.push(parts);
    map.set(first.replace(/'s$/, ''), list);
  }
  return map;
}

/** How many words the longest of the names has that the run has at `from`; 0 for none. */
function longestOf(
  names: readonly (readonly string[])[] | undefined,
  words: readonly Word[],
  from: number,
): number {
  let longest = 0;
  for (const name of names ?? []) {
    const fits = name.every((part, i) => {
      const word = words[from + i];
      return word !== undefined && (word.possessive ? `${word.text}'s` : word.text) === part;
    });
    if (fits && name.length > longest) longest = name.length;
  }
  return longest;
}
