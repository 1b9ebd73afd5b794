type Json = Readonly<Record<string, unknown>>;

/** What a request has the provider fetch: nothing is known of it here but that it is there. */
export interface Elsewhere {
  /** Pictures and films, by address or id. */
  readonly pictures: number;
  /** Files, by address or id. */
  readonly files: number;
}

/** Members that hold the address of a picture, or an object with its `url`. */
const PICTURE_KEY = /^(?:image|video)_url$/;
/** Content that is a picture, wherever that is kept. */
const PICTURE_TYPE = /image|screenshot/;
/** Of an answer that is sent back: where its words come from. Nothing is fetched for that. */
const CITED_KEYS: ReadonlySet<string> = new Set(['annotations', 'results']);
/** Content itself stands in a data URL. */
const DATA = /^\s*data:/i;

/** Counts what the provider fetches for a request of a bounded depth, each time that it is named. */
export function countElsewhere(request: Json): Elsewhere {
  const found = { pictures: 0, files: 0 };
  count(request, '', found);
  return found;
}

function count(members: Json, holder: string, found: { pictures: number; files: number }): void {
  for (const key in members) {
    const value = members[key];
    if (typeof value === 'string') {
      const isPicture = PICTURE_KEY.test(key) || (key === 'url' && PICTURE_KEY.test(holder));
      if (isPicture || key === 'file_url') {
        if (!DATA.test(value)) found[isPicture ? 'pictures' : 'files']++;
      } else if (key === 'file_id')
        found[PICTURE_TYPE.test(String(members['type'])) ? 'pictures' : 'files']++;
    } else if (typeof value === 'object' && value !== null && !CITED_KEYS.has(key)) {
      // Elements of a list stand under its key.
      count(value as Json, Array.isArray(members) ? holder : key, found);
    }
  }
}
