import { CITY_WORD, MEDICAL, MONTH, NAME, ROLE, STATE, TITLE, WEEKDAY } from '../lexicon/flags.ts';
import type { Word } from './run.ts';

/** Words of the names of organisations and around them, in small letters. */

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** Words that make a name of whatever ordinary word stands before them. */
export const HEADS = words(
  `hospital hospitals clinic clinics infirmary hospice sanatorium sanitarium university college academy pharmacy
  healthcare seminary church synagogue mosque temple parish elementary kindergarten preschool daycare prison jail
  penitentiary library museum bank airlines airport brewery bakery foundation institute laboratories polyclinic
  rehabilitation rehab labs inn hotel motel casino shelter dialysis orthopedics orthopaedics pediatrics dermatology dental
  cardiology gastroenterology oncology urology neurology nephrology rheumatology endocrinology ophthalmology optometry
  psychiatry radiology obstetrics gynecology convent monastery freight trucking plumbing roofing electric construction
  landscaping masonry realty schools concrete steel dairy catering shipping logistics motors airways brewing winery orchards nursery
  recovery snf alf ltac ltach hospitality pharmaceuticals biotech dentistry dentists biobank genomics transit ceramics
  alliance glassworks drugs drugstore drugstores apothecary optometrists opticians chiropractic orthodontics endodontics
  periodontics prosthodontics acupuncture medspa supermarket supermarkets grocery grocers hardware lumber cannery vineyards
  marina bistro pizzeria barbershop boutique distillery refinery foundry quarry petroleum telecom wireless publishing
  studios productions theater theatre cinema symphony orchestra zoo aquarium stadium conservatory bookstore florist
  nurseries krankenkasse ersatzkasse klinikum packers packing poultry fisheries seafood upholstery welding excavating paving drywall flooring carpentry
  locksmith towing movers moving cab taxi charters couriers courier mortuary crematory cemetery coop co-op cooperative
  brewers millwork tannery sawmill shipyard shipyards railways railroad express`,
);

/** Words that end a name only with another of these, or behind a word that is nobody's ordinary one. */
export const WEAK_HEADS = words(
  `center centre medicine institute medical health school high middle care system systems network group associates partners practice
  services home nursing manor village living senior lodge house department dept fire police court foundation hall
  pavilion campus specialists physicians surgery surgical imaging diagnostics laboratory lab community memorial general
  regional children's childrens women's veterans va methodist baptist presbyterian lutheran adventist catholic
  jewish episcopal district union authority agency logistics industries manufacturing construction motors foods farms
  solutions technologies technology consulting insurance therapeutics society league club team program residence
  residences apartments estates towers plaza life mutual assurance casualty audiology vascular allergy endoscopy podiatry vision
  heart rhythm spine kidney lung joint foot ankle brain smiles drug plan net scripts infusion suites works surgery ortho
  neuro derm peds walk-in surgeons pain arms hands bridge trust advantage benefits fund benefit link connect direct
  optical hearing therapy wellness orthopedic orthopaedic eye ear skin women ranch studio gym spa salon cafe restaurant grill diner store market depot
  warehouse plant factory mill mine company corporation rx assoc assocs assn ctr cntr hosp corp inc llc llp ltd co incorporated enterprises holdings`,
);

/** Of those and others, which end a name in the middle of a sentence behind any word with a capital that is not generic. */
export const MIDDLE_HEADS = words(
  `center centre house behavioral lab labs fertility ambulance ent gi obgyn ob-gyn ortho spine vein vascular wellness
  prosthetics orthotics manor terrace walk-in umc ucc ame glass furniture software paper mining textiles plastics
  dme hme asc tire tires rubber feed propane chemical chemicals tooling oxygen rehab dialysis hospice pediatrics behavioural montessori daycare hearing optical audiology podiatry
  psychology psychiatric psychological derm ophthalmics laser smiles autism hospitalists
  produce meats cabinets windows tile flooring paint painting automotive collision aviation marine
  aerospace aerosystems machining stamping castings forge foundry lodge
  chapel ministries tabernacle cathedral monastery abbey priory shul masjid gurdwara`,
);

