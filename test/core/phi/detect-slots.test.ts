import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { readMarks } from './marks.ts';

/*
 * Names, places and days that nothing but their place in a sentence tells, since the word is an ordinary one or in no
 * list: texts in which they are found as marked and nothing else is, and texts with the same words in which nothing is.
 * All people are invented.
 */
const FOUND: readonly string[] = [
  // Days, ages and places by what is around them.
  'cycle 6 was ⟦DATE:11/14⟧.',
  'CT 3 days ago (⟦DATE:2/6⟧) at noon',
  'discharged ⟦DATE:4-4⟧ after an overdose',
  'records dated ⟦DATE:2023年5月12日⟧ came',
  '⟦PERSON:Anna Stroom⟧, ⟦AGE:91⟧, who lives alone',
  'found at ⟦STREET_ADDRESS:1500 block of Delmar Loop⟧ at night',
  'lost on ⟦STREET_ADDRESS:Old Mill Trail⟧ at night',
  'the shop on ⟦STREET_ADDRESS:Route 9W⟧ sold it',
  'Fund ID ⟦UNIQUE_ID:TTF*339027*01⟧ only',
  'charged in full: ⟦UNIQUE_ID:4539 7781 0026 4413⟧ today',
  'an aneurysm in a man of ⟦AGE:91⟧ carries a risk',
  'The answer is yes: at ⟦AGE:93⟧, your grandmother can',
  'repeat the echo in ⟦DATE:Spring 2027⟧',
  'Last dose ⟦DATE:11/21⟧ with supper',
  'S: ⟦PERSON:R.K.⟧ reports that he sleeps',
  'the initials, ⟦PERSON:T.A.B⟧., in the comment',
  // What somebody does behind the name.
  '⟦PERSON:Hope Winters⟧ snores',
  '⟦PERSON:Sunny Day⟧ wants a refill',
  '⟦PERSON:Drew⟧ swallowed a battery',
  "⟦PERSON:Iosefa⟧'s donor is a cousin",
  '⟦PERSON:Sunny⟧ and ⟦PERSON:Ivy⟧ are carriers',
  '⟦PERSON:June⟧ takes it at night',
  'Olives were served; ⟦PERSON:Reed⟧ has croup again',
  // Who is told of before it.
  'Refer ⟦PERSON:Hope⟧ to the clinic',
  'Is ⟦PERSON:Blessing⟧ eligible for it?',
  'Was ⟦PERSON:Miles⟧ given his shot?',
  'Has ⟦PERSON:Grace⟧ outgrown her allergy?',
  'we paged ⟦PERSON:Fitz⟧ twice',
  'Friend ⟦PERSON:Tavrish Oblenko⟧ drives the car',
  'her husband ⟦PERSON:Norm⟧, who drives',
  'The ⟦PERSON:Graves⟧ kid is back',
  // Further behind it.
  '⟦PERSON:Sunny Day⟧, 29F, is here',
  '⟦PERSON:Faith Stone⟧: 71 M, fall',
  '⟦PERSON:Cash⟧ (age 3) is well',
  '⟦PERSON:Major⟧ is a 70 year old man',
  '⟦PERSON:Wen⟧ (resident) was there',
  '⟦PERSON:Swathi⟧ from pharmacy called',
  '⟦PERSON:Ivanov⟧ c/o flank pain',
  '⟦PERSON:Parkinson⟧ (first name ⟦PERSON:Glenn⟧) is here',
  '"⟦PERSON:Todd⟧, you keep asking"',
  'my patient "⟦PERSON:QJ⟧" had it',
  'Per ⟦PERSON:K.L.M⟧., it is so',
  'Order: ⟦PERSON:Beauchamp⟧ (K 2.4) first',
  // How it is written.
  "asks whether ⟦PERSON:De'Andre⟧ needs a booster",
  "⟦PERSON:N'Diaye⟧ was seen",
  '⟦PERSON:WASHINGTON, DENZIL⟧ had a film',
  'b) ⟦PERSON:L. Quick⟧ itches',
  // In small letters.
  'pcp ⟦PERSON:lindqvist⟧ agrees',
  'labs for ⟦PERSON:ntirenga⟧ are pending',
  'what vaccines does ⟦PERSON:faith⟧ need',
  'is ⟦PERSON:ray⟧ ok for surgery?',
  'please tell ⟦PERSON:rose⟧ (my aunt, ⟦AGE:91⟧) so',
  'it was ⟦PERSON:pepper mills⟧, mrn ⟦MRN:5530018⟧',
  'hx from wife ⟦PERSON:carol⟧: fell',
  // Places of care, shops and schools.
  'refer her to ⟦ORGANIZATION:Bright Minds Behavioral⟧',
  'went to ⟦ORGANIZATION:Dream Sleep Lab⟧',
  'the nurse at ⟦ORGANIZATION:PS 118⟧',
  'lives at ⟦ORGANIZATION:The Willows⟧',
  'he wont go to ⟦ORGANIZATION:Eastgate ER⟧',
  "found behind ⟦ORGANIZATION:Lucky's Tire & Lube⟧",
  'a denial letter from ⟦ORGANIZATION:Tandem⟧',
  // Towns.
  'he lives near ⟦CITY:Rooks Bend⟧',
  'born in ⟦CITY:Verdigris⟧',
  'moved to ⟦CITY:Cook County⟧',
  'the place in ⟦CITY:pottersfield⟧ said so',
  // Days, ages, telephones.
  'Surgery was ⟦DATE:9/1⟧.',
  'urine cultured ⟦DATE:8/8⟧, clear',
  'he fell sunday ⟦DATE:3/3⟧ in the yard',
  'needle stick ⟦DATE:04-17⟧, source unknown',
  'My father, ⟦PERSON:Giuseppe Tarantello⟧, is ⟦AGE:94⟧ and fell',
  '⟦PERSON:Lars⟧ (husband) ⟦PHONE_NUMBER:555.0173⟧',
  'I rang ⟦PHONE_NUMBER:020 7946 0991⟧ again',
];

