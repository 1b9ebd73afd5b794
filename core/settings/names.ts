/** The flag of a setting: `maxBodyBytes` becomes `--max-body-bytes`. */
export function camelToFlag(key: string): string {
  return `--${words(key).join('-')}`;
}

/** The environment variable of a setting: `maxBodyBytes` becomes `SWORN_MAX_BODY_BYTES`. */
export function camelToVariable(key: string): string {
  return `SWORN_${words(key).join('_').toUpperCase()}`;
}

function words(key: string): string[] {
  return key.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
}
