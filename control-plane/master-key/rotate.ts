import { recordActions } from '../audit/actions.ts';
import type { ClientSession } from '../storage/database.ts';
import { listAlive } from '../storage/replicas.ts';
import { currentOf, holdRing, type Ring, type RingKey, storeRing } from '../storage/sealing/ring.ts';
import {
  describe,
  lookAtKeys,
  masterKeyName,
  type Operation,
  resealAll,
  waitFor,
  waitForReplicas,
} from './operation.ts';

/** What a rotation came to. */
export interface Rotated {
  /** The id of the key in force. */
  readonly current: string;
  /** Ids of those on which nothing hangs any more, and which can be retired. */
  readonly old: readonly string[];
  /** What was altered before, and does not count. */
  readonly passedOver: readonly string[];
}

/**
 * Makes a new master key, waits until every replica that runs has it, puts it in force and seals everything anew. One that was
 * interrupted, wherever that was, goes on: there is one rotation at a time, which is over when the older keys are retired.
 * @throws MasterKeyRefusal a key is not here
 */
export async function rotateMasterKey(operation: Operation): Promise<Rotated> {
  const { masterKeys, say } = operation;
  await lookAtKeys(operation);
  const isUnderWay = masterKeys.ring.keys.some(({ state }) => state === 'NEW' || state === 'OLD');
  if (isUnderWay) say('going on with the rotation that is under way');
  else await makeKey(operation);
  await lookAtKeys(operation);
  const made = masterKeys.ring.keys.find(({ state }) => state === 'NEW');
  if (made !== undefined) await putInForce(operation, made.id);
  await waitForReplicas(operation);
  const passedOver = await resealAll(operation);
  const old = masterKeys.ring.keys.filter(({ state }) => state === 'OLD').map(({ id }) => id);
  return { current: currentOf(masterKeys.ring).id, old, passedOver };
}

/** Its file is durable before anybody is told of it. */
async function makeKey(operation: Operation): Promise<void> {
  const { context, masterKeys, say } = operation;
  const { id } = await masterKeys.files.create();
  const createTime = await context.storeTime();
  const isFirst = await change(operation, 'masterKey.create', id, (ring) => {
    // Somebody else began one meanwhile.
    if (ring.keys.some(({ state }) => state === 'NEW' || state === 'OLD')) return undefined;
    return { ...ring, keys: [...ring.keys, { id, state: 'NEW', createTime }] };
  });
  if (isFirst) say(`made master key ${id}: ${masterKeys.files.pathOf(id)}`);
  else await masterKeys.files.remove(id);
}

async function putInForce(operation: Operation, id: string): Promise<void> {
  const { context, masterKeys, say } = operation;
  const path = masterKeys.files.pathOf(id);
  await waitFor(operation, async () => {
    const useTime = await context.storeTime();
    let lacking = '';
    await change(operation, 'masterKey.rotate', id, async (ring, session) => {
      // Somebody else was faster, or has retired it.
      if (!ring.keys.some((key) => key.id === id && key.state === 'NEW')) return undefined;
      const late = (await listAlive(context.database.db, session)).filter(
        ({ masterKeys: ids }) => !ids.includes(id),
      );
      lacking = describe(late);
      if (late.length > 0) return undefined;
      return { ...ring, keys: ring.keys.map((key) => advance(key, id, useTime)) };
    });
    if (lacking === '') return undefined;
    return `waiting for ${lacking} to have it: copy ${path} into master-keys/ of its state directory, for its user alone (0600)`;
  });
  await masterKeys.look(context.database);
  say(`master key ${currentOf(masterKeys.ring).id} is current`);
}

function advance(key: RingKey, id: string, useTime: Date): RingKey {
  if (key.id === id) return { ...key, state: 'CURRENT', useTime };
  return key.state === 'CURRENT' ? { ...key, state: 'OLD' } : key;
}

/**
 * Changes the ring, and records it, in one transaction.
 * @param next the ring as it is to be; undefined where nothing is to be changed
 * @returns whether it was changed
 */
export async function change(
  { context, masterKeys }: Operation,
  action: 'masterKey.create' | 'masterKey.rotate' | 'masterKey.retire',
  id: string,
  next: (ring: Ring, session: ClientSession) => Ring | undefined | Promise<Ring | undefined>,
): Promise<boolean> {
  const { database } = context;
  return await database.transaction(async (session) => {
    const ring = await masterKeys.read(database, session);
    const changed = await next(ring, session);
    if (changed === undefined) return false;
    holdRing(database.memory, session, changed);
    const current = await masterKeys.require(currentOf(changed).id);
    await storeRing(database.db, session, current, changed);
    await recordActions(context, session, [{ caller: undefined, action, resource: masterKeyName(id) }]);
    return true;
  });
}
