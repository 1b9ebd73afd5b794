import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { EMPTY_ROOT, equalBytes } from '#core/evidence/merkle/hash.ts';
import { createNoteKey, formatNoteKey, type NoteKey } from '#core/evidence/note/key.ts';
import type { Signer } from '#core/evidence/signature/ed25519.ts';
import { loadKeyFile } from '../../program/key-file.ts';
import type { Context } from '../context.ts';
import { StoreError } from '../storage/error.ts';
import { findLog, insertLog, type LogState } from '../storage/log/log.ts';
import { SEALED_RECORDS } from '../storage/migrations/0019-seal-records.ts';
import { ALL_SEALED } from '../storage/migrations/0021-seal-receipt.ts';
import { markAllUnlogged } from '../storage/record/writers.ts';
import { type Memory, openMemory } from './memory.ts';
import { readPublished } from './published.ts';
import { type CheckpointSigner, createCheckpointSigner } from './signer.ts';
import { tileReader } from './tree.ts';

const KEY_FILE = 'log.key';

/** The log as a running control plane has it. */
export interface Log {
  readonly origin: string;
  /** The key that checkpoints are verified with. */
  readonly key: NoteKey;
  readonly signer: CheckpointSigner;
}

/**
 * Opens the log of this database, making it at the first start: its key in the state directory, its name from the
 * settings or a new one.
 * @throws StoreError when the database has a log of another key or name than this control plane, or the state directory
 *   remembers another log
 */
export async function openLog(context: Context): Promise<Log> {
  const { database, logger, settings } = context;
  const signer = await loadKeyFile(join(settings.stateDirectory, KEY_FILE));
  const memory = openMemory(settings.stateDirectory, signer.publicKey);
  const { origin, publicKey } = await findOrMake(context, signer, memory);
  if (!equalBytes(publicKey, signer.publicKey)) throw wrongKey(context);
  const key = createNoteKey(origin, publicKey);
  const remembered = await memory.read();
  if (remembered !== undefined && remembered.origin !== origin)
    throw wrongLog(context, remembered.origin, origin);
  const published = remembered === undefined ? await readPublished(database, key) : undefined;
  if (published !== undefined) {
    logger.warn(
      { event: 'log_memory_absent', origin, size: published.size },
      'this state directory remembers no checkpoint: the newest one in the database is taken for the last that was signed',
    );
  }
  const read = tileReader(database);
  const checkpoints = await createCheckpointSigner({ origin, signer, memory, published, read });
  logger.info({ origin, vkey: formatNoteKey(key) }, 'the log is open');
  return { origin, key, signer: checkpoints };
}

/** A database without a log gets one; where this state directory signed one before, under its name. */
async function findOrMake(context: Context, signer: Signer, memory: Memory): Promise<LogState> {
  const { database, now, settings } = context;
  const found = await findLog(database);
  if (found === undefined) {
    const origin = (await memory.read())?.origin ?? settings.logOrigin ?? `sworn-log/${randomUUID()}`;
    // Before the log is there: a crash between the two leaves nothing out.
    await markAllUnlogged(database);
    const log = { origin, publicKey: signer.publicKey, head: { size: 0, root: EMPTY_ROOT } };
    await insertLog(database, log, now());
  }
  // From now on none is taken as it stands.
  await database.transaction(
    async (session) => void database.memory.see(session, SEALED_RECORDS, ALL_SEALED),
  );
  const log = found ?? (await findLog(database));
  if (log === undefined) throw new Error('the log that was made is gone');
  if (settings.logOrigin !== undefined && settings.logOrigin !== log.origin) {
    throw new StoreError(
      `the log of the database ${settings.mongodbDatabase} is called ${log.origin}, not ${settings.logOrigin} as ` +
        'logOrigin says; a log keeps its name',
    );
  }
  return log;
}

function wrongKey({ settings }: Context): StoreError {
  return new StoreError(
    `the log of the database ${settings.mongodbDatabase} is signed with another key than the one in ` +
      `${settings.stateDirectory}; copy ${KEY_FILE} from the state directory of a control plane that uses this database`,
  );
}

function wrongLog({ settings }: Context, remembered: string, origin: string): StoreError {
  return new StoreError(
    `${settings.stateDirectory} signed the log ${remembered}, and the database ${settings.mongodbDatabase} has another ` +
      `one, ${origin}; use the state directory or the database that belongs with the other`,
  );
}
