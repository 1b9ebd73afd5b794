/** The value with a text at a place of the catalogue: `input[].content` is `{ input: [{ content: text }] }`. */
export function valueAt(place: string, text: string): unknown {
  return place
    .split('.')
    .reverse()
    .reduce<unknown>((inner, step) => {
      const name = step.replace('[]', '');
      // Tools of this type have credentials.
      if (step === 'tools[]') return { tools: [{ type: 'mcp', ...(inner as object) }] };
      return { [name]: step.endsWith('[]') ? [inner] : inner };
    }, text);
}

/** All strings of a value, with their place as the catalogue writes it. */
export function stringsOf(value: unknown, place = ''): [place: string, text: string][] {
  if (typeof value === 'string') return [[place, value]];
  if (Array.isArray(value)) return value.flatMap((item) => stringsOf(item, `${place}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    stringsOf(item, place === '' ? key : `${place}.${key}`),
  );
}
