import type { Lines } from './lines.ts';

/**
 * What lists of patients, messages, exports, dictations and conversations tell by where it stands, and the things of
 * medicine that stand where people do: texts in which what is marked is found and nothing else, and texts in which nothing
 * is. All people are invented.
 */
export const PLACES: Lines = {
  found: [
    // Lists of patients, beds and operations.
    'Plan: ⟦PERSON:Banks⟧ - extubate, ⟦PERSON:Rivers⟧ - diurese',
    'Report: ⟦PERSON:Harrington⟧ bed 6 s/p TKA',
    '⟦PERSON:Bristow⟧ 402 still NPO',
    'it was 4A ⟦PERSON:Rinaldi⟧ who fell',
    'cases\n0730 ⟦PERSON:Bickerstaff⟧ lap appy',
    'the man in 22B, ⟦PERSON:Buck⟧, eloped',
    'new: ⟦PERSON:SANDOVAL, R⟧ 67M',
    // Who somebody is, and what others call him.
    'OB ⟦PERSON:Lindqvist⟧ aware',
    'he goes by ⟦PERSON:Sparky⟧ only',
    'everyone calls him ⟦PERSON:Tank⟧',
    'approved by a ⟦PERSON:Kimberly⟧. no note',
    'last name ⟦PERSON:Haldane⟧, it says',
    'the social worker (⟦PERSON:carmelita⟧?) knows',
    '⟦PERSON:Bishop⟧ is asking for pain meds',
    'Is ⟦PERSON:Judge⟧ still intubated?',
    'ask ⟦PERSON:chase⟧ if he took it',
    '⟦PERSON:destiny⟧ cant swallow it',
    // Initials.
    'who has rm 12 ⟦PERSON:T.W.⟧?',
    '⟦PERSON:J.T.⟧, back from CT, wants water',
    'did ⟦PERSON:B.K.⟧ get it',
    // Streets, towns, companies.
    'the shop on ⟦STREET_ADDRESS:Pine st⟧ says so',
    'to ⟦STREET_ADDRESS:14 Mule Deer Ct⟧, ⟦CITY:Fernley⟧ please',
    'I moved to ⟦CITY:Truth or Consequences⟧ last year',
    '⟦CITY:Fargo⟧. Sore throat since then',
    'a bed at ⟦ORGANIZATION:Haven on Fifth⟧ for him',
    'she had it at ⟦ORGANIZATION:Mercy Downtown⟧ then',
    'a roofer employed by ⟦ORGANIZATION:ace high roofing⟧ here',
    '⟦ORGANIZATION:hy-plus pharmacy⟧ closes at 9',
    '⟦ORGANIZATION:ComfortAir⟧ delivers the oxygen',
    // Days and ages.
    'can you cover ⟦DATE:dec 27⟧ nights',
    'last drink ⟦DATE:halloween nite⟧',
    'seen on ⟦DATE:march the third⟧ again, not last ⟦DATE:march⟧',
    '⟦ORGANIZATION:Rite Aid⟧ on ⟦STREET_ADDRESS:Kirkwood⟧ has it',
    'my aunt in the country is ⟦AGE:96⟧ and frail',
    '⟦PERSON:Olga⟧: ⟦AGE:97⟧, DNR',
    'DOB ⟦DATE_OF_BIRTH:3/3/1929⟧, ⟦AGE:96⟧',
    // Accounts and codes.
    'booked by user ⟦UNIQUE_ID:tlindqv⟧ today',
    'reset for ⟦UNIQUE_ID:psubramani2⟧ please',
    'access by ⟦UNIQUE_ID:rn_okonjo7⟧ on it',
    'see @⟦UNIQUE_ID:nurse_tay92⟧ there',
    'it is ⟦UNIQUE_ID:LDB 330 981 274⟧ here',
    'AGENT: last four of your social?\nCALLER: ⟦US_SSN:6104⟧',
    'spelled ⟦PERSON:l u c i l l e⟧ here',
    // HL7 v2.
    'MSH|^~\\&|LAB|⟦ORGANIZATION:NORTHFORK MED CTR⟧|EHR|⟦ORGANIZATION:STJOSEPH⟧|',
    'PV1|1|O|CLINIC^^^⟦ORGANIZATION:WESTBROOK⟧||||',
    '|||18 TANNERY^^⟦CITY:BARRE⟧^VT^⟦ZIP_CODE:05641⟧|',
  ],
  nothing: [
    // Beside a thing of medicine, in a row with some, behind the label of a row, in a row of measures.
    'bilateral hilar nodes: Löfgren or Heerfordt?',
    'which shows, Hb Lepore or Hb Barts or Hb Chesapeake?',
    'MVA 0.9 cm2, Wilkins 7, PASP 61',
    'May-Thurner, Riva-Rocci and Paget-Schroetter',
    'a patient, 73 y/o, Mohs at the ala',
    // Towns that stand for a scale, a virus, a disease or a car.
    'Need Naranjo, Liverpool and WHO-UMC side by side',
    'Tokyo 2018 and the Los Angeles grades',
    'add St. Louis encephalitis, La Crosse, Powassan',
    'does it work as it does in Gilbert?',
    'he drives a Tacoma',
    // Figures of speech, wards, antigens, computers.
    'is this a Hail Mary?',
    'float RN to Med Surg, Peds 4/12, Mother-Baby 11/16',
    'Kidd and Lutheran antigens, Lewis a antibody',
    'the DAT is positive, on newborn HPLC',
    'Is Epic Hyperspace able to do it?',
    // Who speaks.
    'CALLER: A seven. Sharp.',
    // Small letters.
    'swap the hickman for a morse',
    'ed is boarding 9',
    'from hernia repair, works for the trucking of samples',
    // Codes and figures.
    'bill 27447-RT and 99213-25',
    'the percentile is 95, cutoff is 91',
    'Braden: 98, Ferritin: 95, Pulse - 97',
    '| Romberg | neg | Rinne | pos |',
    'Diet - advance, Foley - pull',
  ],
};
