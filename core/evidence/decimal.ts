const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;

/** A number of ASCII digits without leading zeros, at most 2^53 - 1; undefined for any other text. */
export function parseDecimal(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
