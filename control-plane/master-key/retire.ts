import { currentOf } from '../storage/sealing/ring.ts';
import { MasterKeyRefusal, type Operation, resealAll, waitFor, waitForReplicas } from './operation.ts';
import { change } from './rotate.ts';

/**
 * So long after another key was put in force nothing is committed any more that was sealed with the one before: a replica looks every
 * ten seconds at least, and MongoDB ends a transaction after a minute (master-keys.ts).
 */
const SETTLE_MS = 90_000;

/**
 * Retires a master key once nothing hangs on it: what is still sealed with it is sealed anew first, for which it has to be here. From
 * then on nothing that it sealed opens, and no MAC of it counts.
 * @param settleMs how long ago the key in force has to have been put in force
 * @returns what was altered before, and does not count
 * @throws MasterKeyRefusal there is no such key, or it is in force
 * @throws MasterKeyError it is not here, and something still hangs on it
 */
export async function retireMasterKey(
  operation: Operation,
  id: string,
  settleMs: number = SETTLE_MS,
): Promise<readonly string[]> {
  const { context, masterKeys } = operation;
  await masterKeys.look(context.database);
  const { ring } = masterKeys;
  const key = ring.keys.find((listed) => listed.id === id);
  if (key === undefined)
    throw new MasterKeyRefusal(`there is no master key ${id}; see: sworn master-key list`);
  if (key.state === 'RETIRED') return [];
  if (key.state === 'CURRENT')
    throw new MasterKeyRefusal(
      `master key ${id} is in force; make another one first: sworn master-key rotate`,
    );
  // Nothing was ever sealed with one that waits.
  if (key.state === 'NEW') {
    await setRetired(operation, id);
    return [];
  }
  await waitForReplicas(operation);
  const usedMs = currentOf(ring).useTime?.getTime() ?? 0;
  await waitFor(operation, async () => {
    const leftMs = usedMs + settleMs - (await context.storeTime()).getTime();
    return leftMs > 0 ? 'waiting until nothing can be stored any more that was sealed before' : undefined;
  });
  const passedOver = await resealAll(operation);
  await setRetired(operation, id);
  return passedOver;
}

async function setRetired(operation: Operation, id: string): Promise<void> {
  const { context, masterKeys } = operation;
  const retireTime = await context.storeTime();
  await change(operation, 'masterKey.retire', id, ({ keys, ...ring }) => {
    const isDue = keys.some((key) => key.id === id && (key.state === 'NEW' || key.state === 'OLD'));
    if (!isDue) return undefined;
    return {
      ...ring,
      keys: keys.map((key) => (key.id === id ? { ...key, state: 'RETIRED', retireTime } : key)),
    };
  });
  await masterKeys.look(context.database);
}
