import type { Lines } from './lines.ts';

/** Records as systems write them for each other, forms, and what a screen hides of a number. All names and numbers are invented, or published as examples. */
export const RECORDS: Lines = {
  found: [
    // Surnames that are words, where the place says that they are none.
    'Patient: ⟦PERSON:JOHN Q PUBLIC⟧',
    'Patient: ⟦PERSON:John Q. Public⟧ Age: 44',
    'Patient: ⟦PERSON:Public, John Q.⟧',
    'PATIENT: ⟦PERSON:OCEAN, MARY K⟧',
    'Patient: ⟦PERSON:Xi Wu⟧',
    'OBR|1|⟦US_SSN:555-55-5555⟧^⟦PERSON:PRIMARY^PATRICIA P⟧^^^^MD',
    '<name><given>⟦PERSON:Xi⟧</given><given qualifier="IN">⟦PERSON:G⟧</given><family>⟦PERSON:Wu⟧</family></name>',
    '<family value="⟦PERSON:Strong⟧"/><given value="⟦PERSON:Hope⟧"/>',
    // Claims and remittances of X12.
    'NM1*IL*1*⟦PERSON:PUBLIC*JOHN*Q⟧****MI*⟦UNIQUE_ID:JS00111223333⟧~',
    'NM1*QC*1*⟦PERSON:WU*XI⟧~',
    'PER*IC*⟦PERSON:JERRY TALBOT⟧*TE*~',
    'CLM*⟦UNIQUE_ID:A37YH556⟧*500***11:B:1*Y*A*Y*I~HI*BK:0340~',
    'CLP*⟦UNIQUE_ID:PATACCT⟧*1*240*200~',
    'TRN*1*⟦UNIQUE_ID:12345⟧~',
    // What a form says of its label.
    'MRN (Epic): ⟦MRN:48213⟧',
    'Policy # (primary): ⟦HEALTH_PLAN_ID:48213⟧',
    'Account number (if known): ⟦ACCOUNT_NUMBER:48213⟧',
    'Name (Last, First, MI): ⟦PERSON:Ocean, Mary K⟧',
    'Date of Birth (MM/DD/YYYY): ⟦DATE_OF_BIRTH:031475⟧',
    'SSN (required): ⟦US_SSN:219099998⟧',
    'Phone (home): ⟦PHONE_NUMBER:555 0142⟧',
    // Other words for a record.
    'EMPI: ⟦MRN:48213⟧',
    'UMRN ⟦MRN:48213⟧',
    'HRN: ⟦MRN:48213⟧',
    'Med. Rec. #⟦MRN:48213⟧',
    'PatID=⟦MRN:48213⟧',
    '<td>⟦DATE:6/1/1944⟧</td><td>⟦MRN:0077120⟧</td>',
    // What is left of a number that a screen hides.
    'SSN: ⟦US_SSN:•••-••-9998⟧',
    'ends ⟦US_SSN:●●●-●●-9998⟧',
    'SSN: ⟦US_SSN:#####9998⟧',
    'SSN: **⟦US_SSN:9998⟧**',
    'Card: ⟦CREDIT_CARD:•••• •••• •••• 1881⟧',
    // Letter by letter.
    "That's ⟦PERSON:B-R-O-Z-E-K⟧.",
    '⟦PERSON:S-M-Y-T-H-E⟧ it is',
    // Post.
    'to ⟦STREET_ADDRESS:POB 88⟧',
    'to ⟦STREET_ADDRESS:PSC 821, Box 3309⟧',
    'to ⟦STREET_ADDRESS:UNIT 45013 BOX 2666⟧',
    'to ⟦STREET_ADDRESS:RR 2 Box 118-A⟧',
    'to ⟦STREET_ADDRESS:Star Route 2 Box 9⟧',
    // Devices.
    'Study Instance UID ⟦UNIQUE_ID:1.2.840.113619.2.55.3.604688119.971.1268070029.320⟧',
    '(0020,000D) UI [⟦UNIQUE_ID:1.3.12.2.1107.5.1.4.54693.30000008030712304545300000001⟧]',
    'UDI: ⟦DEVICE_ID:+H123PARTNO1234567890120/$$420020216LOT123456789012345/SXYZ456789012345678⟧',
    'Home: ⟦PHONE_NUMBER:617 5550142⟧',
  ],
  nothing: [
    'Patient: C diff negative',
    'Patient: N/A',
    'SSN: ###-##-####',
    'Phone (optional): leave blank',
    'DOB (required): string',
    'Date of Birth (MM/DD/YYYY): __/__/____',
    'HI*ABK:Z01419*ABF:E119~',
    'OBX|1|SN|1554-5^GLUCOSE^LN||^182|mg/dl|70_105|H|||F',
    'Triglycerides 1250 mg/dL 1300 before',
    'version 1.2.3.4.5.6',
    '1.2.840.114350.1.13.0.1.7.5.737384.0',
  ],
};
