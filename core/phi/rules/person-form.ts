import type { Rule } from '../engine/rule.ts';
import {
  NAME as ANY,
  CITY_WORD,
  COMPANY,
  COUNTRY,
  EPONYM,
  FACILITY,
  FAMILY,
  GIVEN,
  MEDICAL,
  MONTH,
  WORD as ORDINARY,
  ROLE as PART,
  STATE,
  WEEKDAY,
  WORD_COMMON,
} from '../lexicon/flags.ts';
import { isWordLike } from '../lexicon/name-like.ts';
import { BRAND } from '../words/person-thing.ts';
import { flagsOf } from './name.ts';
import { LETTER, UPPER } from './person-around.ts';

const LONE = `[${UPPER}][a-zß-öø-ſ][${LETTER}'-]{1,24}`;
const AGE = `\\d{1,3}(?:[ -]?(?i:yo|y/o|y\\.o|yr|yrs|years?|mo|months?|wks?|weeks?|d/o|days?)| ?[MFmf])`;
const KIN =
  '(?:mom|mum|mother|father|dad|wife|husband|son|daughter|sister|brother|parents|family|guardian|teacher|aunt|uncle|grandma|grandmother|caregiver|partner)';
/** What is no name whatever else it may be. */
const OTHER = MEDICAL | PART | MONTH | WEEKDAY | STATE | COUNTRY | FACILITY | COMPANY;

/** Two and three letters of care, places and tests: nobody's initials, as far as anybody can tell. */
const ABBREVIATIONS: ReadonlySet<string> = new Set(
  `AKI AAA ACS ADR AVR AVNRT BBB BPPV CAP CLL CML ALL AML CMP CMV COVID DLBCL EDH ESRD FSGS FTT GBM GBS GCA HAP HCC HIT HLH IDA
  IPF LBO MDD MDS MGN NEC NHL OUD PAH PFO PNH RCC ROP SCC SJS TLS TTN VAP VUR GAD BPD AUD PKU JIA HCM DCM OHS CTS PJP PCP RPG SAD LGA SGA
  AGA NBS OTA LTB URTI LRTI AOM AVF AVB CVP CVC CRF CSM DLD DSH EPS FND FSE GTN HPS IBM IGT INH ITU IVH KDA LBB MCD MEN MPA MSA NAI NSF OME
  PBC PSC PMS PND PSVT PTL PVL RBB RVH RPL SSS SVC TBM TCC THR TSS TVT VHD VWD WPW RE II III IV VI VII IX XI AC AD AF AI AK AL AM AN AP AR AS AT AV AZ BE BG BID BM BMI BNP BP BPH BS BUN BV BX BY CA CABG CAD CBC CC CD CF CHF CKD CN CNA
  CO COPD CP CPR CR CRP CSF CT CTA CV CVA CX CXR DBP DC DI DKA DM DNR DNI DO DOB DOE DOT DR DT DTS DVT DX EBV ECG ED EEG EF EGD
  EHR EKG EMR EMS EMT ENT EOB EP ER ERCP ESR ET ETT EUA FB FBS FFP FH FMH FOB FSH FT FU FX GA GB GCS GDM GERD GFR GI GP GSW GTT GU
  GYN HA HAV HB HBV HC HCG HCT HCV HD HDL HF HGB HI HIE HIV HLD HO HOH HP HPI HPV HR HRT HS HSV HT HTN HUS HX IBD IBS ICD ICP ICU
  ID IE IF IHD IL ILD IM IN INR IO IOP IP IQ IR IRB IS IT ITP IUD IUP IV IVC IVF JVD KG KUB LA LAD LBP LD LDH LDL LE LFT LFTS LH LLQ
  LMP LOC LOS LP LR LTC LV LVH MA MAP MCA MCV MD ME MG MI ML MM MMR MO MR MRA MRI MRN MS MT MVA MVC MVP NA NAD NB NC ND NE NG NGT
  NH NICU NKA NM NMS NO NOS NP NPH NPO NS NSR NSVD NV NWB NY OA OB OCD OCP OD OF OG OH OK ON OP OR ORIF OS OSA OT OTC OU PA PAC PAD
  PC PCA PCI PCN PCOS PCP PCR PD PDA PE PEG PET PF PFT PFTS PH PHQ PI PICC PICU PID PIP PJS PLT PM PMH PMR PN PNA PO POA POC POD PPD
  PPE PPH PPI PPN PR PRBC PRN PS PSA PSH PT PTA PTH PTSD PTT PTX PUD PV PVC PVD QA QD QID RA RAD RBC RCT RDS RF RFA RH RI RLQ RLS RN
  RNS RO ROM ROS RR RRT RSI RSV RT RTC RUQ RV RX SA SAB SAH SBO SBP SC SCD SCI SD SDH SI SIRS SL SLE SLP SLR SNF SO SOB SOC SP SQ SR
  SS SSI SSN SSRI ST STD STEMI STI SUD SVT SW SX TAH TB TBI TCA TED TEE TEN TF TG TIA TIBC TID TIPS TKA TKR TM TMJ TN TNF TO TOF TOS
  TPA TPN TR TSH TTE TTP TURP TV TX UA UC UDS UE UGI UK UOP UP URI US USA UT UTI UV VA VAC VAD VBG VF VIP VIT VLDL VNS VP VRE VS VSD VT
  VTE VZV WA WBC WC WE WI WNL WPW WV WY XR XRT YO ZN I AIDS ADHD ALS AMS ANA ARDS ARF ASA ASD AUC AV AVM ASAP AMA HIPAA NKDA SIDS`.split(
    /\s+/,
  ),
);

