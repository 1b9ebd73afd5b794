/** Amounts of money are whole millionths of a currency that nobody names: admins use one for prices and limits. */
const MICROS = 1_000_000;

const DECIMAL = /^(\d{1,9})(?:\.(\d{1,6}))?$/;

/** Millionths of a decimal amount such as `25.50`: nine digits, and six behind the point, at most; undefined for other texts. */
export function parseMoney(text: string): number | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, whole = '', fraction = ''] = match;
  return Number(whole) * MICROS + Number(fraction.padEnd(6, '0'));
}

/** The shortest decimal with two digits behind the point, or as many as it takes: 25500000 -> `25.50`. */
export function formatMoney(micros: number | bigint): string {
  const amount = BigInt(micros);
  const fraction = String(amount % BigInt(MICROS))
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${amount / BigInt(MICROS)}.${fraction}`;
}

/** Millionths as conditions have them: in the currency. */
export function toCurrency(micros: number): number {
  return micros / MICROS;
}
