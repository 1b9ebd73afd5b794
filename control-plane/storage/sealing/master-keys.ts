import { hostname } from 'node:os';
import type { ClientSession } from 'mongodb';
import type { Database } from '../database.ts';
import { sayAlive, sayGone } from '../replicas.ts';
import { AlteredError } from './altered.ts';
import type { MasterKey, NamedKey } from './key.ts';
import { loadMasterKey, type MasterKeyFiles, masterKeyFiles } from './master-key.ts';
import {
  checkRing,
  claimedCurrent,
  currentOf,
  firstRing,
  holdRing,
  type Ring,
  readRing,
  trustedRing,
} from './ring.ts';
import { MasterKeyError, type Seal, sealWith } from './seal.ts';

/**
 * For so long it is known which key is in force. Every transaction begins with a look that is no older: what an older key seals is
 * committed within this and the time that MongoDB gives a transaction (60 s).
 */
const FRESH_MS = 10_000;
/** So many ids of keys that there are not are remembered: whoever makes up more has each missed once more. */
const MAX_MISSED = 1_000;
/** How often a replica says that it runs, where nothing else is new of it (replicas.ts). */
const SAY_INTERVAL_MS = 20_000;

type Store = Pick<Database, 'client' | 'db' | 'memory'>;

/** The master keys of a deployment as this process has them. */
export interface MasterKeys {
  readonly files: MasterKeyFiles;
  readonly seal: Seal;
  /** As it was seen last. @throws MasterKeyError before the first look */
  readonly ring: Ring;
  /** Ids of those in use that are not in this state directory. */
  readonly missing: readonly string[];
  /**
   * Looks which master keys there are now, and loads those that this process does not have yet.
   * @param isTrusted whether its operator wants the database to be trusted as it stands
   * @throws MasterKeyError when the one in force is not here
   * @throws AlteredError when what the database says of them was altered, or is older than what was seen, and is not trusted
   */
  look(store: Store, isTrusted?: boolean): Promise<void>;
  /** The ring as it is stored now, in a transaction that changes it. @throws as look */
  read(store: Store, session: ClientSession): Promise<Ring>;
  /** Looks where the last look is too old to seal by. @throws as look */
  freshen(store: Store): Promise<void>;
  /** Says that this replica has ended; without effect where it never said that it runs, or the store is away. */
  leave(store: Store): Promise<void>;
  /** The key of this id, from this process's memory or its file. @throws MasterKeyError when it is not here */
  require(id: string): Promise<MasterKey>;
  /** What is done where a key is not here. */
  describeMissing(id: string): string;
}

/**
 * The master keys of a state directory; makes the first one where there is none.
 * @param replica who says that it runs, with each look; undefined for a command, which is no replica
 */