/** Abbreviations with full stops. */
const STOPPED =
  /^(?:I\.V|I\.M|P\.O|U\.S|O\.[DSU]|I\.E|E\.G|A\.M|P\.M|A\.C|P\.C|B\.I|T\.I|Q\.[IDH]|P\.R|M\.[DS]|D\.O|R\.N|U\.K|N\.P|S\.C|S\.Q|P\.A|D\.C|E\.R|E\.D|C\.D|E\.C|C\.C|D\.D|L\.P|P\.S|N\.B|L\.A|N\.Y|N\.J|B\.C|C\.T|E\.N|G\.I|G\.U|H\.S|R\.T|O\.T|P\.T|A\.K|B\.P|H\.R|B\.S|M\.A|B\.A|P\.H)\./;

/** The letters before what was read to know them by, when they are no abbreviation. */
function checkInitials(value: string): number {
  const [letters = ''] = /^[A-Z]+/.exec(value) ?? [];
  return ABBREVIATIONS.has(letters) ? 0 : letters.length;
}

/** A name before a figure with a unit of weight, or behind a test: no scale, device or drug. */
function checkMeasured(value: string): number {
  const name = value.replace(/,? \(?\d.*$/, '');
  const flags = flagsOf(name.toLowerCase());
  if ((flags & (OTHER | EPONYM | WORD_COMMON)) !== 0) return 0;
  if ((flags & ANY) !== 0) return name.length;
  // What weighs something is mostly somebody.
  const weighed = /[a-z]$/i.test(value);
  return flags === 0 && !BRAND.test(name) && (weighed || !isWordLike(name)) ? name.length : 0;
}

/** "Young, Early": a surname and a given name, of which the other may be any word. */
function checkTurned(value: string): number {
  const [, family = '', given = ''] = /^([^ ,]+), ([^ :(]+)/.exec(value) ?? [];
  const [one, two] = [flagsOf(family.toLowerCase()), flagsOf(given.toLowerCase())];
  if (((one | two) & (OTHER & ~(MONTH | STATE))) !== 0) return 0;
  return (one & FAMILY) !== 0 || (two & GIVEN) !== 0 ? family.length + 2 + given.length : 0;
}

/** "Sunny Day, PO Box 1183": a given name, and whatever its surname is. */
function checkAddressed(value: string): number {
  const [, given = '', family = ''] = /^([^ ]+) ([^ ,]+)/.exec(value) ?? [];
  const [one, two] = [flagsOf(given.toLowerCase()), flagsOf(family.toLowerCase())];
  if ((one & GIVEN) === 0 || ((one | two) & OTHER & ~MONTH) !== 0) return 0;
  return (two & (ANY | ORDINARY)) !== 0 || two === 0 ? given.length + 1 + family.length : 0;
}

/** Names that a form tells: initials that stand for somebody, names before a weight or an address, behind a test. */
export const PERSON_FORM_RULES: readonly Rule[] = [
  {
    // "JW, the 3yo with croup", "KD, 34F"
    entity: 'PERSON',
    name: 'person.initials-aged',
    score: 0.5,
    unless: '[.(/-]|(?i:type|grade|stage|class|with|vs|has|and|or|w/|for|of|dx|hx|known) ',
    value: `(?:[A-Z]{2}, (?:(?:the|a|an|our|my) )?|[A-Z]{3}, (?:the|our|my) )(?:${AGE}|\\d{1,3}-year)`,
    check: checkInitials,
  },
  {
    // "pt JW c/o chest pain", "client AB disclosed"
    entity: 'PERSON',
    name: 'person.initials-role',
    score: 0.5,
    before:
      '(?i:pt|patient|client|resident|student|classmate|coworker|subject|participant|kiddo|baby|named|about|update on|f/u on|fu on|spoke w/|spoke with|spoke to|saw)[.:]? ',
    value:
      '[A-Z]{2} (?:c/o|p/w|s/p|(?:is|was|has|had) [a-z]{2,12}|in (?:bed|room|rm)|(?:denie|report|state|refuse|decline|complain|present|want|need|feel|say|ask|live|take)s|(?:reported|stated|refused|declined|complained|presented|wanted|disclosed|said|asked|called|fell|vomited|came|told|went|got|denied|returned|tolerated|missed|who|whose)|today|again|yesterday)',
    check: checkInitials,
  },
  {
    // "the patient, EM, is 7 weeks post partum"
    entity: 'PERSON',
    name: 'person.initials-between',
    score: 0.5,
    before:
      '(?i:patient|pt|client|resident|student|child|boy|girl|man|woman|son|daughter|colleague|friend), ',
    value: '[A-Z]{2,3}, (?:is|was|has|had|who|a|an|the|came|presented|\\d)',
    check: checkInitials,
  },
  {
    // "re: JW, ", "Re TM:"
    entity: 'PERSON',
    name: 'person.initials-regarding',
    score: 0.45,
    before: '(?i:re|regarding|subject|update on|f/u on|fu on|follow[- ]?up on|question about):? ',
    value: '[A-Z]{2}(?:,|:| -|;| \\d{1,3} ?[MFmfy])',
    check: checkInitials,
  },
  {
    // "S: R.K. reports that"
    entity: 'PERSON',
    name: 'person.initials-acts',
    score: 0.5,
    value:
      '(?:[A-Z]\\.){2,3} (?:(?:denie|report|state|refuse|decline|complain|present|want|need|feel|say|ask|live|take|describe|return|agree|prefer|understand)s|endorses|(?:reported|stated|denied|refused|declined|complained|presented|wanted|disclosed|said|asked|called|described|returned|agreed|endorsed|tolerated))',
    check: (value) => (STOPPED.test(value) ? 0 : value.replace(/ .*$/, '').length),
  },
  {
    // "LB's mom"
    entity: 'PERSON',
    name: 'person.initials-kin',
    score: 0.5,
    value: `[A-Z]{2}'s ${KIN}`,
    check: checkInitials,
  },
  {
    // "Update on P.K. from yesterday"
    entity: 'PERSON',
    name: 'person.initials-stopped',
    score: 0.45,
    before:
      '(?i:on|with|about|from|by|to|re|regarding|saw|seen|see|told|asked|client|student|with mr|for|and|between|of|did|does|is|was|has|can|will|should|check|give|gave|help|moved?|(?:rm|room|bed|bay) ?\\d{1,4}[A-Da-d]?)[:,]? ',
    value: "[A-Z]\\.[A-Z]\\.(?:[A-Z]\\.)?(?: [a-z]{1,14}|,|;|:|\\)|\\?|'s| [—–-])",
    check: (value) => (STOPPED.test(value) ? 0 : (/^(?:[A-Z]\.)+/.exec(value)?.[0].length ?? 0)),
  },
  {
    // "J.T., back from CT", "M.T. in 14 needs a bolus"
    entity: 'PERSON',
    name: 'person.initials-first',
    score: 0.45,
    anywhere: true,
    before: '(?:^|\\n|[.?!:;] |- )',
    value:
      '[A-Z]\\.[A-Z]\\.(?:[A-Z]\\.)?(?:, (?:back|in|a|an|the|our|my|who|now|bed|room|rm|\\d{1,3})| (?:in|needs|wants|is|was|has|had|refused|refuses|came|called|says|said|still|went|fell|\\d{1,3} ?[MFmfy]))',
    check: (value) => (STOPPED.test(value) ? 0 : (/^(?:[A-Z]\.)+/.exec(value)?.[0].length ?? 0)),
  },
  {
    // "Benedikta 62 kg"
    entity: 'PERSON',
    name: 'person.before-weight',
    score: 0.5,
    value: `${LONE},? \\(?\\d{1,3}(?:\\.\\d{1,2})? ?(?i:kgs?|kilos|lbs?|pounds)`,
    check: (value) =>
      (flagsOf(value.replace(/,? .*$/, '').toLowerCase()) & CITY_WORD) === 0 ? checkMeasured(value) : 0,
  },
  {
    // "ptt Nkemelu 140"
    entity: 'PERSON',
    name: 'person.behind-test',
    score: 0.45,
    before:
      '(?i:ptt|aptt|inr|plts?|platelets|hgb|hb|trops?|troponin|lactate|glucose|bg|potassium|sodium|creat|creatinine|cr|wbc|crp|bnp|ck|tsh|a1c|ferritin|sats?|spo2|bp|temp|lytes|vanc|vanco|dig level|digoxin|bili|lipase|ammonia|calcium|mag|phos|ldl|psa|egfr) ',
    value: `${LONE},? \\d{1,4}(?:\\.\\d{1,2})?`,
    check: checkMeasured,
  },
  {
    // "Young, Early: 19M"
    entity: 'PERSON',
    name: 'person.turned-aged',
    score: 0.6,
    value: `${LONE}, ${LONE}:? \\(?${AGE}`,
    check: checkTurned,
  },
  {
    // "Sunny Day, PO Box 1183", "Sandy Banks, 418 Pine"
    entity: 'PERSON',
    name: 'person.addressed',
    score: 0.5,
    value: `${LONE} ${LONE}, (?:P\\.? ?O\\.? Box|\\d{1,5} [A-Z][a-z]{2,20} (?:St|Ave|Rd|Dr|Ln|Ct|Blvd|Way|Pl|Street|Avenue|Road|Drive|Lane|Court|Boulevard|Place|Circle|Terrace))`,
    check: checkAddressed,
  },
];
