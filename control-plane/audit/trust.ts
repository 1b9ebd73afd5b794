import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { replaceHead } from '../storage/configuration/heads.ts';
import { renewRoster } from '../storage/roster/renew-roster.ts';
import type { MasterKeys } from '../storage/sealing/master-keys.ts';
import { currentOf, holdRing, storeRing } from '../storage/sealing/ring.ts';
import { ROSTERS } from '../storage/sealing/sealing.ts';
import { recordAction } from './actions.ts';

/** What the operator puts into the state directory; it is taken away once it was followed. */
const FILE_NAME = 'configuration.trust';

/** Whether the operator of this control plane wants the configuration of the database to be trusted as it stands, once. */
export async function isToTrust(stateDirectory: string): Promise<boolean> {
  const found = await stat(join(stateDirectory, FILE_NAME)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return found !== undefined;
}

/**
 * Trusts the configuration of the database as it stands, and records it as `configuration.trust`: what is there has to be there from
 * now on, and planes get it as newer than all they got. What has no MAC that fits still does not count.
 */
export async function trustDatabase(context: Context): Promise<void> {
  const { database, logger, now, settings } = context;
  const counts = await database.transaction(async (session) => {
    await replaceHead(database, session, now());
    const found: Record<string, number> = {};
    for (const name of ROSTERS) found[name] = await renewRoster(database, session, name);
    await recordAction(context, session, {
      caller: undefined,
      action: 'configuration.trust',
      resource: 'rosters',
    });
    return found;
  });
  await rm(join(settings.stateDirectory, FILE_NAME), { force: true });
  const about = { event: 'configuration_trusted', ...counts };
  logger.warn(about, 'what the database has was taken as it stands, as its operator wants');
}

/** Stores the ring of master keys that was made where that of the database could not be taken: other control planes go on with it. */
export async function trustMasterKeys({ database }: Context, masterKeys: MasterKeys): Promise<void> {
  const { ring } = masterKeys;
  if (ring.generation === 0) return;
  const current = await masterKeys.require(currentOf(ring).id);
  await database.transaction(async (session) => {
    holdRing(database.memory, session, ring);
    await storeRing(database.db, session, current, ring);
  });
}
