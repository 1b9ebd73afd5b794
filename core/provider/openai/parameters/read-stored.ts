type Json = Readonly<Record<string, unknown>>;

/** Members whose values name something that is kept at the provider: `file_id`, `vector_store_ids`, `input_file_id`. */
const STORED = /(?:^|_)(?:file|vector_store|container)_ids?$/;
/** A container may be named by itself. */
const CONTAINER = 'container';
/** Of a message that is sent back: what was said in it, by the `id` that the provider keeps it under. */
const SOUND = 'audio';
/** Maps of the caller's own keys, of which the provider makes nothing. */
const MAPS: ReadonlySet<string> = new Set(['metadata', 'attributes']);
/** Of an answer that is sent back: where its words come from. Nothing is read there once more. */
const CITED: ReadonlySet<string> = new Set(['annotations']);
const PLAIN_KEY = /^[a-z0-9_]*$/;

/**
 * The ids of files, vector stores, containers and sounds that a request names, each once, wherever they stand: what is behind them the
 * provider would read for whoever knows the id.
 *
 * @param members the body, or the fields of a form
 */
export function readStored(members: Json): string[] {
  const found = new Set<string>();
  collectMembers(members, found, '');
  return [...found];
}

/** @param holder the key of these members */
function collectMembers(members: Json, found: Set<string>, holder: string): void {
  const isSearched = members['type'] === 'file_search_call';
  for (const key in members) {
    const value = members[key];
    if (typeof value === 'string') {
      // A variable that is a string is a text, whatever it is called.
      if (holder !== 'variables' && namesStored(key, holder)) found.add(value);
    } else if (typeof value === 'object' && value !== null) {
      if (MAPS.has(key) || CITED.has(key) || (isSearched && key === 'results')) continue;
      if (Array.isArray(value)) collectList(value, namesStored(key, holder), found);
      else collectMembers(value as Json, found, key);
    }
  }
}

function collectList(list: readonly unknown[], named: boolean, found: Set<string>): void {
  for (const item of list) {
    if (typeof item === 'string') {
      if (named) found.add(item);
    } else if (Array.isArray(item)) collectList(item, named, found);
    else if (typeof item === 'object' && item !== null) collectMembers(item as Json, found, '');
  }
}

/** In any spelling that a server could take for it; the last key of a form's `file_ids[]` and `mask[file_id]` too. */
function namesStored(key: string, holder: string): boolean {
  const plain = plainKey(key);
  return plain === CONTAINER || STORED.test(plain) || (plain === 'id' && plainKey(holder) === SOUND);
}

function plainKey(key: string): string {
  if (PLAIN_KEY.test(key)) return key;
  let plain = key.normalize('NFKC').toLowerCase();
  // By hand: an expression that backtracks takes minutes for a key of nothing but brackets.
  for (;;) {
    const open = plain.endsWith(']') ? plain.lastIndexOf('[') : -1;
    if (open < 0) return plain;
    const index = plain.slice(open + 1, -1);
    if (index.includes(']')) return plain;
    if (!/^\d*$/.test(index)) return index;
    plain = plain.slice(0, open);
  }
}
