const MAX_LABEL_CHARACTERS = 60;

/**
 * What a key says of its value, as a person would write it before the value in a text: `patientName` in an
 * object under `intake` gives `intake patient Name: `. The key of the object around it counts, since it often
 * says whose or what the value is: `patient` before `name`, but also `drug` before `name`.
 */
export function labelOf(outer: string, key: string): string {
  const words = `${outer} ${key}`
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[^A-Za-z0-9#]+/g, ' ')
    .trim();
  return words === '' ? '' : `${words.slice(-MAX_LABEL_CHARACTERS)}: `;
}
