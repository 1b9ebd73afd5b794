/** Words around a name or a place that say what it is. All in small letters. */

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** Before a place: where somebody is, comes from or goes to. */
export const PLACE_BEFORE = words(
  `in from near at to outside around via visiting visited moved leaving left reached relocated toward towards through
  north south east west downtown suburban greater of`,
);
/** Before a place, strong enough for a word that is in no list. */
export const RESIDENCE_BEFORE = words('in from near outside around downtown');

/** Before a name: people who are talked of, and what is done with them. */
export const PERSON_BEFORE = words(
  `named called told saw met met-with contacted phoned emailed texted paged consulted thanked asked informed for with by
  to from about regarding re and patient pt client resident veteran mr mrs ms dr nurse son daughter wife husband mother
  father mom dad brother sister aunt uncle cousin niece nephew grandson granddaughter grandmother grandfather partner
  fiance fiancee spouse friend neighbor neighbour guardian caregiver caretaker roommate colleague boss coach teacher
  attending resident physician doctor surgeon therapist hey hi hello dear thanks cc attn is am i'm this`,
);
/** Before a name, strong enough for a word that is in no list. */
export const PERSON_BEFORE_STRONG = words(
  `named called patient pt client son daughter wife husband mother father mom dad brother sister aunt uncle cousin niece
  nephew grandson granddaughter grandmother grandfather partner fiance fiancee spouse neighbor neighbour guardian
  caregiver roommate nurse hey hi hello dear`,
);

/** Before a name: what others want of somebody, think of them and do with them. */
export const VERB_BEFORE = words(
  `wants want needs thinks think says admit admitting discharge discharging transfer transferring consult page paging
  remind ask tell call schedule reschedule see seeing told asked saw met send sending move moving
  paged texted emailed phoned notified updated contacted messaged give giving gave refer referring referred counsel educate offer offered`,
);

/** Behind "the Ortega": it is a person's after all. */
export const FAMILY_AFTER = words(
  'family baby boy girl child children kid kids twin twins couple household brothers sisters chart case residence home siblings infant',
);
/** Small words that may follow anybody's name; another word makes one thing with what stands before it. */
export const AFTER_ANY = words(
  `and or with for to about at on in from by of who whom whose that because but if so then when while after before until
  today tomorrow yesterday again now here there as not also still tonight this next last per re since during via down up
  out off over back home alone too please pls thx asap stat ok first regarding because later w the a an her his their my your our into`,
);
/** Behind somebody or something that stands for itself: never the thing that a word before is a part of. */
export const AFTER_WHOLE = words(
  `grew were are have had put show showed shows gave sent came became began fell took why how what where whether which when
  just both without within against toward towards between among under above below yet ever never always often sometimes
  soon since having being than too instead either neither nor although though unless once twice meanwhile overnight`,
);
/** Before and behind somebody in a question: "Does Price need". */
export const AUXILIARY = words('does did is was has can should could would will may do');
export const BASE_VERBS = words(
  'need have get take want require qualify still feel look know understand eat drink smoke use go come meet stop start hold skip switch restart resume continue fly travel try receive see keep wait drive return work walk sleep',
);
/** What is somebody's only as a discovery: "Laplace's law". */
export const LAWS = words(
  'kappa hernia law laws dictum razor triad tetrad theorem principle equation formula postulates curve line algorithm',
);

