import type { Random } from '../random.ts';
import { withoutLuhn } from './checksum.ts';

/** Lists of clinical words that are no identifiers; entries end at a semicolon or a line break. */
const lines = (text: string): readonly string[] => text.trim().split(/\s*[;\n]\s*/);

const LISTS = {
  drug: lines(`
    metformin; lisinopril; apixaban; atorvastatin; sertraline; gabapentin; levothyroxine; prednisone; amoxicillin
    furosemide; insulin glargine; metoprolol; tamsulosin; warfarin; ondansetron; oxycodone; Keppra; Eliquis; Humira
    Lasix; Zofran; Tylenol; Coumadin; Synthroid; Ozempic; albuterol; pantoprazole; clopidogrel; vancomycin; methotrexate`),
  frequency: lines(
    `once daily; BID; TID; q8h; qHS; every 6 hours as needed; weekly; PRN; with meals; at bedtime; x 7 days`,
  ),
  complaint: lines(`
    chest pain; shortness of breath; a productive cough; low back pain; dizziness; abdominal pain; palpitations; headache
    fatigue; a swollen left calf; blurred vision; dysuria; knee pain after a fall; nausea and vomiting; a rash on both arms
    numbness of the right hand; insomnia; weight loss; night sweats; difficulty swallowing; a fever; poor sleep`),
  diagnosis: lines(`
    type 2 diabetes; essential hypertension; atrial fibrillation; community-acquired pneumonia; COPD; CKD stage 3
    heart failure with reduced ejection fraction; major depression; osteoarthritis of the knee; migraine without aura
    Crohn disease; Parkinson disease; hypothyroidism; iron deficiency anemia; a transient ischemic attack; sepsis
    Hodgkin lymphoma; gout; Graves disease; cellulitis; asthma; a distal radius fracture; deep vein thrombosis`),
  finding: lines(`
    lungs clear to auscultation; heart sounds regular without murmur; abdomen soft and non-tender; no pedal edema
    gait steady; cranial nerves intact; mild epigastric tenderness; trace edema of both ankles; pupils equal and reactive
    no focal weakness; Murphy sign negative; Babinski absent; a 2/6 systolic murmur; strength 5/5 throughout
    crackles at the left base; range of motion full; wound clean and dry; mood euthymic; no cervical adenopathy`),
  surgery: lines(`
    appendectomy; total knee arthroplasty; CABG x 3; laparoscopic cholecystectomy; cesarean section; hernia repair
    lumbar fusion L4-L5; cataract extraction; colonoscopy with polypectomy; pacemaker implantation; tonsillectomy`),
  specialty: lines(`
    cardiology; neurology; orthopedics; gastroenterology; nephrology; oncology; dermatology; endocrinology; psychiatry
    pulmonology; rheumatology; urology; infectious disease; hematology; pain management; ophthalmology`),
  plan: lines(`
    continue current medication; repeat labs in 4 weeks; follow up in 3 months; low-salt diet; physical therapy twice a week
    hold the anticoagulant for 2 days before the procedure; return if symptoms get worse; wean oxygen as tolerated
    start a statin; order an MRI of the lumbar spine; refer to {specialty}; check TSH; encourage fluids; quit smoking
    fasting lipids; influenza vaccine given; stress test; sleep study; increase activity slowly`),
  history: lines(`
    hypertension; asthma as a child; smoking, 20 pack-years; no known drug allergies; penicillin allergy; hyperlipidemia
    obesity; gestational diabetes; GERD; hepatitis B, treated; family history of early heart disease; seizures; eczema`),
  icd: lines(
    `E11.9; I10; J18.9; Z79.4; M54.50; F32.1; I48.91; N18.30; K21.9; G43.009; S52.501A; C50.911; R07.9; E78.5; Z23`,
  ),
  cpt: lines(`99213; 99214; 93000; 71046; 45378; 80053; 36415; 27447; 90471; 70553; 99285; 97110; 85025`),
  eponym: lines(`
    Murphy sign; Foley catheter; Glasgow Coma Scale; Apgar score; Wells score; Braden scale; Bell palsy; Addison disease
    Cushing syndrome; Lachman test; Romberg test; Phalen maneuver; Kernig sign; Swan-Ganz catheter; Hashimoto thyroiditis
    Tourette syndrome; Wernicke encephalopathy; Child-Pugh class B; Epley maneuver; Charcot joint; McBurney point
    Raynaud phenomenon; Down syndrome; Sjogren syndrome; Barrett esophagus; Baker cyst; Colles fracture; Holter monitor`),
  imaging: lines(`
    chest X-ray; CT of the head without contrast; MRI of the lumbar spine; renal ultrasound; echocardiogram; DEXA scan
    mammogram; CT angiogram of the chest; PET-CT; venous duplex of the left leg; KUB`),
  weekday: lines(`Monday; Tuesday; Wednesday; Thursday; Friday`),
  relation: lines(
    `daughter; son; wife; husband; mother; father; sister; brother; neighbor; partner; aunt; grandson`,
  ),
  ward: lines(
    `the emergency department; the ICU; 4 West; the step-down unit; labor and delivery; the infusion room; bed 12`,
  ),
  material: lines(`titanium; cobalt-chrome; silicone; ceramic; PEEK; nitinol`),
} as const;

