import { hashId } from '#core/phi/replace/hash.ts';

/** By what a caller knows again the tools of their request, and calls of them. */
export interface Naming {
  /** Names that the request has given to its tools. */
  readonly tools: ReadonlySet<string>;
  /** Secret. 32 bytes, by which ids are told apart in which something is masked; absent: they are masked like any text. */
  readonly key?: Uint8Array | undefined;
}

/** Where nothing is known. */
export const UNNAMED: Naming = { tools: new Set() };

/** How ids begin; other beginnings may say something. */
const PREFIX = /^(?:call|chatcmpl|cmpl|fc|gen|item|msg|resp|tooluse|toolu)[_-]/;
const NO_PREFIX = 'id_';
/** Mistral's, and it takes no others back. */
const SHORT = /^[A-Za-z0-9]{9}$/;
const SHORT_CHARS = 9;

/**
 * What stands for an id in which something is masked: the same for the same id, wherever it stands, and of a form that servers take
 * back. Calls of tools with one id would be one call to an agent, in one answer or in several.
 */
export function renameId(id: string, key: Uint8Array): string {
  const letters = hashId(key, id);
  if (SHORT.test(id)) return letters.slice(0, SHORT_CHARS);
  return (PREFIX.exec(id)?.[0] ?? NO_PREFIX) + letters;
}