const NOTHING: readonly string[] = [
  'a patient of 95 kg, and a group of men of 91 patients',
  'a MAP at 93, his usual',
  'in the winter 2024 issue',
  'The U.S. reports that',
  'I.V. stated on the bag',
  'admitted 3-4 days ago, seen 2-3 in a row, in the downtown clinic',
  'in the room, 94, SpO2 normal',
  'Price is the main barrier for many',
  'Long is the half-life of amiodarone',
  'Young patients with stroke need a workup',
  'Will metformin cause it? Grace period ends',
  'Refer to hematology. Give Zosyn. Remind staff of hand hygiene',
  'people with Mondini dysplasia, the treatment for Bethlem myopathy',
  'Case: 45M with chest pain. Quick: 6yo with croup. Ballard 39 weeks',
  'Mark the site. Bill insurance with a modifier',
  'Patient Portal access, Pt Education',
  'Start with Wells, then use Geneva',
  "Little Leaguer's elbow and jumper's knee",
  'the patient rose from a chair',
  'does it need a dose? can she take it? is it ok for now',
  'the Magnetic Resonance Imaging and the Genetic Counseling',
  'Rift Valley fever, Pressure Point, Works in Node.js',
  'strength 4/5, pain 8/10, cut 1/2 tab, increased 1/2 dose',
  'WBC 0781 2286 5049 on three days',
  'pulse is 94 and regular',
];

const detector = createDetector();
const masker = createMasker(detector, { default: 'placeholder', entities: {} });
const found = (text: string): string[] =>
  detector.scan(text).map(({ entity, start, end }) => `${entity}:${text.slice(start, end)}`);

test.each(FOUND)('finds %s', (line) => {
  const { text, expected } = readMarks(line);
  expect(found(text)).toEqual(expected);
});

test.each(NOTHING)('finds nothing: %s', (text) => {
  expect(found(text)).toEqual([]);
});

test('what is found does not depend on where a stream is cut', () => {
  for (const line of [...FOUND, ...NOTHING]) {
    const { text } = readMarks(line);
    const whole = masker.mask(text).text;
    for (let place = 0; place <= text.length; place++) {
      const stream = masker.stream();
      const masked = stream.push(text.slice(0, place)) + stream.push(text.slice(place)) + stream.end();
      expect(masked).toBe(whole);
    }
    const stream = masker.stream();
    const units = text.split('').map((unit) => stream.push(unit));
    expect(units.join('') + stream.end()).toBe(whole);
  }
});