export async function openMasterKeys(stateDirectory: string, replica?: string): Promise<MasterKeys> {
  const files = masterKeyFiles(stateDirectory);
  if ((await files.list()).length === 0 && replica !== undefined) await loadMasterKey(stateDirectory);
  const here = new Map<string, MasterKey>();
  let first: MasterKey | undefined;
  let ring: Ring | undefined;
  let lookedMs = Number.NEGATIVE_INFINITY;
  let lookedAt = 0;
  let looking: Promise<void> | undefined;
  /** Ids that were named and that no ring had, and when that was first so (`performance.now()`). */
  const missed = new Map<string, number>();
  let said: { readonly words: string; readonly ms: number } | undefined;

  const known = (): Ring => {
    if (ring === undefined) throw new MasterKeyError('which master keys are in use was never looked at');
    return ring;
  };
  // A machine that was suspended counts by the one clock or by the other.
  const isFresh = (): boolean =>
    Math.max(performance.now() - lookedMs, Math.abs(Date.now() - lookedAt)) < FRESH_MS;
  const describeMissing = (id: string): string => {
    const isFirst = ring?.keys[0]?.id === id;
    const path = isFirst ? `${stateDirectory}/master.key` : files.pathOf(id);
    return (
      `master key ${id} is not in ${path}, and is in use; copy the file from the state directory of a control plane that ` +
      'uses this database, or from its backup'
    );
  };
  const load = async (id: string): Promise<MasterKey | undefined> => {
    const key = here.get(id) ?? (await files.read(id));
    if (key !== undefined) here.set(id, key);
    return key;
  };
  const require = async (id: string): Promise<MasterKey> => {
    const key = await load(id);
    if (key !== undefined) return key;
    // Whoever needs it cannot go on with what was known before.
    lookedMs = Number.NEGATIVE_INFINITY;
    throw new MasterKeyError(describeMissing(id));
  };

  const isUnknown = (id: string): boolean => {
    const missedMs = missed.get(id);
    if (missedMs !== undefined && lookedMs > missedMs && isFresh()) return true;
    if (missedMs === undefined) {
      if (missed.size >= MAX_MISSED) missed.clear();
      missed.set(id, performance.now());
      lookedMs = Number.NEGATIVE_INFINITY;
    }
    return false;
  };

  const readOnce = async ({ db, memory }: Store, session: ClientSession): Promise<Ring> => {
    const document = await readRing(db, session);
    if (document !== null) {
      const next = checkRing(document, await require(claimedCurrent(document)));
      holdRing(memory, session, next);
      return next;
    }
    first ??= await files.first();
    if (first === undefined) throw new MasterKeyError(noFirst(stateDirectory));
    const next = firstRing(first.id);
    holdRing(memory, session, next);
    return next;
  };
  const say = async ({ db }: Store): Promise<void> => {
    if (replica === undefined) return;
    const masterKeys = [...here.keys()];
    const current = ring === undefined ? '' : currentOf(ring).id;
    const words = `${masterKeys} ${current}`;
    const nowMs = performance.now();
    if (said?.words === words && nowMs - said.ms < SAY_INTERVAL_MS) return;
    await sayAlive(db, { _id: replica, host: hostname(), masterKeys, current });
    said = { words, ms: nowMs };
  };
  const look = async (store: Store, isTrusted = false): Promise<void> => {
    const [beginMs, beginAt] = [performance.now(), Date.now()];
    // Before the ring is read: no key is put in force that a replica which runs does not have.
    await say(store);
    const next = await store.client.withSession(async (session) => {
      store.memory.begin(session);
      const seen = await readOnce(store, session).catch(async (error: unknown) => {
        const isGone = error instanceof MasterKeyError && (await readRing(store.db, session)) === null;
        if (!isTrusted || !(error instanceof AlteredError || isGone)) throw error;
        // What it said counts for nothing, nor how far its keys had come.
        store.memory.begin(session);
        return trustedRing(store.memory, await files.list());
      });
      await store.memory.keep(session);
      return seen;
    });
    for (const { id, state } of next.keys) {
      if (state === 'RETIRED') here.delete(id);
      // Nothing hangs on one that waits: a file that cannot be read is as if it were not here yet.
      else if (state === 'NEW') await load(id).catch(() => undefined);
      else await load(id);
    }
    ring = next;
    [lookedMs, lookedAt] = [beginMs, beginAt];
  };
  const lookOnce = (store: Store): Promise<void> => {
    looking ??= look(store).finally(() => {
      looking = undefined;
    });
    return looking;
  };

  return {
    files,
    seal: sealWith({
      current() {
        const { id } = currentOf(known());
        const key = here.get(id);
        if (key === undefined) throw new MasterKeyError(describeMissing(id));
        return key;
      },
      find: (named) => findIn(known(), here, named, isUnknown, describeMissing),
      firstId: () => known().keys[0]?.id,
    }),
    get ring() {
      return known();
    },
    get missing() {
      return known()
        .keys.filter(({ id, state }) => state !== 'RETIRED' && !here.has(id))
        .map(({ id }) => id);
    },
    look: (store, isTrusted = false) => (isTrusted ? look(store, true) : lookOnce(store)),
    read: readOnce,
    freshen: async (store) => {
      if (!isFresh()) await lookOnce(store);
    },
    leave: async ({ db }) => {
      if (replica !== undefined && said !== undefined) await sayGone(db, replica).catch(() => undefined);
    },
    require,
    describeMissing,
  };
}

function findIn(
  { keys }: Ring,
  here: ReadonlyMap<string, MasterKey>,
  named: NamedKey,
  isUnknown: (id: string) => boolean,
  describeMissing: (id: string) => string,
): MasterKey | undefined {
  const id = named === 'first' ? keys[0]?.id : named.id;
  const listed = keys.find((key) => key.id === id);
  // A key may have come since the last look: nothing is altered before a later one has shown that there is none.
  if (listed === undefined && id !== undefined && !isUnknown(id))
    throw new MasterKeyError(
      'something names a master key that was not there when the keys were last looked at',
    );
  if (listed === undefined || listed.state === 'RETIRED') return undefined;
  const key = here.get(listed.id);
  if (key === undefined) throw new MasterKeyError(describeMissing(listed.id));
  return key;
}

function noFirst(stateDirectory: string): string {
  return `${stateDirectory} has no master.key; copy it from the state directory of a control plane that uses this database`;
}
