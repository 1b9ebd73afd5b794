import type { Random } from '../random.ts';
import {
  abaDigit,
  deaDigit,
  luhnDigit,
  npiDigit,
  withGtinDigit,
  withIbanDigits,
  withVinDigit,
} from './checksum.ts';

/** 555-0100 to 555-0199 are kept for fiction in every area (NANPA). */
export function phone(random: Random): string {
  if (random.chance(0.05)) return `+44 20 7946 0${random.digits(3)}`;
  const area = `${random.integer(2, 9)}${random.digits(2)}`;
  const line = `01${random.digits(2)}`;
  const form = random.pick([
    '(A) 555-L',
    '(A) 555-L',
    'A-555-L',
    'A-555-L',
    'A.555.L',
    'A 555 L',
    '+1 A 555 L',
    '+1-A-555-L',
    '1-A-555-L',
    '(A)555-L',
    'A555L',
  ]);
  const extension = random.chance(0.12)
    ? random.pick([' x', ' ext. ', ', ext ']) + random.integer(10, 9_999)
    : '';
  return form.replace('A', area).replace('L', line) + extension;
}

/** Numbers that the SSA has published as void, and areas that nobody had before 2011. */
export function ssn(random: Random): string {
  if (random.chance(0.1)) return random.pick(['078-05-1120', '219-09-9999', '078 05 1120', '219099999']);
  const [area, group, serial] = [
    random.integer(773, 899),
    random.integer(11, 99),
    random.integer(1_000, 9_999),
  ];
  return [area, group, serial].join(random.pick(['-', '-', '-', ' ', '']));
}

/** Groups that the IRS gives out: 50-65, 70-88, 90-92, 94-99. */
export function itin(random: Random): string {
  const group = random.pick([random.integer(50, 65), random.integer(70, 88), random.integer(94, 99)]);
  return [`9${random.digits(2)}`, group, random.integer(1_000, 9_999)].join(random.pick(['-', '-', ' ']));
}

export function mrn(random: Random): string {
  return random.form(
    random.pick([
      '######',
      '#######',
      '########',
      '##########',
      '@@-######',
      '@######',
      '##-##-##',
      '###-##-##',
      '@@########',
    ]),
  );
}

const MBI_LETTERS = 'ACDEFGHJKMNPQRTUVWXY';

/** A Medicare number by its form (CMS, "Understanding the Medicare Beneficiary Identifier format"). */
export function mbi(random: Random): string {
  const letter = (): string => random.string(1, MBI_LETTERS);
  const either = (): string => random.string(1, `${MBI_LETTERS}0123456789`);
  const first = `${random.integer(1, 9)}${letter()}${either()}${random.digits(1)}`;
  const middle = `${letter()}${either()}${random.digits(1)}`;
  return [first, middle, `${letter()}${letter()}${random.digits(2)}`].join(random.pick(['-', '']));
}

export function memberId(random: Random): string {
  return random.form(
    random.pick(['@@@#########', '@#########', '#########-##', '@@@@######', '##########', '@@@ ######']),
  );
}

export function account(random: Random): string {
  return random.form(
    random.pick(['########', '####-######', '##########', '@@-#######', '######-##', '#####-###-#']),
  );
}

/** Numbers that begin as the networks' test numbers. */
export function card(random: Random): string {
  const start = random.pick(['411111', '400000', '555555', '510510', '601111', '222300', '37828']);
  const length = start.startsWith('37') ? 15 : 16;
  const body = start + random.digits(length - 1 - start.length);
  const number = body + luhnDigit(body);
  const separator = random.pick([' ', '-', '', '']);
  const groups = length === 15 ? [4, 6, 5] : [4, 4, 4, 4];
  let at = 0;
  return groups
    .map((size) => {
      at += size;
      return number.slice(at - size, at);
    })
    .join(separator);
}

export function iban(random: Random): string {
  const [country, form] = random.pick([
    ['DE', '##################'],
    ['GB', 'WEST##############'],
    ['FR', '#####################?#'],
    ['NL', 'ABNA##########'],
    ['ES', '####################'],
    ['CH', '#################'],
    ['IE', 'AIBK##############'],
    ['AT', '################'],
  ] as const);
  const number = withIbanDigits(country, random.form(form));
  return random.chance(0.5) ? number : number.replace(/(.{4})(?=.)/g, '$1 ');
}

