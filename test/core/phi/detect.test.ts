import { expect, test } from 'vitest';
import { createDetector, createRuleDetector } from '#core/phi/detect.ts';
import { Plan } from '#core/phi/engine/plan.ts';
import { compileRules } from '#core/phi/engine/rule.ts';
import { ENTITIES, isEntityName } from '#core/phi/entities.ts';
import { RULES } from '#core/phi/rules/index.ts';
import { readMarks } from './marks.ts';

/*
 * All names and numbers are invented or published as examples: see text.ts. Each line is a text in which the
 * values are between ⟦entity: and ⟧.
 */
const detector = createDetector();

const found = (text: string) => detector.scan(text).map((f) => `${f.entity}:${text.slice(f.start, f.end)}`);

test.each([
  // Names after labels and titles.
  'Patient: ⟦PERSON:John Smith⟧',
  'Patient Name: ⟦PERSON:John Q. Smith⟧ Age: 44',
  'Patient: ⟦PERSON:Smith, John A.⟧ MRN: ⟦MRN:00123456⟧',
  'PATIENT NAME: ⟦PERSON:SMITH, JOHN⟧ DOB: ⟦DATE_OF_BIRTH:01/02/1980⟧',
  'patient: ⟦PERSON:john smith⟧ presents with cough',
  'Name: ⟦PERSON:Jane Doe⟧\nSex: F',
  'First name: ⟦PERSON:jane⟧',
  'Seen by Dr. ⟦PERSON:Maria Garcia-Lopez⟧ today',
  'Referred by ⟦PERSON:Anna S. Lee⟧, thank you',
  "Mr. ⟦PERSON:O'Brien⟧ is here",
  'Mrs ⟦PERSON:Smith⟧ was told that Dr ⟦PERSON:Jones⟧ agrees',
  'Dr.⟦PERSON:Smith⟧ called',
  'see dr. ⟦PERSON:jones⟧ next week',
  'Dr. ⟦PERSON:J. Smith⟧. He agrees',
  'Dr. ⟦PERSON:Ludwig van der Berg⟧ signed',
  'Ms. ⟦PERSON:Zoë Müller⟧',
  'The patient ⟦PERSON:Maria Gonzalez⟧ reports pain',
  'patient, ⟦PERSON:Tom⟧, is well',
  'his wife ⟦PERSON:Mary⟧ was there',
  'My name is ⟦PERSON:Peter Parker⟧.',
  'a patient named ⟦PERSON:Omar Khan⟧',
  'Attending: ⟦PERSON:R. Patel⟧, MD',
  // Initials without a space.
  'Dr. ⟦PERSON:A.B. Smith-Jones⟧, MD',
  'Patient: ⟦PERSON:J.R.R.Smith-Jones⟧, 44',
  'Dr. ⟦PERSON:Smith⟧, M.D., called',
  'Pt: ⟦PERSON:R.K.⟧',
  'patient: ⟦PERSON:j.r. quillen⟧ is here',
  // Letters of Vietnamese and Romanian.
  'Patient: ⟦PERSON:Nguyễn Thị Hoa⟧, seen today',
  'Dr. ⟦PERSON:Đặng⟧ called',
  'Mrs. ⟦PERSON:Luminița Țepeș⟧ is here',
  // The first letter of it looks like one of Latin.
  'Patient: ⟦PERSON:Владимир⟧, 44',
  // Code.
  'Patient: `⟦PERSON:jane vonkel⟧`',
  'Emergency contact: ⟦PERSON:Luis Ortega⟧ ⟦PHONE_NUMBER:(555) 555-0134⟧',
  // Social security numbers.
  'SSN: ⟦US_SSN:078-05-1120⟧',
  'ssn ⟦US_SSN:078051120⟧',
  'SSN#⟦US_SSN:078 05 1120⟧',
  'it is ⟦US_SSN:219-09-9999⟧.',
  'social security number is ⟦US_SSN:219 09 9999⟧',
  '"ssn":"⟦US_SSN:219099999⟧"',
  // Records.
  'MRN: ⟦MRN:12345678⟧',
  'MRN ⟦MRN:AB-123456⟧',
  'MRN#⟦MRN:123-45-678⟧',
  'MRN⟦MRN:1234567⟧',
  'medical record number is ⟦MRN:00-44-5566⟧',
  'Chart no. ⟦MRN:4455⟧, seen today',
  'Patient ID: ⟦MRN:P0012345⟧',
  // Telephones.
  'Call ⟦PHONE_NUMBER:(555) 555-0134⟧ now',
  '⟦PHONE_NUMBER:555-555-0142⟧',
  '⟦PHONE_NUMBER:555.555.0142⟧ or ⟦PHONE_NUMBER:1-555-555-0143⟧',
  'Phone: ⟦PHONE_NUMBER:5555550142⟧',
  'phone number is ⟦PHONE_NUMBER:555 0142⟧',
  '⟦PHONE_NUMBER:+44 20 7946 0958⟧ ext',
  'Fax: ⟦FAX_NUMBER:555-555-0199⟧',
  '⟦PHONE_NUMBER:555-555-0142 x12⟧ is the desk',
  // E-mail.
  'write to ⟦EMAIL_ADDRESS:john.smith+lab@mail.example.com⟧.',
  '<⟦EMAIL_ADDRESS:a@b.co⟧>',
  // Birth.
  'DOB: ⟦DATE_OF_BIRTH:1/2/80⟧',
  'DOB ⟦DATE_OF_BIRTH:1980-01-02⟧',
  'D.O.B. ⟦DATE_OF_BIRTH:02 Jan 1980⟧',
  'Date of birth: ⟦DATE_OF_BIRTH:January 2nd, 1980⟧',
  'was born on ⟦DATE_OF_BIRTH:March 3, 1975⟧ in Ohio',
  'born ⟦DATE_OF_BIRTH:3.4.1975⟧',
  'Birthdate:\n⟦DATE_OF_BIRTH:19800102⟧',
  // Health plans.
  'Member ID: ⟦HEALTH_PLAN_ID:XYZ123456789⟧',
  'Policy number ⟦HEALTH_PLAN_ID:HP-0044-5566⟧',
  'Medicare number ⟦HEALTH_PLAN_ID:1EG4-TE5-MK73⟧',
  '⟦HEALTH_PLAN_ID:1EG4TE5MK73⟧',
  'Group #: ⟦HEALTH_PLAN_ID:00123456⟧',
  // Accounts.
  'Account number: ⟦ACCOUNT_NUMBER:4455667788⟧',
  'acct # ⟦ACCOUNT_NUMBER:4455-667788⟧',
  'paid with ⟦CREDIT_CARD:4111 1111 1111 1111⟧',
  'Amex ⟦CREDIT_CARD:3782-822463-10005⟧',
  '⟦CREDIT_CARD:4111111111111111⟧',
  '⟦IBAN_CODE:GB82 WEST 1234 5698 7654 32⟧ AND MORE',
  '⟦IBAN_CODE:DE89370400440532013000⟧',
  // Obfuscated.
  'SSN ⟦US_SSN:０７８-05-1\u200b120⟧\u200b',
  'SSN ⟦US_SSN:078‑05–1120⟧',
  'MRN:\u00a0⟦MRN:12345678⟧',
])('finds: %s', (line) => {
  const { text, expected } = readMarks(line);
  expect(found(text)).toEqual(expected);
});

