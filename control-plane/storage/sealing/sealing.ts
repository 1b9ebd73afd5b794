import { hash } from 'node:crypto';
import { Binary, type Document } from 'mongodb';
import { canonicalBytes } from './canonical.ts';
import type { Seal } from './seal.ts';

/** Some of the documents of a collection, to MongoDB and to us. */
interface Scope {
  readonly filter: Readonly<Record<string, unknown>>;
  readonly has: (document: Document) => boolean;
  /** Whether there is no end to how many there may be. */
  readonly isPaged: boolean;
}

/** How the documents of a collection are sealed. */
interface Sealing {
  /** Fields that the MAC does not cover: they open nothing, and change often or are large. */
  readonly uncovered?: readonly string[];
  /** What an admin does with one that was altered. */
  readonly mend: string;
  /** Which of them have to be there, as a roster says (rosters.ts): where one less would open, or destroy, something. */
  readonly roster?: Scope;
}

const ALL: Scope = { filter: {}, has: () => true, isPaged: false };
const IN_FORCE: Scope = {
  filter: { releaseTime: { $exists: false } },
  has: ({ releaseTime }) => releaseTime === undefined,
  isPaged: false,
};
const PENDING: Scope = {
  filter: { state: 'PENDING' },
  has: ({ state }) => state === 'PENDING',
  // Nobody has to review anything, and who may break the glass can do so for each request.
  isPaged: true,
};

/**
 * Collections whose documents open something: each carries a MAC over its collection, id and fields, which takes the control
 * plane's master key. What is read without a right one does not count.
 */
export const SEALED = {
  approvals: {
    // The question has a mark of its own (approval/question.ts); the others say which planes are told, and who is reminded.
    uncovered: ['question', 'planes', 'waiting', 'remindTime'],
    mend: 'the caller asks again',
  },
  grants: { mend: 'revoke it' },
  holds: { mend: 'place it again, then release this one', roster: IN_FORCE },
  issuers: { mend: 'create it again, or delete it', roster: ALL },
  joinTokens: { mend: 'make another one' },
  notifiers: { mend: 'create it again with its secret, or delete it' },
  planes: {
    // What it said of itself.
    uncovered: ['report', 'seenTime'],
    mend: 'revoke it, and let the plane join with a new key',
  },
  policies: { mend: 'apply it again, or delete it', roster: ALL },
  policyRevisions: { mend: 'apply the policy from a file, or roll back to another revision' },
  reviews: {
    // Whether it was found to be overdue.
    uncovered: ['alarmTime'],
    mend: 'what went on by break-glass is in the record: sworn audit exchanges --break-glass',
    roster: PENDING,
  },
  revocations: { mend: 'create it again, then delete this one', roster: ALL },
  roleBindings: { mend: 'bind the role again, or delete it' },
  upstreams: { mend: 'create it again with its secrets, or delete it', roster: ALL },
} as const satisfies Readonly<Record<string, Sealing>>;

/** One of them. */
export type SealedName = keyof typeof SEALED;

/** One that has a roster. */
export type RosterName = {
  [Name in SealedName]: (typeof SEALED)[Name] extends { readonly roster: object } ? Name : never;
}[SealedName];

/** All of these. */
export const ROSTERS = (Object.keys(SEALED) as SealedName[]).filter(hasRoster);

/** Whether a collection has a roster. */
export function hasRoster(name: SealedName): name is RosterName {
  return 'roster' in SEALED[name];
}

/** The fields of a collection that the MAC does not cover. */
export function uncoveredOf(name: SealedName): readonly string[] {
  const { uncovered = [] }: Sealing = SEALED[name];
  return uncovered;
}

/** The MAC of a document: of where it is, its id, and all of it but what is not covered. */
export function macOf(seal: Seal, name: SealedName, document: Document): Uint8Array {
  return seal.mac(coveredBytes(name, document));
}

/** What a MAC is of. @throws TypeError for what no document of ours has */
function coveredBytes(name: SealedName, document: Document): Uint8Array {
  const uncovered = uncoveredOf(name);
  const covered = Object.entries(document).filter(([field]) => field !== 'mac' && !uncovered.includes(field));
  return canonicalBytes([name, Object.fromEntries(covered)]);
}

/** Looks at the MAC of a document. @returns whether the MAC is right, and what tells this alteration of the document from the next */
export function inspectMac(
  seal: Seal,
  name: SealedName,
  document: Document,
): { isRight: boolean; state: string } {
  const mac = bytesOf(document['mac']) ?? new Uint8Array();
  try {
    const covered = coveredBytes(name, document);
    const state = Buffer.concat([mac, hash('sha256', covered, 'buffer')]).toString('hex');
    return { isRight: seal.isMac(mac, covered), state };
  } catch (error) {
    // It has what no document of ours has.
    if (error instanceof TypeError) return { isRight: false, state: 'unreadable' };
    throw error;
  }
}

/** The bytes of a MAC as it was read; undefined where it is none. */
export function bytesOf(mac: unknown): Uint8Array | undefined {
  if (mac instanceof Binary) return mac.value();
  return mac instanceof Uint8Array ? mac : undefined;
}

/** Whether a stored MAC, of whatever type it is, is the one of these bytes. */
export function isMac(seal: Seal, stored: unknown, bytes: Uint8Array): boolean {
  const mac = bytesOf(stored);
  return mac !== undefined && seal.isMac(mac, bytes);
}
