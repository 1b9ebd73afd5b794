import type { Logger } from 'pino';

/** Distinct alterations that one process tells of: whoever can write one document can write a million. */
const MAX_TOLD = 1_000;
/** What names of resources are made of. An id that somebody wrote into the store may have any character, and go into mails. */
const UNUSUAL = /[^\w./-]/g;
const MAX_NAME_LENGTH = 200;

/** A document that was found altered. */
export interface Alteration {
  /** `policies/research`. */
  readonly resource: string;
  /** What was found, and what an admin does next. */
  readonly detail: string;
}

/** Tells of altered documents: each once for as long as it is as it is. */
export interface Alterations {
  /** @param state stands for what the document says now */
  report(alteration: Alteration, state: string): void;
  /** It was found as it should be, or the telling failed: the next report is told again. */
  forget(resource: string): void;
  /** Who is told from now on; until then the log alone is. */
  onFound(tell: (alteration: Alteration) => void): void;
}

/** Nothing was found yet. */
export function createAlterations(logger: Logger): Alterations {
  const told = new Map<string, string>();
  let tell = ({ resource, detail }: Alteration): void =>
    logger.error({ event: 'configuration_altered', resource, detail }, `ALARM: ${detail}`);
  return {
    report(alteration, state) {
      const { resource } = alteration;
      if (told.get(resource) === state || (!told.has(resource) && told.size >= MAX_TOLD)) return;
      told.set(resource, state);
      tell(alteration);
    },
    forget: (resource) => void told.delete(resource),
    onFound: (listener) => {
      tell = listener;
    },
  };
}

/** Documents whose MAC is missing or wrong: something other than Sworn wrote them. The message says what an admin does next. */
export class AlteredError extends Error {
  override readonly name = 'AlteredError';
  /** `policies/research`, one at least. */
  readonly resources: readonly [string, ...string[]];

  constructor(resources: readonly [string, ...string[]], mend: string) {
    super(describeAltered(resources, mend));
    this.resources = resources;
  }
}

/** What is wrong with documents, and what an admin does about it. */
export function describeAltered(resources: readonly string[], mend: string): string {
  const [first = '', ...others] = resources;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${first}${more} was changed in the database by something other than Sworn, and does not count: ${mend}`;
}

/**
 * What was found, or something in its place where it was altered: for commands that overwrite or remove it.
 * @throws what `found` rejects with, but for AlteredError
 */
export async function ifAltered<T, Other>(
  found: Promise<T>,
  otherwise: () => Other | Promise<Other>,
): Promise<T | Other> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof AlteredError) return await otherwise();
    throw error;
  }
}

/** The resource name of a document, safe to be shown wherever it comes from. */
export function resourceOf(collection: string, id: unknown): string {
  const text = String(id).slice(0, MAX_NAME_LENGTH).replace(UNUSUAL, '?');
  return text.includes('/') ? text : `${collection}/${text}`;
}
