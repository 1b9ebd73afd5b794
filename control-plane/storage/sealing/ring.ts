import { type ClientSession, type Collection, type Db, Long } from 'mongodb';
import { PLAIN_TYPES } from '../plain-types.ts';
import type { RosterMemory } from '../roster/roster-memory.ts';
import { AlteredError } from './altered.ts';
import { canonicalBytes } from './canonical.ts';
import type { MasterKey } from './key.ts';
import { bytesOf } from './sealing.ts';

/**
 * What a master key is for, in the order in which each goes through them: NEW opens and verifies, and waits until every replica has
 * it; CURRENT also seals; OLD opens and verifies until nothing hangs on it; RETIRED does nothing any more.
 */
export type KeyState = 'NEW' | 'CURRENT' | 'OLD' | 'RETIRED';

const RANKS: Readonly<Record<KeyState, number>> = { NEW: 0, CURRENT: 1, OLD: 2, RETIRED: 3 };
const STATES = Object.keys(RANKS).length;

/** A master key of a deployment. */
export interface RingKey {
  /** Of the key (key.ts). */
  readonly id: string;
  readonly state: KeyState;
  readonly createTime?: Date;
  /** When it was put in force. */
  readonly useTime?: Date;
  readonly retireTime?: Date;
}

/** The master keys of a deployment. The first of them is `master.key`; exactly one is CURRENT. */
export interface Ring {
  /** One more each time that a control plane was told to trust an older database. */
  readonly generation: number;
  readonly keys: readonly RingKey[];
}

/** The ring as it is stored; none where the deployment has but its first key. */
export interface RingDocument {
  readonly _id: string;
  readonly generation: bigint | Long;
  readonly keys: readonly RingKey[];
  /** By the CURRENT key. */
  readonly mac: Uint8Array;
}

const RING_ID = 'ring';
const RESOURCE = `masterKeys/${RING_ID}`;
const MEND = 'see "Master keys" in docs/operations.md';

/** The ring of a deployment that never rotated. */
export function firstRing(id: string): Ring {
  return { generation: 0, keys: [{ id, state: 'CURRENT' }] };
}

/** The key that seals. */
export function currentOf({ keys }: Ring): RingKey {
  const current = keys.find(({ state }) => state === 'CURRENT');
  if (current === undefined) throw new TypeError('a ring has a current key');
  return current;
}

/** The ring as it is stored. */
export function readRing(db: Db, session: ClientSession): Promise<RingDocument | null> {
  return rings(db).findOne({ _id: RING_ID }, { session });
}

/** Stores a ring under the MAC of its CURRENT key. */
export async function storeRing(
  db: Db,
  session: ClientSession,
  current: MasterKey,
  { generation, keys }: Ring,
): Promise<void> {
  const stored = { generation: Long.fromNumber(generation), keys };
  const replacement = { ...stored, mac: current.mac(ringBytes(stored)) };
  await rings(db).replaceOne({ _id: RING_ID }, replacement, { upsert: true, session });
}

/** The ring that a document says. @throws AlteredError where nobody who has its CURRENT key wrote it so */
export function checkRing({ generation, keys, mac }: RingDocument, current: MasterKey): Ring {
  const given = bytesOf(mac);
  if (given === undefined || !current.isMac(given, ringBytes({ generation, keys }))) throw alteredRing();
  return { generation: Number(generation), keys };
}

/** The id of the key that a stored ring says is CURRENT. @throws AlteredError where it says none */
export function claimedCurrent({ keys }: RingDocument): string {
  const current = Array.isArray(keys) ? keys.filter(({ state }) => state === 'CURRENT') : [];
  if (current.length !== 1 || typeof current[0]?.id !== 'string') throw alteredRing();
  return current[0].id;
}

/**
 * Notes how far each key has come: a key never goes back, and one that has been in force is never again. Else who has such a key could
 * make a ring in which it is.
 * @throws AlteredError where it has been seen otherwise
 */
export function holdRing(memory: RosterMemory, session: ClientSession, ring: Ring): void {
  for (const { id, state } of ring.keys) {
    const isHeld = memory.see(session, nameOf(id), ring.generation * STATES + RANKS[state]);
    if (state === 'OLD' || state === 'RETIRED') memory.see(session, endOf(id), 1);
    else if (memory.highest(endOf(id)) > 0) throw alteredRing();
    if (!isHeld) throw alteredRing();
  }
}

/**
 * The ring of a database that is trusted as it stands, where its own is gone, was altered, or is older than what was seen: the key that
 * was in force is in force, and all others that are here open and verify.
 * @param here ids, that of `master.key` first
 */
export function trustedRing(memory: RosterMemory, here: readonly string[]): Ring {
  const rankOf = (id: string): number => memory.highest(nameOf(id));
  const current = here.find((id) => rankOf(id) > 0 && memory.highest(endOf(id)) === 0);
  if (current === undefined) throw alteredRing();
  const generation = Math.max(...here.map((id) => Math.floor(rankOf(id) / STATES))) + 1;
  return { generation, keys: here.map((id) => ({ id, state: id === current ? 'CURRENT' : 'OLD' })) };
}

function alteredRing(): AlteredError {
  return new AlteredError([RESOURCE], MEND);
}

function nameOf(id: string): string {
  return `masterKeys/${id}`;
}

/** By this it is remembered that a key was in force, and is not any more. */
function endOf(id: string): string {
  return `${nameOf(id)} ended`;
}

function ringBytes(fields: Pick<RingDocument, 'generation' | 'keys'>): Uint8Array {
  return canonicalBytes(['masterKeys', fields]);
}

function rings(db: Db): Collection<RingDocument> {
  return db.collection<RingDocument>('masterKeys', PLAIN_TYPES);
}