/** After a name: what people do, or what is theirs. */
export const PERSON_AFTER = words(
  `is was has had reports reported states stated denies denied presents presented presenting complains complained called
  came comes wants wanted needs needed takes took said says told asked asks lives lived feels felt went got gets gave
  arrived returned returns underwent received who whose will would can could should does did works worked admits
  tolerated requests requested agreed refuses refused declined explained noted mentioned remains appears appeared
  continues continued started stopped developed suffered died passed weighs attended visited missed completed signed
  aged age born diagnosed scheduled seen found fell broke tried thinks knows likes lost gained passed moved left seems
  looks turned keeps ran missed brought cannot can't doesn't didn't isn't wasn't won't hasn't hadn't couldn't hates eats
  doesn didn isn wasn won hasn hadn couldn weighs isnt drinks smokes sleeps walks cries shows showed complains stopped woke vomited`,
);
/** Of those, what only people do. */
export const PERSON_DOES = words(
  `wants want needs says said told tells asked asks denies denied reports reported states stated complains complained feels felt
  vomited refuses refused declines declined walks eats drinks sleeps cries lives lived thinks knows believes called calls
  arrived woke insists agreed agrees admits hates likes misses missed fell came comes went works worked smokes gets`,
);
/** Behind "is": what only people are. */
export const PERSON_IS = words(
  `asking complaining requesting refusing feeling vomiting crying sleeping eating walking talking admitted discharged
  allergic pregnant febrile confused nauseated constipated intubated extubated unresponsive awake sleepy anxious tearful`,
);
/** After a possessive name: what a patient has. */
export const BELONGINGS = words(
  `chart labs lab results result record records mother father mom dad wife husband son daughter brother sister family
  parents spouse visit appointment medication medications meds prescription insurance blood mri ct scan xray biopsy
  surgery care plan symptoms condition history case room bed phone email address number birthday file note notes
  discharge admission request question message latest last recent current upcoming first next previous vitals a1c weight
  glucose insulin dose`,
);
/** After a possessive name: who only a person has. */
export const KIN = words(
  `mother father mom dad mum wife husband daughter son brother sister family parents spouse aunt uncle cousin nephew niece
  grandson granddaughter grandmother grandfather grandma grandpa girlfriend boyfriend partner fiance fiancee roommate
  friend neighbor neighbour boss landlord teacher coach kids children twin caregiver daughters sons nurse`,
);
/** After an eponym: the thing that is named for somebody. */
export const NAMED_AFTER = words(
  `equilibrium rosettes rosette definition definitions system polyp polyps scoring consensus waves wave defect d statistics correction estimator nomogram calculation disease diseases syndrome syndromes sign signs test tests testing score scores scale scales criteria criterion
  classification class staging stage catheter catheters tube tubes drain drains lymphoma sarcoma tumor tumour carcinoma
  palsy procedure operation repair maneuver manoeuvre position phenomenon reflex reflexes fracture contracture thyroiditis
  chorea ataxia dystrophy esophagus oesophagus ulcer nodes node cell cells bodies body fibers stain agar solution formula
  equation index law method technique incision clamp forceps retractor needle valve graft prosthesis nail rod plate
  splint traction collar brace fistula duct gland ganglion nerve artery ligament triangle canal pouch loop patch plexus
  disorder dementia paralysis neuralgia purpura anemia anaemia encephalopathy neuropathy nephropathy vasculitis arteritis
  granulomatosis arthritis cyst aneurysm hernia hepatitis diverticulum murmur respiration breathing facies rash spots
  lines line ring rings web coma trial study protocol regimen model rule rules questionnaire inventory checklist
  assessment exam exercise exercises diet phenotype gene mutation protein antigen antigens antibody factor virus walker wheelchair box plot plots kappa statistic algorithm theorem transform tables hernia nodule nodules viruses bacillus bacteria
  antibodies reaction response effect cycle space sinus score-based risk calculator gauge grading grade tool thrombosis
  infection elevation blot block appliance ratio plane stitch plication culdoplasty colpocleisis retainer bridge harness osteotomy arthroplasty fundoplication myotomy cerclage pessary balloon anastomosis shunt angle cards tubal speculum stereo tongs bar orthosis grades classifications definition consensus cohort nomenclature notation scoring staging numbering recipe blot block forms form screening drape stain disease's type phase patients disease-related flare remission variant levels level medication therapy triad tetrad pentad theory taxonomy trilogy diagram doctrine waiver act
  arcade tubercle foramen fascia recess sulcus gyrus fissure septum sheath crypts glands corpuscles islets fibres granules
  crystals rods casts canals spaces bundle bundles tract muscle membrane sheets gown apple powder crackers pipeline`,
);
