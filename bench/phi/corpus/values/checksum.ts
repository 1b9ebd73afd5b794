import type { Random } from '../random.ts';

// The generator makes its check digits itself, so that it and the detector do not share a mistake.

/** The digit that makes a number pass the Luhn check (ISO/IEC 7812-1 annex B). */
export function luhnDigit(digits: string): string {
  const sum = [...digits]
    .reverse()
    .map((digit, i) => Number(digit) * (i % 2 === 0 ? 2 : 1))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
  return String((10 - (sum % 10)) % 10);
}

/** The Luhn digit of an NPI, which counts as if 80840 stood before it (45 CFR 162.406, CMS). */
export function npiDigit(digits: string): string {
  return luhnDigit(`80840${digits}`);
}

/** The last digit of a DEA number: of the sum of its odd places and twice its even ones. */
export function deaDigit(digits: string): string {
  const sum = [...digits].reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 1 : 2), 0);
  return String(sum % 10);
}

const ABA_WEIGHTS = [3, 7, 1];

/** The last digit of a bank's routing number: the weights 3, 7, 1 make the sum a multiple of ten (ABA). */
export function abaDigit(digits: string): string {
  const sum = [...digits].reduce((total, digit, i) => total + Number(digit) * (ABA_WEIGHTS[i % 3] ?? 0), 0);
  return String((10 - (sum % 10)) % 10);
}

const VIN_VALUES = '0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ';
const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** Puts the check digit into the ninth place of a vehicle identification number (49 CFR 565.15(c)). */
export function withVinDigit(vin: string): string {
  const sum = [...vin].reduce(
    (total, c, i) => total + (VIN_VALUES.indexOf(c) % 10) * (VIN_WEIGHTS[i] ?? 0),
    0,
  );
  const rest = sum % 11;
  return `${vin.slice(0, 8)}${rest === 10 ? 'X' : rest}${vin.slice(9)}`;
}

/** An IBAN from its country and what follows its check digits (ISO 7064 mod 97-10). */
export function withIbanDigits(country: string, account: string): string {
  let rest = 0;
  for (const c of `${account}${country}00`) {
    for (const digit of String(Number.parseInt(c, 36))) rest = (rest * 10 + Number(digit)) % 97;
  }
  return `${country}${String(98 - rest).padStart(2, '0')}${account}`;
}

/** A GTIN-14 with its check digit (GS1 General Specifications, 7.9). */
export function withGtinDigit(digits: string): string {
  const sum = [...digits].reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 3 : 1), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** Digits that do not pass the Luhn check. */
export function withoutLuhn(digits: string, random: Random): string {
  return `${digits}${(Number(luhnDigit(digits)) + random.integer(1, 9)) % 10}`;
}
