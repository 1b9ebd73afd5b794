import type { BuiltInEntity } from '#core/phi/entities.ts';
import type { Lines } from './lines.ts';

/**
 * For each entity that has a form of its own: texts in which it is found as marked and nothing else is, texts in which nothing
 * is, and texts in which something is found, but not that. Numbers are invented, or published as examples.
 */
export const CODE_CASES: Partial<Record<BuiltInEntity, Lines & { not?: readonly string[] }>> = {
  US_SSN: {
    found: [
      'SSN on file is ⟦US_SSN:078-05-1120⟧',
      'social: ⟦US_SSN:219 09 9999⟧',
      'last4 ⟦US_SSN:1120⟧',
      'SSN ending in ⟦US_SSN:9999⟧',
    ],
    not: ['the ratio 000-12-3456', 'steps 666-12-3456'],
    nothing: ['last 4 weeks', 'social history: smoker'],
  },
  MRN: {
    found: [
      'MRN ⟦MRN:447-18-80⟧',
      'Hospital number: ⟦MRN:NW 004 7718⟧',
      'chart ⟦MRN:55-01-778⟧',
      'MR ⟦MRN:550-118-7⟧ was seen',
    ],
    nothing: ['the chart shows 45 of 60', 'MR 3 Tesla', 'MRN pending', 'patient number two'],
  },
  PHONE_NUMBER: {
    found: [
      'call ⟦PHONE_NUMBER:(310) 555-0188⟧',
      'pager ⟦PHONE_NUMBER:4471⟧',
      'desk ext ⟦PHONE_NUMBER:2291⟧',
      'her number is ⟦PHONE_NUMBER:555 0188⟧',
      'daughter ⟦PHONE_NUMBER:555-0129⟧',
      'same, ⟦PHONE_NUMBER:310 555 01 41⟧',
    ],
    nothing: ['500-1000 mg', 'pages 245-1260 in all', 'call 911', 'ext. rotation 45 degrees'],
  },
  FAX_NUMBER: {
    found: [
      'fax ⟦FAX_NUMBER:310-555-0190⟧',
      'Fax no.: ⟦FAX_NUMBER:(310) 555-0191⟧',
      'efax to ⟦FAX_NUMBER:310.555.0192⟧',
    ],
    nothing: ['fax 3 pages', 'faxed twice', 'the fax is broken'],
  },
  EMAIL_ADDRESS: {
    found: [
      'mail ⟦EMAIL_ADDRESS:k.osei@example.org⟧',
      '⟦EMAIL_ADDRESS:jo+lab@mail.example.com⟧',
      'reach ⟦EMAIL_ADDRESS:anna at example dot com⟧',
    ],
    nothing: ['5 @ 3.50', '@everyone', 'pain at rest dot phrase'],
  },
  DATE_OF_BIRTH: {
    found: [
      'DOB ⟦DATE_OF_BIRTH:04/12/1961⟧',
      'born ⟦DATE_OF_BIRTH:12 June 1988⟧',
      'd.o.b. ⟦DATE_OF_BIRTH:1961-04-12⟧',
      'birthday: ⟦DATE_OF_BIRTH:May 5, 1955⟧',
    ],
    nothing: ['born at 39 weeks', 'DOB unknown', 'birth weight 3/4 of the mean'],
  },
  HEALTH_PLAN_ID: {
    found: [
      'Member ID: ⟦HEALTH_PLAN_ID:W2249 88107⟧',
      'policy ⟦HEALTH_PLAN_ID:PA 3319 0042⟧',
      'insurance card (⟦HEALTH_PLAN_ID:90412-7781-02⟧)',
      'MBI ⟦HEALTH_PLAN_ID:1EG4-TE5-MK73⟧',
      'RxGrp ⟦HEALTH_PLAN_ID:RX4471⟧',
    ],
    nothing: ['member since 2019', 'the plan: 3 visits', 'policy of 30 days', 'group of 1200 patients'],
  },
  ACCOUNT_NUMBER: {
    found: [
      'acct ⟦ACCOUNT_NUMBER:88 0417 2296⟧',
      'account ending ⟦ACCOUNT_NUMBER:8841⟧',
      'Account number: ⟦ACCOUNT_NUMBER:4455667788⟧',
    ],
    nothing: ['on account of pain', 'account for 20 percent', 'billing code 99213'],
  },
  CREDIT_CARD: {
    found: [
      'paid with ⟦CREDIT_CARD:4111 1111 1111 1111⟧',
      '⟦CREDIT_CARD:378282246310005⟧',
      'card ending in ⟦CREDIT_CARD:4242⟧',
    ],
    not: ['4111 1111 1111 1112'],
    nothing: ['card 2 of 5', 'credit for 3 days'],
  },
  IBAN_CODE: {
    found: [
      '⟦IBAN_CODE:DE89 3704 0044 0532 0130 00⟧',
      '⟦IBAN_CODE:GB82WEST12345698765432⟧',
      'IBAN ⟦IBAN_CODE:FR1420041010050500013M02606⟧',
    ],
    not: ['XX00 1234 5678 9012', 'GB82 WEST 1234 5698 7654 33', 'DE89 3704 0044 0532 0130 01'],
    nothing: ['GB82'],
  },
  ABA_ROUTING_NUMBER: {
    found: [
      'routing ⟦ABA_ROUTING_NUMBER:021000021⟧',
      'ABA# ⟦ABA_ROUTING_NUMBER:011401533⟧',
      'routing number: ⟦ABA_ROUTING_NUMBER:0110-0001-5⟧',
    ],
    not: ['routing 021000022'],
    nothing: ['routing of 3 calls', 'routing form'],
  },
  US_NPI: {
    found: [
      'NPI ⟦US_NPI:1234567893⟧',
      'NPI: ⟦US_NPI:1245319599⟧',
      'national provider identifier ⟦US_NPI:1234-567-893⟧',
    ],
    not: ['1234567890123', '1111111111 is a filler'],
    nothing: ['NPI missing'],
  },
  DEA_NUMBER: {
    found: ['DEA ⟦DEA_NUMBER:BF1234563⟧', '⟦DEA_NUMBER:AB1234563⟧', 'DEA#: ⟦DEA_NUMBER:MK3041364⟧'],
    not: ['AB1234567'],
    nothing: ['DEA schedule II', 'the DEA rule of 2023'],
  },
  US_DRIVER_LICENSE: {
    found: [
      "driver's license ⟦US_DRIVER_LICENSE:D4471-90233⟧",
      'DL ⟦US_DRIVER_LICENSE:447 188 204⟧',
      'state ID: ⟦US_DRIVER_LICENSE:WDL7K2M91B0Q⟧',
    ],
    nothing: ['mg/dL 70-99', 'HDL 55 mg/dL 120', 'a driver without license'],
  },
  US_PASSPORT: {
    found: [
      'passport ⟦US_PASSPORT:C03004786⟧',
      'Passport no. ⟦US_PASSPORT:531188402⟧',
      'US passport: ⟦US_PASSPORT:A12345678⟧',
    ],
    nothing: ['passport renewed', 'a passport of 2019', 'vaccine passport'],
  },
  LICENSE_NUMBER: {
    found: [
      'lic. ⟦LICENSE_NUMBER:20A 17734⟧',
      'RN license # ⟦LICENSE_NUMBER:RN447188⟧',
      'Nurse, CGC ⟦LICENSE_NUMBER:GC-1183⟧',
      'medical licence ⟦LICENSE_NUMBER:A 118 204⟧',
    ],
    nothing: ['licensed in 3 states', 'trial registration NCT03036124', 'certificate of need'],
  },
  VIN: {
    found: [
      'VIN ⟦VIN:1HGCM82633A004352⟧',
      '⟦VIN:1M8GDM9AXKP042788⟧',
      'vehicle id: ⟦VIN:1FTEW1EP1LK044871⟧',
      'towed her car, ⟦VIN:WVGZZZ1TZBW008213⟧',
      'the Subaru ⟦VIN:JF1GD29682G505187⟧ was totaled',
    ],
    nothing: [
      '1HGCM82633A00435',
      'AAAAAAAAAAAAAAAAA',
      'vin rouge',
      '0A1B2C3D4E5F60718',
      'part 5K1ABCDEF12345678 is out',
    ],
  },
  LICENSE_PLATE: {
    found: [
      'plate ⟦LICENSE_PLATE:KLT 4471⟧',
      'license plate: ⟦LICENSE_PLATE:7ABC123⟧',
      'parked: ⟦LICENSE_PLATE:7XTR019⟧',
    ],
    nothing: ['plate 3 of the tibia', 'growth plate', 'ISO-9001', 'BMS-9865 was stopped'],
  },
  DEVICE_ID: {
    found: [
      'pump serial number is ⟦DEVICE_ID:NG1449302H⟧',
      'Dexcom transmitter ⟦DEVICE_ID:8NKW0T⟧',
      'S/N: ⟦DEVICE_ID:18H447⟧',
      '⟦DEVICE_ID:(01)00844588003288(17)141120(10)7654321D(21)10987654d321⟧',
    ],
    nothing: ['serial troponins', 'ICD code: Z00.00', 'pump at 12 mL/h', 'lot of pain'],
  },
  IMEI: {
    found: [
      'IMEI ⟦IMEI:490154203237518⟧',
      'phone_imei          ⟦IMEI:490154203237518⟧',
      '⟦IMEI:49-015420-323751-8⟧',
    ],
    nothing: ['49-015420-323751-9', 'IMEI unknown', '12-345678'],
  },
  MAC_ADDRESS: {
    found: [
      'MAC ⟦MAC_ADDRESS:00:1B:44:11:3A:B7⟧',
      '⟦MAC_ADDRESS:00-1b-44-11-3a-b7⟧',
      '⟦MAC_ADDRESS:001b.4411.3ab7⟧',
    ],
    nothing: ['ff:ff:ff:ff:ff:ff', '10:20:30:40', 'MAC of sevoflurane'],
  },
  URL: {
    found: [
      'see ⟦URL:https://portal.example.org/p/44⟧.',
      '⟦URL:www.quickdocs.example/results⟧ within 48 h',
      '⟦URL:example.com/u/jo⟧',
    ],
    nothing: [
      'http://json-schema.org/draft-07/schema#',
      'https://json-schema.org/draft/2020-12/schema',
      'e.g. this',
      'and/or',
      'http://localhost/',
    ],
  },
  IP_ADDRESS: {
    found: [
      'from ⟦IP_ADDRESS:203.0.113.45⟧',
      '⟦IP_ADDRESS:2001:db8::1⟧ at night',
      'host ⟦IP_ADDRESS:198.51.100.7/24⟧',
    ],
    nothing: ['version 10.2.3.4', '1.2.3', '12:30:45'],
  },
  BIOMETRIC_ID: {
    found: [
      'fingerprint template ⟦BIOMETRIC_ID:a91f03c7⟧',
      'voiceprint ⟦BIOMETRIC_ID:VP-2231⟧',
      'retina scan id: ⟦BIOMETRIC_ID:RS-88213⟧',
    ],
    nothing: ['iris normal', 'DNA of 20 samples', 'gait steady'],
  },
  PHOTO_REFERENCE: {
    found: [
      'photo: ⟦PHOTO_REFERENCE:IMG_7734⟧',
      '⟦PHOTO_REFERENCE:wound_0214.jpg⟧ attached',
      'headshot file ⟦PHOTO_REFERENCE:face-44-1.png⟧',
    ],
    nothing: [
      'image quality good',
      'photo of the wound',
      'picture 2',
      'image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ],
  },
  US_ITIN: {
    found: ['ITIN ⟦US_ITIN:912-70-1234⟧', '⟦US_ITIN:900-70-1234⟧', 'tax id: ⟦US_ITIN:912-78-1234⟧'],
    not: ['900-40-1234'],
    nothing: ['ITIN pending', 'itinerary 912'],
  },
  UNIQUE_ID: {
    found: [
      'attending on ⟦UNIQUE_ID:000-77-1932⟧? vomits',
      'accession ⟦UNIQUE_ID:S25-004417⟧',
      'RUN SHEET #⟦UNIQUE_ID:25-008812⟧',
      'participant ⟦UNIQUE_ID:0044-118⟧',
      'badge ⟦UNIQUE_ID:4471⟧',
      'my username is ⟦UNIQUE_ID:elenip1974⟧',
      'jar ⟦UNIQUE_ID:EG-7729⟧',
      'our letter ⟦UNIQUE_ID:23-PI-0418⟧ and ⟦UNIQUE_ID:HX/4470/23⟧',
      'noted by ⟦UNIQUE_ID:jmurtaugh2⟧',
      'code word needed: ⟦UNIQUE_ID:bluejay19⟧',
      'id,name\n⟦UNIQUE_ID:E1187⟧,none',
    ],
    nothing: [
      'error E-0207',
      'SNOMED CT 44054006, 46635009',
      'CAS 10-4420-8',
      'FIPS-140-3',
      'PMID 31535829',
      'a case of 2019',
      'NDC 0069-0043-01',
      'platelets 250000',
      'chr17:43044295',
    ],
  },
};

export const CODES: Lines = {
  found: Object.values(CODE_CASES).flatMap(({ found }) => found),
  nothing: Object.values(CODE_CASES).flatMap(({ nothing }) => nothing),
};
