import type { Lines } from './lines.ts';

/**
 * Names, towns, days and ages that a form or a place in the sentence tells, and things that look like them. All people
 * and towns are invented.
 */
export const FORMS: Lines = {
  found: [
    '⟦PHONE_NUMBER:+44 20 7946 0958⟧ ext',
    // Ordinary words that are names, before what only stands behind a whole.
    'throat culture on ⟦PERSON:Penny⟧ grew group C strep',
    'the labs for ⟦PERSON:Mercy⟧ show a potassium of 6',
    'the refills for ⟦PERSON:Violet⟧ were sent twice',
    '⟦PERSON:HOPE⟧ is refusing her chemo',
    '⟦PERSON:JOY⟧ wants to go home',
    'she goes only by "⟦PERSON:Bunny⟧"; no papers',
    'He introduced himself only as "⟦PERSON:Tex⟧"; homeless',
    // A weight, a test, an age or an address.
    '⟦PERSON:Benedikta⟧ 62 kg, uric acid 13',
    'ptt ⟦PERSON:Nkemelu⟧ 140, bleeding from the line',
    '⟦PERSON:Young⟧, ⟦PERSON:Early⟧: 19M, retention',
    'The label reads ⟦PERSON:Sunny Day⟧, ⟦STREET_ADDRESS:PO Box 1183⟧',
    // Initials.
    're: ⟦PERSON:JW⟧, the 3yo with croup',
    'pt ⟦PERSON:JW⟧ c/o chest pain',
    "spoke with ⟦PERSON:LB⟧'s mom",
    'the patient, ⟦PERSON:KZ⟧, is 7 weeks post partum',
    'any update on ⟦PERSON:P.K.⟧ from the night team',
    // Towns that no list has.
    "⟦CITY:Sable Point⟧'s only ambulance is out",
    "the widow of a ⟦CITY:Cobbler's Ferry⟧ baker",
    'a petting zoo in ⟦CITY:Fallow Bridge⟧',
    'hit his head at the ⟦CITY:Mossgrove⟧ scrimmage',
    // Days and ages.
    'X-ray clean on ⟦DATE:29/8⟧.',
    'last seizure ⟦DATE:19/11⟧, none since',
    'Is the ⟦DATE:31st⟧ too soon for it?',
    'is dialysis futile at ⟦AGE:94⟧?',
  ],
  nothing: [
    'Give Dex 10 mg IV, then 4 mg',
    'Can I take Allegra 180 mg with Flonase?',
    'Errin vs Camila vs Heather: which progestin?',
    'Does Hardy-Weinberg hold for carriers?',
    'a St. Jude mechanical valve and lovenox',
    'polycythemia vera and JAK2',
    "What does Pender's model say about coping?",
    'What did the HOPE trial show?',
    'AKI, 72M, on lisinopril',
    'pt HR was 140',
    're: CT, with or without contrast',
    'Salter-Harris II, 6 weeks in a cast',
    'The Gap junction blocker in atrial fibrillation',
    'the Medport interface is dirty',
    'the 3rd degree burn and the 2nd dose',
    'At 90 degrees of flexion',
  ],
};