/** Second words of names of two: "high school", "medical center", "nursing home", "police department". */
export const PAIRS: readonly (readonly [ReadonlySet<string>, ReadonlySet<string>])[] = [
  [
    words(
      'medical health care cancer heart surgery trauma rehabilitation rehab treatment wellness recovery birth',
    ),
    words('center centre system group network clinic associates partners services'),
  ],
  [
    words('high middle elementary grade primary secondary charter public nursing law'),
    words('school schools'),
  ],
  [words('nursing retirement group care funeral'), words('home homes facility')],
  [
    words('correctional detention treatment rehabilitation residential'),
    words('facility center institution complex'),
  ],
  [words("fire police sheriff sheriff's health"), words('department dept')],
  [words('assisted senior independent'), words('living')],
  [words('memory senior urgent home'), words('care')],
  [words('family internal sports occupational'), words('medicine practice')],
  [words('behavioral mental home'), words('health')],
  [words('eye pain heart spine skin vein sleep hand foot'), words('center institute clinic associates')],
  [words('physical occupational speech'), words('therapy')],
  [words('school'), words('district')],
  [words('family social human community youth senior legal'), words('services')],
  [words('head'), words('start')],
  [words('credit'), words('union')],
  [words('pain'), words('management specialists medicine')],
  [words('memorial general regional community county university'), words('hospital center clinic')],
];

/** Wards, services and kinds of care: with a head they name what every hospital has. */
export const GENERIC = words(
  `of all no not her his my their its dear hello hi emergency primary outpatient inpatient ambulatory pain sleep wound dental eye urgent intensive critical acute chronic
  palliative home long term short skilled nursing surgical surgery medicine internal family physical occupational speech
  behavioral mental public community-based local nearest main new old teaching academic tertiary rural urban private
  state national federal international world american the a an our your this that these any each every another other
  same first second third id gi gu ent tb hiv std sti ibd chf copd afib anticoag coumadin inr attn insurance grade risk age stage phase control adult young volunteer specialty multispecialty walk-in after hours patient patients staff day night weekly monthly
  follow up memory fertility infusion transplant burn birth birthing travel vaccine covid flu weight diabetes diabetic
  heart cancer stroke trauma women's men's women men kids adult adults geriatric senior assisted independent living care
  health medical hospital clinic center centre general service services department unit ward office program system group
  team school nurse social work research clinical quality safety poison control disease prevention call crisis support
  recovery treatment testing imaging radiology laboratory lab blood pharmacy discharge admission admissions triage
  operating recovery waiting if when at to in for from with by on or and as is are was were has see per via i you he she
  they we it what which how where why can could should would does did do please`,
);

/** Societies of a profession or a country identify nobody: "American Heart Association". */
export const BODY_FIRST = words(
  'american european national world international royal canadian british federal us u.s federation',
);

/** Books and journals are no organisation. */
export const BOOKS = words(
  'textbook journal proceedings annals handbook guideline guidelines manual archives review',
);

export const BODIES = words(
  'association society college academy institute institutes organization foundation federation administration',
);

/** Before a company's name: who pays, brings and delivers. */
export const COMPANY_BEFORE = words(
  'by via through from insurer carrier payer supplier vendor employer plan pharmacy at agency ambulance',
);

export const PRODUCTS = words(
  'sheets docs teams drive calendar excel word office meet maps scholar translate glucose',
);

/** Behind these somebody is taken to a place of care, or belongs to a company. */
export const SENT =
  /^(?:transfer|transferred|transferring|transport|transported|admit|admitted|discharge|discharged|sent|taken|brought|flown|airlifted|rushed|referred|accepted|diverted) (?:to|from|by|at)$/;

export const TITLES = words('dr mr mrs ms miss prof doctor nurse sir madam');

/** Heads that name an organisation in small letters too. */
export const SMALL_HEADS = words(
  'hospital clinic university college pharmacy hospice high middle elementary medical nursing assisted senior fire police',
);

/** Whether the word tells one organisation from another. */
export function isOwn(word: Word): boolean {
  if (word.link || GENERIC.has(word.text) || (word.flags & (MONTH | WEEKDAY | ROLE | TITLE)) !== 0)
    return false;
  return (word.flags & MEDICAL) === 0 || (word.flags & (NAME | CITY_WORD | STATE)) !== 0;
}

/** Whether nothing but a space stands between the word and the one before it. */
export function joined(word: Word): boolean {
  return word.gap === 'space' || (word.gap === 'stop' && word.start > 0);
}

/** Whether the word ends a name, alone or with others. */
export function isHeadWord(word: Word): boolean {
  return HEADS.has(word.text) || WEAK_HEADS.has(word.text) || MIDDLE_HEADS.has(word.text);
}

/** "Imaging Center", "Lucky's Tire & Lube": whether the word goes on with a name. */
export function goesOn(word: Word): boolean {
  return word.gap === 'and' || (joined(word) && isHeadWord(word));
}
