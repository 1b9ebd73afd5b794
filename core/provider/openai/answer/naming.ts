import { hashId } from '#core/phi/replace/hash.ts';
import { readTools } from '../request/read-tools.ts';
import { readSchemaKeys } from '../request/schema-keys.ts';

/** By what a caller knows again what they have given a name to, and calls of their tools. */
export interface Naming {
  /** Names that the request has given to its tools. */
  readonly tools: Set<string>;
  /** Names of properties in the schemas that it gives. */
  readonly schemaKeys: Set<string>;
  /** The request does not bring all its tools itself: they stand in a prompt that the provider keeps, or it is for an answer of before. */
  readonly learns?: boolean;
  /** Secret. 32 bytes, by which ids are told apart in which something is masked; absent: they are masked like any text. */
  readonly key?: Uint8Array | undefined;
  /** The lines of a batch have the ids that an application gave them: the provider wrote the file, and no model. */
  readonly hasLineIds?: boolean;
}

/** Where nothing is known. */
export const UNNAMED: Naming = { tools: new Set(), schemaKeys: new Set() };

/** What an application joins its answers by: of any signs, but no text of several words. */
const LINE_ID = /^[^\s\p{C}]{1,128}$/u;
const LINE_ID_PLACE = 'line.custom_id';
/** What a provider takes for the name of a tool, or of what it is called with. */
const GIVEN_NAME = /^[\w.-]{1,64}$/;
/** How ids begin; other beginnings may say something. */
const PREFIX = /^(?:call|chatcmpl|cmpl|fc|gen|item|msg|resp|tooluse|toolu)[_-]/;
const NO_PREFIX = 'id_';
/** Mistral's, and it takes no others back. */
const SHORT = /^[A-Za-z0-9]{9}$/;
const SHORT_CHARS = 9;

/**
 * Notes the tools that an answer says it was asked with, where the request does not tell: a provider repeats those before a model
 * says anything.
 */
export function learnNames({ tools, schemaKeys, learns }: Naming, answer: unknown): void {
  if (learns !== true || typeof answer !== 'object' || answer === null) return;
  const asked = { tools: 'tools' in answer && answer.tools, text: 'text' in answer && answer.text };
  for (const name of readTools(asked)) if (GIVEN_NAME.test(name)) tools.add(name);
  for (const key of readSchemaKeys(asked)) if (GIVEN_NAME.test(key)) schemaKeys.add(key);
}

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
