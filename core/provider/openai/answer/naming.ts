import { hashId } from '#core/phi/replace/hash.ts';

/** By what a caller knows again what they have given a name to, and calls of their tools. */
export interface Naming {
  /** Names that the request has given to its tools. */
  readonly tools: ReadonlySet<string>;
  /** Secret. 32 bytes, by which ids are told apart in which something is masked; absent: they are masked like any text. */
  readonly key?: Uint8Array | undefined;
  /** The lines of a batch have the ids that an application gave them: the provider wrote the file, and no model. */
  readonly hasLineIds?: boolean;
}

/** Where nothing is known. */
export const UNNAMED: Naming = { tools: new Set() };

/** What an application joins its answers by: of any signs, but no text of several words. */
const LINE_ID = /^[^\s\p{C}]{1,128}$/u;
const LINE_ID_PLACE = 'line.custom_id';
/** How ids begin; other beginnings may say something. */
const PREFIX = /^(?:call|chatcmpl|cmpl|fc|gen|item|msg|resp|tooluse|toolu)[_-]/;
const NO_PREFIX = 'id_';
/** Mistral's, and it takes no others back. */
const SHORT = /^[A-Za-z0-9]{9}$/;
const SHORT_CHARS = 9;

/** Whether a text is a name that the caller has given: to a tool, or to a line of a batch. */
export function isGivenName(
  { tools, hasLineIds }: Naming,
  key: string,
  place: string,
  text: string,
): boolean {
  if (key === 'name') return tools.has(text);
  return hasLineIds === true && place === LINE_ID_PLACE && LINE_ID.test(text);
}

/**
 * What stands for an id in which something is masked: the same for the same id, wherever it stands, and of a form that servers take
 * back. Calls of tools with one id would be one call to an agent, in one answer or in several.
 */
export function renameId(id: string, key: Uint8Array): string {
  const letters = hashId(key, id);
  if (SHORT.test(id)) return letters.slice(0, SHORT_CHARS);
  return (PREFIX.exec(id)?.[0] ?? NO_PREFIX) + letters;
}
