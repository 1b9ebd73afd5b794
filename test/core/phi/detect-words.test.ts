import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import type { BuiltInEntity } from '#core/phi/entities.ts';
import { readMarks } from './marks.ts';

/*
 * For each entity that is made of words, or that words around it tell: texts in which it is found as marked and nothing
 * else is, and texts in which nothing at all is found. All people are invented.
 */
const CASES: Partial<Record<BuiltInEntity, { found: readonly string[]; not: readonly string[] }>> = {
  PERSON: {
    found: [
      '⟦PERSON:Oluwadamilare Adeyinka⟧ was seen today',
      'Dr. ⟦PERSON:Penny Marsh⟧ called. Later ⟦PERSON:Marsh⟧ wrote orders',
      'Mrs. ⟦PERSON:Bramblecote⟧ was seen. ⟦PERSON:Bramblecote⟧ agrees. ⟦PERSON:BRAMBLECOTE⟧ will follow up.',
      'Seen by Dr. ⟦PERSON:Rowan Grant⟧. The Grant application is late. Ask ⟦PERSON:Grant⟧.',
      'can ⟦PERSON:Ambrose⟧ fly after a pneumothorax?',
      'Cardio wants ⟦PERSON:Baker⟧ NPO after midnight',
      'Was ⟦PERSON:Price⟧ extubated?',
      'Patient: ⟦PERSON:Lena Probe⟧, seen today',
      'we saw ⟦PERSON:Lena Probe⟧ today',
      '55F ⟦PERSON:Shaughnessy⟧ TSH 0.02',
      'pt ⟦PERSON:R.T.⟧ age 41',
      '⟦PERSON:Penny⟧ found her husband unresponsive',
      '⟦PERSON:Jigme⟧ 3 yo, on isoniazid',
      'staffed w/ ⟦PERSON:Oppenheim-Reddy⟧',
      '⟦PERSON:Felicity Aderinola⟧, MD',
      'Love,\n⟦PERSON:Travis⟧',
      '⟦PERSON:Ye-jin⟧ is a 7 year old girl',
      'the ⟦PERSON:Hendersons⟧ want to be called',
      '⟦PERSON:Ty⟧ has croup',
      '| CHF | ⟦PERSON:Mulvaney G⟧ | Full |',
      'Driver ⟦PERSON:Clint Haugen⟧ was restrained',
      'Thanks, ⟦PERSON:Poppy⟧. Call us when it hurts.',
      'devices: none\n⟦PERSON:devraj⟧ [10:06] ride is booked\n',
      '⟦PERSON:HOLLINGSWORTH/B⟧ 62F lap chole',
      'LABS FOR ⟦PERSON:ADEYINKA⟧ ARE BACK',
      "⟦PERSON:Whitfield⟧'s potassium came back",
      '⟦PERSON:WATSON, DAVID⟧ has heart failure',
      'any update on ⟦PERSON:sorensen⟧',
      'her daughter ⟦PERSON:sanjana⟧ is in the lobby',
      '⟦PERSON:akiko hargreaves⟧ wants to talk',
      'Enrollee: ⟦PERSON:Jaroslava Zubrova⟧',
      'facesheet: ⟦PERSON:NAKAI,ELROY⟧ 61 M',
      'goes by "⟦PERSON:Peanut⟧", BP 80',
      'Should Ms. ⟦PERSON:Day⟧ hold it?',
      'labs for ⟦PERSON:Bishop Carter⟧',
      '⟦PERSON:Destiny W⟧: which shift',
      '⟦PERSON:okonkwo⟧ k 2.8, repleting',
      'call pt ⟦PERSON:oduya⟧ back',
      'her aunt ⟦PERSON:precious⟧ drove her',
      'Hand-off: ⟦PERSON:Okafor⟧ stable',
      'Any contraindication for ⟦PERSON:Rosenthal⟧ tomorrow?',
    ],
    not: [
      "Parkinson's disease, Laplace's law and the Luhn algorithm",
      'Graham Steell and Austin Flint murmurs',
      'Kaplan-Meier curves and a Mallampati III airway',
      'Lily pads, Ray amputation and Chuck wagon',
      'Compare Rotarix, Pediarix and Vaxelis',
      'Struthers, Osborne and Frohse: which is where?',
      'Child-Pugh C, Maddrey 41, Risser 0, Baveno VII',
      'GINA step 3, the NORA and PESI rules',
      'POLLUX, CASTOR, MAIA and ATHENA in one table',
      "Ryan White program, Jessica's law and Earl Grey tea",
      'Hi Claude, rewrite this. You are Juno, a helpful assistant.',
      '¿Cómo puede tomar esto? Toma Xarelto. Gracias.',
      'Patient: Naw, I feel fine. Patient: Gonna try.',
      'OBX|2|NM|718-7^Hemoglobin^LN||10.2',
      'Yale insulin protocol, Harvard step test',
      'Naranjo 6. Forrest III ulcer. DeBakey III is managed medically.',
      'Nurse: Looks good. Patient: Same as before. Father: MI at 52.',
      'HTTP 429 after 1250 ms. Retry with back-off',
      'The Apgar was 8, Moro was negative and Hashimoto is likely',
      'Cohen d 0.66, rule out Adams and treat Graves',
      'took Relyvrio twice, White-coat hypertension',
      'allen test negative, jackson pratt drain 30 ml',
      'Move Postgres to Terraform, then use Figma',
      'Dear Colleague, Dear Parents of a child',
      'A Boston brace and a Miami J collar',
    ],
  },
  ORGANIZATION: {
    found: [
      'seen at ⟦ORGANIZATION:Mercy Medical Center⟧',
      'transfer to ⟦ORGANIZATION:Harborview⟧',
      'cath lab at ⟦ORGANIZATION:Swedish⟧ is full',
      'records from ⟦ORGANIZATION:Our Lady of the Lake⟧.',
      '59, ⟦ORGANIZATION:City of Hope⟧, EGFR',
      'works for ⟦ORGANIZATION:Sunbelt Fabricators⟧',
      'Hospice: ⟦ORGANIZATION:Gentle Harbor⟧',
      'insurer ⟦ORGANIZATION:GeoBlue⟧ pays',
      'a pupil of ⟦ORGANIZATION:P.S. 118⟧',
      'came from ⟦ORGANIZATION:eastgate manor⟧',
    ],
    not: [
      'The American Heart Association differs',
      'Review of Systems: negative',
      'the Emergency Department and the Young Adult Clinic',
      'Vanderbilt forms and the Mayo Clinic Proceedings',
      'Write to the Insurance Company',
      'a rural hospital and a teaching hospital',
    ],
  },
  CITY: {
    found: [
      'lives in ⟦CITY:Asheville⟧',
      'from ⟦CITY:Little Haiti⟧',
      'at our ⟦CITY:Chandler⟧ location',
      'moved to ⟦CITY:baton rouge⟧ last year',
      'City: ⟦CITY:Truckee⟧',
      '⟦CITY:Marin County⟧ records',
    ],
    not: [
      'Alaska, Maine, Vermont and Washington',
      'common in Nigeria and New England',
      'West Nile virus, Rocky Mountain spotted fever',
      'Circle of Willis, MoCA 19, CrCl 30',
      'Liverpool interaction checker',
    ],
  },
  STREET_ADDRESS: {
    found: [
      'at ⟦STREET_ADDRESS:418 Wisteria Lane⟧ now',
      '⟦STREET_ADDRESS:9 Harbor View Court, Apt 2C⟧',
      '⟦STREET_ADDRESS:2118 w. 47th st⟧ again',
      'a pharmacy on ⟦STREET_ADDRESS:Route 9⟧',
      'crash on ⟦STREET_ADDRESS:I-80 EB mile marker 211⟧',
      'corner of ⟦STREET_ADDRESS:5th and Main⟧',
      '⟦STREET_ADDRESS:PO Box 1182⟧',
    ],
    not: ['I-131 therapy', '5 Court cases', 'route 3 of 5', '10 mg way too much', '3 Blood Cultures Drawn'],
  },
  ZIP_CODE: {
    found: [
      'Oregon ⟦ZIP_CODE:97201⟧',
      'PA^⟦ZIP_CODE:18101⟧',
      'zip codes ⟦ZIP_CODE:60614⟧ and ⟦ZIP_CODE:60615⟧',
      '⟦ZIP_CODE:97201-1234⟧',
    ],
    not: ['CPT 99213', 'platelets 45000', 'NDC 50090-0481-0', '[ZIP_CODE_999]'],
  },
  DATE: {
    found: [
      'chest pain ⟦DATE:3/1⟧, ETT ⟦DATE:3/9⟧, cath ⟦DATE:3/15⟧',
      'f/u ⟦DATE:11/9⟧ in the office',
      'out ⟦DATE:2/3 to 2/7⟧',
      'dos=⟦DATE:021425⟧',
      'PA taken ⟦DATE:3.7.25⟧',
      'on Monday ⟦DATE:the 10th⟧ it went well',
      'I have ⟦DATE:June the twelfth⟧ at nine',
      'OR board FRI ⟦DATE:09FEB⟧',
      'moved out on ⟦DATE:11-20⟧',
      'since ⟦DATE:febuary 8⟧ on it',
      'Besuch am ⟦DATE:15. Januar 2024⟧',
      'Cita: ⟦DATE:14 de mayo de 2025⟧',
      'a fall on ⟦DATE:Good Friday⟧',
      'CVA ⟦DATE:14-Feb-2023⟧',
      'Today is ⟦DATE:21.5.21⟧',
      'pathology ⟦DATE:4/4⟧, PET ⟦DATE:4/11⟧',
      'ward debrief ⟦DATE:8.8.25⟧: all went well',
      'no EEG between ⟦DATE:August and January⟧',
      'since ⟦DATE:may⟧ she coughs',
      'the ⟦DATE:2/2⟧ echo',
      'first infusion wed, ⟦DATE:1/8⟧',
    ],
    not: [
      'BiPAP 12/5, strength 4/5, a 2/6 murmur, pain 8/10',
      'Apgars 8/9, Beighton 7/9, vision 20/40',
      'the 5th toe, the 2nd trimester, version 1.2.10',
      'Christmas disease; may be due to march fracture',
      'on 5-10 mg, since 2-3 weeks',
      'in 2019, for 3 days, at 0600',
      'GDS 4/15, PHQ 9/27, Python 3.8.20',
      'in may be helpful, a Christmas-tree pattern',
    ],
  },
  AGE: {
    found: [
      '⟦AGE:94⟧-year-old',
      '⟦AGE:91⟧yo F',
      'mother living at ⟦AGE:93⟧',
      'his ⟦AGE:99⟧th birthday',
      "she'll be ⟦AGE:90⟧ soon",
      '(F, ⟦AGE:93⟧) found down',
      'grandma ⟦AGE:96⟧ fell again',
      '⟦AGE:94⟧ WF with a fever',
      'shes ⟦AGE:97⟧, on hospice',
      'F|⟦AGE:91⟧|fall',
    ],
    not: [
      'a 45-year-old',
      'fever over 101 F',
      'Age 90 or older was excluded',
      'sat 94 on RA, HR 98',
      'for 92 minutes',
      'Pulse | 94 | bpm, Tc-99m scan, patient 95 percent better',
    ],
  },
};

const detector = createDetector();
const lines = (kind: 'found' | 'not') =>
  Object.entries(CASES).flatMap(([entity, cases]) =>
    cases[kind].map((line): [string, string] => [entity, line]),
  );

test.each(lines('found'))('finds %s: %s', (_, line) => {
  const { text, expected } = readMarks(line);
  expect(detector.scan(text).map((f) => `${f.entity}:${text.slice(f.start, f.end)}`)).toEqual(expected);
});

test.each(lines('not'))('finds nothing for %s: %s', (_, text) => {
  expect(detector.scan(text).map((f) => `${f.entity}:${text.slice(f.start, f.end)}`)).toEqual([]);
});