type Maker = (random: Random) => string;

const LABS: readonly Maker[] = [
  (r) => `Na ${r.integer(128, 148)}`,
  (r) => `K ${r.integer(29, 58) / 10}`,
  (r) => `creatinine ${r.integer(6, 41) / 10} mg/dL`,
  (r) => `WBC ${r.integer(32, 180) / 10}`,
  (r) => `Hgb ${r.integer(70, 165) / 10} g/dL`,
  (r) => `platelets ${r.integer(60, 450)}k`,
  (r) => `A1c ${r.integer(52, 121) / 10}%`,
  (r) => `troponin 0.${r.digits(2)} ng/mL`,
  (r) => `TSH ${r.integer(2, 120) / 10} mIU/L`,
  (r) => `INR ${r.integer(9, 45) / 10}`,
  (r) => `BNP ${r.integer(20, 2_400)} pg/mL`,
  (r) => `eGFR ${r.integer(14, 110)}`,
  (r) => `glucose ${r.integer(58, 420)}`,
  (r) => `ferritin ${r.integer(6, 890)} ng/mL`,
  (r) => `CRP ${r.integer(1, 210)} mg/L`,
  (r) => `lactate ${r.integer(6, 62) / 10} mmol/L`,
];

const MAKERS: Readonly<Record<string, Maker>> = {
  dose: (r) =>
    `${r.pick([0.5, 2.5, 5, 10, 20, 25, 40, 50, 75, 81, 100, 250, 500, 875, 1_000])} ${r.pick(['mg', 'mg', 'mcg', 'units', 'mL'])}`,
  lab: (r) => r.pick(LABS)(r),
  vitals: (r) =>
    `BP ${r.integer(92, 188)}/${r.integer(50, 104)}, HR ${r.integer(48, 132)}, RR ${r.integer(12, 28)}, ` +
    `T ${r.integer(966, 1_034) / 10}${r.pick([' F', '', ' °F'])}, SpO2 ${r.integer(88, 100)}%${r.pick(['', ' RA', ' on room air', ' on 2 L'])}`,
  time: (r) =>
    r.pick([
      `${r.integer(0, 23)}:${r.digits(2).replace(/^[6-9]/, '3')}`,
      `${r.integer(1, 12)} ${r.pick(['am', 'pm', 'AM'])}`,
    ]),
  year: (r) => String(r.integer(1985, 2025)),
  adult: (r) => String(r.integer(19, 88)),
  small: (r) => String(r.integer(2, 9)),
  number: (r) => String(r.integer(10, 99)),
  score: (r) =>
    r.pick([
      `pain ${r.integer(0, 10)}/10`,
      `GCS ${r.integer(6, 15)}`,
      `PHQ-9 ${r.integer(0, 27)}`,
      `MMSE ${r.integer(12, 30)}/30`,
      `Apgar ${r.integer(5, 8)}/${r.integer(8, 10)}`,
      `NYHA class ${r.pick(['II', 'III'])}`,
      `CHA2DS2-VASc ${r.integer(0, 7)}`,
      `ASA ${r.integer(1, 4)}`,
    ]),
  version: (r) => `${r.integer(1, 12)}.${r.integer(0, 20)}.${r.integer(0, 30)}`,
  notLuhn15: (r) => withoutLuhn(`1${r.digits(13)}`, r),
  notLuhn16: (r) => withoutLuhn(`4${r.digits(14)}`, r),
  uuid: (r) => {
    const hex = (length: number): string => r.string(length, '0123456789abcdef');
    return `${hex(8)}-${hex(4)}-4${hex(3)}-${r.pick(['8', '9', 'a', 'b'])}${hex(3)}-${hex(12)}`;
  },
};

/**
 * The filler of a name, such as `drug` or `vitals`, or of a range, such as `28..41`; undefined when there is none.
 * An entry may hold slots.
 */
export function filler(name: string, random: Random): string | undefined {
  const range = /^(\d+)\.\.(\d+)$/.exec(name);
  if (range !== null) return String(random.integer(Number(range[1]), Number(range[2])));
  if (Object.hasOwn(LISTS, name)) return random.pick(LISTS[name as keyof typeof LISTS]);
  return MAKERS[name]?.(random);
}