test.each([
  'metoprolol 25 mg twice daily, BP 120/80, HR 72, SpO2 98%',
  'ICD-10 E11.9 and CPT 99213, LOINC 2345-7',
  'version 10.2.3.4 of 2024, build 20240115',
  '550e8400-e29b-41d4-a716-446655440000',
  'the patient denies chest pain; Patient Education was given',
  'Patient Portal access, patient is stable, Patient: stable',
  'PATIENT INSTRUCTIONS: take with food',
  'Dr. appointment next week; see the doctor when needed',
  'Drug name: Aspirin; File name: report.pdf; Name: Aspirin',
  'the chart shows 45 of 60; MRN pending; member since 2019',
  'surgery in 2020, follow up in 3/4 of the cases',
  'lessons at user@localhost, 5 @ 3.50, @handle',
  'room 12, 3 of 5 days, 100 mL, 2 x 500 mg, 1-2-3',
  'MS contin 15 mg; MR brain; the ms. was',
  'call me in 2 weeks; call 911; text 4 lines',
  'on account of pain, 2019; the plan: 3 visits; the policy: 30 days',
  'Patient ________ Date ________ Provider ________',
])('finds nothing: %s', (text) => {
  expect(found(text)).toEqual([]);
});

test('a line to write on is as good as a colon, and letters for a dose are no initials', () => {
  const rules = createRuleDetector();
  expect(rules.scan('Patient Name ______Zorvath Quillen______')).toMatchObject([{ start: 19, end: 34 }]);
  expect(rules.scan('Patient ________ Date ________ Provider ________')).toEqual([]);
  expect(rules.scan('pt: p.o. meds only')).toEqual([]);
});

test('a number that was never issued is no social security number', () => {
  expect(found('SSNs are not 123-00-4567 and 123-45-0000').join()).not.toContain('US_SSN');
  expect(found('123-01-4567 and 123-45-0001').join()).toContain('US_SSN');
});

test('findings are in order, carry their rule, and a clipped one keeps its rest', () => {
  const text = 'Dr. Smith, SSN 078-05-1120 and john@example.org';
  const findings = detector.scan(text);
  expect(findings.map((f) => [f.rule, f.score > 0 && f.score <= 1])).toEqual([
    ['person.title', true],
    ['ssn.labelled', true],
    ['email.address', true],
  ]);
});

test('the catalogue has an entity for every rule, and names are checked', () => {
  expect(new Set(RULES.map((rule) => rule.entity))).toEqual(new Set(ENTITIES.map((entity) => entity.name)));
  expect(isEntityName('MRN')).toBe(true);
  expect(isEntityName('toString')).toBe(false);
  expect(new Set(RULES.map((rule) => rule.name)).size).toBe(RULES.length);
});

test('a rule that streaming could not bound is refused', () => {
  const rule = { entity: 'MRN', name: 'x', score: 1 } as const;
  expect(() => compileRules([{ ...rule, value: 'a+' }])).toThrow(/value is unbounded/);
  expect(() => compileRules([{ ...rule, value: 'a', before: 'b*' }])).toThrow(/context is unbounded/);
  for (const look of ['behind', 'unless']) {
    expect(() => compileRules([{ ...rule, value: 'a', [look]: 'b{1,200}' }])).toThrow(
      /looks back at is unbounded/,
    );
  }
  expect(() => new Plan(compileRules([{ ...rule, value: 'a\\b' }]))).toThrow(/assertion/);
});

test('a context counts, but is not itself looked at', () => {
  const scan = detector.open(new Set(['US_SSN']), 'ssn 219-09-9999, ssn: ');
  scan.push('078051120');
  scan.end();
  expect(scan.take().map((f) => [f.start, f.end])).toEqual([[0, 9]]);
});
