/** A time to wait, for people: `12s`, `3m`, `5h`, `2d`; rounded up. */
export function describeWait(seconds: number): string {
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
  ] as const) {
    if (seconds >= 2 * size) return `${Math.ceil(seconds / size)}${unit}`;
  }
  return `${seconds}s`;
}
