/** Reads ⟦ENTITY:value⟧ marks out of a line: the text without them, and `ENTITY:value` for each. */
export function readMarks(line: string): { text: string; expected: string[] } {
  const expected: string[] = [];
  const text = line.replace(/⟦([A-Z_]+):([^⟧]*)⟧/g, (_, entity: string, value: string) => {
    expected.push(`${entity}:${value}`);
    return value;
  });
  return { text, expected };
}
