import type { Logger } from 'pino';

/** Distinct alterations that one process tells of: whoever can write one document can write a million. */
const MAX_TOLD = 1_000;
const ONE_OF_MANY = `so it is with ${MAX_TOLD} others: no more are told of one by one until some of them are mended`;
/** What names of resources are made of. An id that somebody wrote into the store may have any character, and go into mails. */
const UNUSUAL = /[^\w./-]/g;
const MAX_NAME_LENGTH = 200;

/** A document that was found altered. */
export interface Alteration {
  /** `policies/research`. */
  readonly resource: string;
  /** What was found, and what an admin does next. */
  readonly detail: string;
  /** By what it is told of once; the resource where undefined. */
  readonly key?: string;
}

/** Tells of altered documents: each once for as long as it is as it is. */
export interface Alterations {
  /** @param state stands for what the document says now */
  report(alteration: Alteration, state: string): void;
  /** What has this key was found as it should be, or the telling failed: the next report is told again. */
  forget(key: string): void;
  /** Whether it is told of, and was not forgotten since. */
  isTold(key: string): boolean;
  /** Who is told from now on; until then the log alone is. */
  onFound(tell: (alteration: Alteration) => void): void;
}

/** Nothing was found yet. */
export function createAlterations(logger: Logger): Alterations {
  const told = new Map<string, string>();
  let isFullTold = false;
  let tell = ({ resource, detail }: Alteration): void =>
    logger.error({ event: 'configuration_altered', resource, detail }, `ALARM: ${detail}`);
  return {
    report(alteration, state) {
      const { resource, key = resource } = alteration;
      if (told.get(key) === state) return;
      if (told.has(key) || told.size < MAX_TOLD) {
        told.set(key, state);
        tell(alteration);
      } else if (!isFullTold) {
        isFullTold = true;
        tell({ ...alteration, detail: `${alteration.detail} (${ONE_OF_MANY})` });
      }
    },
    forget(key) {
      if (told.delete(key)) isFullTold = false;
    },
    isTold: (key) => told.has(key),
    onFound: (listener) => {
      tell = listener;
    },
  };
}

/** What somebody did to documents: changed them, took them out, or put back what they once were. */
export type What = 'changed' | 'gone' | 'back';

/** Documents that something other than Sworn wrote, put back or took out. The message says what an admin does next. */
export class AlteredError extends Error {
  override readonly name = 'AlteredError';
  /** `policies/research`, one at least. */
  readonly resources: readonly [string, ...string[]];

  constructor(resources: readonly [string, ...string[]], mend: string, what: What = 'changed') {
    super(describeAltered(resources, mend, what));
    this.resources = resources;
  }
}

const DONE: Readonly<Record<What, string>> = {
  changed: 'was changed in the database by something other than Sworn, and does not count',
  gone: 'was taken out of the database by something other than Sworn',
  back: 'is in the database as it once was, put there by something other than Sworn, and does not count',
};

/** What is wrong with documents, and what an admin does about it. */
export function describeAltered(resources: readonly string[], mend: string, what: What = 'changed'): string {
  const [first = '', ...others] = resources;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${first}${more} ${DONE[what]}: ${mend}`;
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

/** By what it is told of once that a document is not as the roster has it. */
export function rosterKey(resource: string): string {
  return `roster ${resource}`;
}
