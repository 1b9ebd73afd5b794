/** Members that hold text, or the tokens of one, of the API, vLLM and SGLang. */
const TOKEN_PLACES = [
  'input',
  'prompt',
  'input_ids',
  'prompt_ids',
  'prompt_token_ids',
  'token_ids',
  'tokens',
];

/** The member that holds the numbers of tokens, which would go on unread; undefined when there is none. */
export function findTokens(request: Readonly<Record<string, unknown>>): string | undefined {
  return TOKEN_PLACES.find((place) => {
    const value = request[place];
    const isTokens = (item: unknown) => typeof item === 'number' || Array.isArray(item);
    return Array.isArray(value) && value.some(isTokens);
  });
}
