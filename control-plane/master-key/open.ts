import { stat } from 'node:fs/promises';
import { v7 as uuidv7 } from 'uuid';
import { createLogger } from '../../program/log.ts';
import type { ControlPlaneSettings } from '../config/settings.ts';
import { openEvidenceKeys } from '../evidence-key/open.ts';
import { openDatabase } from '../storage/database.ts';
import { requireMigrated } from '../storage/migrations/migrate.ts';
import { openRosterMemory } from '../storage/roster/roster-memory.ts';
import { openMasterKeys } from '../storage/sealing/master-keys.ts';
import { readStoreTime } from '../storage/store-time.ts';
import { MasterKeyRefusal, type Operation } from './operation.ts';

/**
 * Runs a command of master keys beside the control plane of a state directory, which may run, or not.
 * @throws MasterKeyRefusal where this is no such directory, or another user's
 * @throws StoreError where the database is of another version
 */
export async function withOperation<T>(
  settings: ControlPlaneSettings,
  means: Pick<Operation, 'say' | 'signal' | 'graceMs'>,
  run: (operation: Operation) => Promise<T>,
): Promise<T> {
  const { stateDirectory, mongodbUri: uri, mongodbDatabase: name } = settings;
  await requireOwner(stateDirectory);
  const masterKeys = await openMasterKeys(stateDirectory);
  const logger = createLogger('master-key', 'silent');
  const { seal } = masterKeys;
  const memory = await openRosterMemory(stateDirectory);
  const beforeTransaction = (): Promise<void> => masterKeys.freshen(database);
  const database = await openDatabase({ uri, name, logger, seal, memory, beforeTransaction });
  try {
    await database.ping();
    await requireMigrated(database.db);
    const context = {
      settings,
      database,
      seal,
      evidenceKeys: openEvidenceKeys(settings, true, logger),
      logger,
      now: () => new Date(),
      storeTime: () => readStoreTime(database),
      shutdown: means.signal,
      replica: uuidv7(),
    };
    return await run({ context, masterKeys, ...means });
  } finally {
    await database.close();
  }
}

/** A file that another user makes is one that the control plane cannot read. */
async function requireOwner(stateDirectory: string): Promise<void> {
  const found = await stat(stateDirectory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined)
    throw new MasterKeyRefusal(
      `there is no ${stateDirectory}; give the state directory of a control plane (--state-directory)`,
    );
  const uid = process.getuid?.();
  if (uid !== undefined && found.uid !== uid)
    throw new MasterKeyRefusal(
      `${stateDirectory} belongs to another user (${found.uid}); run this as the user that the control plane runs as`,
    );
}
