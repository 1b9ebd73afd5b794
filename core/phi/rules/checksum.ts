/** The digits of a text, in order. */
export function digitsOf(text: string): string {
  return text.replace(/[^0-9]/g, '');
}

/** The Luhn check of payment cards (ISO/IEC 7812-1 annex B). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = digits.charCodeAt(digits.length - 1 - i) - 0x30;
    if (i % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return digits.length > 0 && sum % 10 === 0;
}

/** The modulo 97 check of an IBAN without spaces, in upper case (ISO 13616). */
export function passesIban(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const ABA_WEIGHTS: readonly number[] = [3, 7, 1];

/** The check of a bank routing number: nine digits, weights 3, 7, 1 (American Bankers Association). */
export function passesAba(digits: string): boolean {
  // The first two digits are a Federal Reserve district, or its variants for thrifts and electronic payments.
  if (!/^(?:0\d|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)\d{7}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) sum += Number(digits.charAt(i)) * (ABA_WEIGHTS[i % 3] ?? 0);
  return sum > 0 && sum % 10 === 0;
}

/** The check of a national provider identifier: Luhn with the prefix 80840 (45 CFR 162.406; CMS). */
export function passesNpi(digits: string): boolean {
  return /^[12]\d{9}$/.test(digits) && passesLuhn(`80840${digits}`);
}

/** The check of a DEA registration number: two letters, or a letter and 9, then seven digits. */
export function passesDea(number: string): boolean {
  const digits = digitsOf(number.slice(2));
  if (digits.length !== 7) return false;
  const at = (i: number): number => Number(digits.charAt(i));
  return (at(0) + at(2) + at(4) + 2 * (at(1) + at(3) + at(5))) % 10 === at(6);
}

const VIN_WEIGHTS: readonly number[] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
const VIN_VALUES: ReadonlyMap<string, number> = new Map(
  Array.from('A1B2C3D4E5F6G7H8J1K2L3M4N5P7R9S2T3U4V5W6X7Y8Z9'.matchAll(/(.)(\d)/g), (m) => [
    m[1] ?? '',
    Number(m[2]),
  ]),
);

/** The check digit of a North American vehicle identification number (49 CFR 565.15). */
export function passesVin(vin: string): boolean {
  let sum = 0;
  for (let i = 0; i < VIN_WEIGHTS.length; i++) {
    const c = vin.charAt(i);
    sum += (VIN_VALUES.get(c) ?? Number(c)) * (VIN_WEIGHTS[i] ?? 0);
  }
  const check = sum % 11;
  return vin.charAt(8) === (check === 10 ? 'X' : String(check));
}
