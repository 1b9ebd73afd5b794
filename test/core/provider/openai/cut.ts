/** Cuts a text or bytes into pieces of the given sizes, repeated; the last takes what is left. */
export function cut<T extends string | Uint8Array>(whole: T, sizes: readonly number[]): T[] {
  const parts: T[] = [];
  let at = 0;
  for (let round = 0; at < whole.length; round++) {
    const size = sizes.length === 0 ? whole.length : (sizes[round % sizes.length] ?? 0);
    // Every second zero still moves on, so that empty pieces occur and the loop ends.
    const next = at + (size === 0 && round % 2 === 1 ? 1 : size);
    parts.push(whole.slice(at, next) as T);
    at = next;
  }
  return parts;
}
