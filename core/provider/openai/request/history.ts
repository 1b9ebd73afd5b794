import { hash } from 'node:crypto';

type Json = Record<string, unknown>;

/** What a request repeats of an earlier exchange, as far as it tells which one that was. */
export interface History {
  /** Ids of items that it sends back, the last first. */
  readonly itemIds: readonly string[];
  /**
   * For the model's turns in it, the last first: SHA-256 over all turns before and what the model said, as `fingerprint`
   * makes it when that was answered.
   */
  readonly answered: readonly string[];
  /** SHA-256 over all its turns; undefined when it has none. */
  readonly turns: string | undefined;
}

/** How many ids and turns are told: any one of the last tells the conversation. */
const MAX_ITEM_IDS = 8;
const MAX_ANSWERED = 4;
const MAX_ID_CHARS = 256;
/** Of a text that is recognised by its ends, in UTF-16 units. */
const MAX_END_CHARS = 1_024;

/** Reads `input` (Responses) or `messages` (Chat Completions). */
export function readHistory(request: Json): History {
  const items = readItems(request);
  const itemIds: string[] = [];
  const answers: { readonly turns: string; readonly text: string }[] = [];
  let turns: string | undefined;
  for (const item of items) {
    const { id, role, type, content, arguments: args, output } = item;
    if (typeof id === 'string' && id !== '' && id.length <= MAX_ID_CHARS) itemIds.push(id);
    const text = textOf(content);
    if (role === 'assistant' && turns !== undefined && text !== '') answers.push({ turns, text });
    const said = [text, textOf(args), textOf(output)].map(abridge);
    turns = sha256([turns ?? '', typeof role === 'string' ? role : String(type), ...said]);
  }
  const last = answers.slice(-MAX_ANSWERED).reverse();
  return {
    itemIds: itemIds.slice(-MAX_ITEM_IDS).reverse(),
    answered: last.map((answer) => fingerprint(answer.turns, answer.text)),
    turns,
  };
}

/** What a request that repeats these turns and this answer, word for word, can be recognised by. */
export function fingerprint(turns: string, answer: string): string {
  return sha256([turns, abridge(answer)]);
}

function readItems(request: Json): Json[] {
  const { input, messages } = request;
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  const items = Array.isArray(input) ? input : messages;
  return Array.isArray(items) ? items.filter(isObject) : [];
}

/** A content as one text, whether it comes as a string or in parts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .filter(isObject)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('');
}

/** A long text by its ends: to hash whole documents would keep everybody else waiting. */
function abridge(text: string): string {
  if (text.length <= 2 * MAX_END_CHARS) return text;
  return `${text.length} ${text.slice(0, MAX_END_CHARS)} ${text.slice(-MAX_END_CHARS)}`;
}

/** Over texts with their lengths, so that none can pass for a part of another. */
function sha256(texts: readonly string[]): string {
  return hash('sha256', texts.map((text) => `${text.length}:${text}`).join(''));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
