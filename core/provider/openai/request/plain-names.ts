import { foldedNames } from '../parameters/read.ts';
import { RequestError } from './request-error.ts';

/** Members that are read whatever a policy says. */
const PLAIN_NAMES = ['model', 'stream', 'input', 'prompt'];
const WHY = 'stands there in another spelling: write it in small letters';

/** The fault of a request in which some servers take a member for one of these that is written in another case. */
export function findMisspelt(
  request: Readonly<Record<string, unknown>>,
): { readonly name: string; readonly fault: string } | undefined {
  const folded = foldedNames(request);
  const name = PLAIN_NAMES.find((plain) => folded.has(plain));
  return name === undefined ? undefined : { name, fault: `"${name}" ${WHY}` };
}

/** Throws RequestError for such a request. */
export function requirePlainNames(request: Readonly<Record<string, unknown>>): void {
  const misspelt = findMisspelt(request);
  if (misspelt !== undefined) throw new RequestError(`${misspelt.fault}.`, misspelt.name);
}
