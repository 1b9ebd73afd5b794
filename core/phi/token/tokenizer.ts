import type { Detector } from '../detect.ts';
import type { EntityName } from '../entities.ts';
import { createReplacing, type Masker } from '../mask.ts';
import { nextEscape } from '../normalise/escapes.ts';
import type { Replacer } from '../replace/replace.ts';
import { TOKEN } from './token.ts';
import type { TokenEntry, TokenMap } from './token-map.ts';

const NAMING = /[\p{L}\p{N}]/u;

/**
 * A masker that puts the tokens of a session where the detector finds one of these entities. `onFound` is told of each value that
 * it replaces. What is nothing but tokens stays, whatever a detector takes it for.
 */
export function createTokenizer(
  detector: Detector,
  entities: ReadonlySet<EntityName>,
  map: TokenMap,
  onFound: (entry: TokenEntry) => void,
): Masker {
  const replace = (entity: EntityName, value: string, written: string): string => {
    if (!NAMING.test(written.replaceAll(TOKEN, '')) || isPartOfToken(written, map)) return written;
    // Escapes are of the place where it stood, and not of those where it is put again.
    const entry = map.take(entity, value, nextEscape(written, 0) < 0 ? written : value);
    onFound(entry);
    return entry.token;
  };
  const replacer: Replacer = {
    readsValues: true,
    replace: (entity, value, written = value) => replace(entity, value, written),
    inJson: {
      readsValues: true,
      replace: (entity, value, written = value) => replaceEscaped(entity, value, written),
    },
  };
  const replaceEscaped = (entity: EntityName, value: string, written: string): string => {
    const plain = readEscapes(written);
    const put = replace(entity, value, plain);
    return put === plain ? written : put;
  };
  return createReplacing(detector, entities, replacer);
}

/** Another detector may find a token without its brackets. */
function isPartOfToken(written: string, map: TokenMap): boolean {
  const [bare] = /[A-Z][A-Z0-9_]*_[a-z]+/.exec(written) ?? [];
  return bare !== undefined && bare.length >= written.length - 2 && map.find(`[${bare}]`) !== undefined;
}

/** What a piece of a JSON string says. */
function readEscapes(written: string): string {
  if (!written.includes('\\')) return written;
  try {
    return String(JSON.parse(`"${written}"`));
  } catch {
    return written;
  }
}