export function routingNumber(random: Random): string {
  const body = random.pick(['01', '02', '05', '07', '09', '11', '12', '26', '31']) + random.digits(6);
  return body + abaDigit(body);
}

/** Numbers that have not been given out: those of the first million begin at 1003, and none with 2. */
export function npi(random: Random): string {
  const body = random.pick(['2', '100']) + random.digits(8);
  return body.slice(0, 9) + npiDigit(body.slice(0, 9));
}

export function dea(random: Random): string {
  const body = random.digits(6);
  return random.string(1, 'ABFM') + random.letters(1) + body + deaDigit(body);
}

export function driverLicence(random: Random): string {
  return random.form(
    random.pick([
      '@#######',
      '@###-###-##-###-#',
      '########',
      '#########',
      '@@######',
      '@##-##-####',
      '@############',
      '###-##-####@',
    ]),
  );
}

export function passport(random: Random): string {
  return random.form(random.pick(['@########', '#########', '@########']));
}

export function licence(random: Random): string {
  return random.form(
    random.pick(['@@######', '@#####', '##-######', '######', '@@@-#####', '####-#####', '@@ ######']),
  );
}

export function vin(random: Random): string {
  const maker = random.pick(['1HG', '2T1', '3FA', '4S4', '5YJ', '1FT', 'JM1', 'KND', 'WBA', 'YV1']);
  const rest = random.form('?????0?@######');
  return withVinDigit(maker + rest.slice(0, 6) + rest.slice(6, 8).replace(/[QIO]/g, 'A') + rest.slice(8));
}

export function plate(random: Random): string {
  return random.form(
    random.pick(['#@@@###', '@@@-####', '@@@ ####', '###-@@@', '@@####', '@## @@@', '@@@####']),
  );
}

export function serial(random: Random): string {
  return random.form(
    random.pick([
      '@@@######@',
      '@@-#####-@',
      '#######',
      '@@@@####',
      '@#?-######',
      '########-##',
      '@@@## ####',
    ]),
  );
}

/** A device identifier as GS1 writes it for people: GTIN, expiry, lot, serial (21 CFR 801.40). */
export function udi(random: Random): string {
  const lot = random.chance(0.6) ? `(10)${random.form('@#####')}` : '';
  const expiry = `(17)${random.integer(25, 31)}${random.pick(['03', '07', '11'])}${random.integer(10, 28)}`;
  return `(01)${withGtinDigit(`008${random.digits(10)}`)}${expiry}${lot}(21)${random.form('@@######')}`;
}

export function imei(random: Random): string {
  const body = `35${random.digits(12)}`;
  const number = body + luhnDigit(body);
  return random.chance(0.6)
    ? number
    : `${number.slice(0, 2)}-${number.slice(2, 8)}-${number.slice(8, 14)}-${number.slice(14)}`;
}

export function mac(random: Random): string {
  const pair = (): string => random.string(2, '0123456789ABCDEF');
  const start = random.chance(0.5) ? ['00', '00', '5E', '00', '53'] : ['02', pair(), pair(), pair(), pair()];
  const address = [...start, pair()].join(random.pick([':', ':', '-']));
  return random.chance(0.5) ? address : address.toLowerCase();
}

export function ip(random: Random): string {
  if (random.chance(0.2)) return `2001:db8::${random.string(4, '123456789abcdef')}:${random.integer(1, 99)}`;
  return `${random.pick(['192.0.2', '198.51.100', '203.0.113'])}.${random.integer(1, 254)}`;
}

export function biometric(random: Random): string {
  return random.form(
    random.pick(['FP-#####', 'VP-####-##', 'IR#######', 'BIO-####-@@', 'PV#####', '@@-########']),
  );
}

export function photo(random: Random): string {
  return random.form(
    random.pick([
      'IMG_####.jpg',
      'DSC0####.JPG',
      'face_front_####.png',
      'photo-####.jpeg',
      'PH-#####',
      'portrait_##.heic',
      'IMG_2024####_###.jpg',
    ]),
  );
}

export function uniqueId(random: Random): string {
  return random.form(
    random.pick([
      'S##-#####',
      '####-###',
      'P-#####',
      'ACC######',
      'SUBJ-####',
      '@@##-######',
      '##-####-####',
      'E########',
    ]),
  );
}
