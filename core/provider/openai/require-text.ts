import { RequestError } from './request-error.ts';

/** Members that hold text, or the tokens of one. */
const TOKEN_PLACES = ['input', 'prompt'];

/**
 * Text that comes as numbers would go on unread.
 *
 * @param prefix of the places that an error names
 * @throws RequestError
 */
export function requireText(request: Readonly<Record<string, unknown>>, prefix = ''): void {
  for (const place of TOKEN_PLACES) {
    const value = request[place];
    if (!Array.isArray(value)) continue;
    const isTokens = (item: unknown) => typeof item === 'number' || Array.isArray(item);
    if (value.some(isTokens)) {
      throw new RequestError(`"${place}" holds tokens: send the text itself.`, `${prefix}${place}`);
    }
  }
}
