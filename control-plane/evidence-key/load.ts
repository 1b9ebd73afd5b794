import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import {
  evidenceKeyName,
  findEvidenceKey,
  insertEvidenceKey,
  listEvidenceKeys,
} from '../storage/configuration/evidence-keys.ts';
import { isDuplicateKey } from '../storage/database.ts';
import { StoreError } from '../storage/error.ts';

const MAX_KEYS = 1_000;

/**
 * Makes the first evidence key where the store has none, and makes sure that this replica has the private part of the one
 * in force: what planes seal to it would be sealed to nobody. Older ones that are not here are said in the log.
 * @throws StoreError the key in force is not here
 * @throws EvidenceKeyError the keys' protector does not give them
 */
export async function loadEvidenceKeys(context: Context): Promise<void> {
  const { database, evidenceKeys, logger } = context;
  if ((await findEvidenceKey(database)) === undefined) await makeFirst(context);
  const here = new Set((await evidenceKeys.list()).map(({ id }) => id));
  const [current, ...older] = await listEvidenceKeys(database, MAX_KEYS);
  if (current !== undefined && !here.has(current.id)) {
    throw new StoreError(
      `evidence key ${current.id} is not in ${evidenceKeys.place}; copy the folder from the state directory of a control ` +
        'plane that uses this database, or from its backup',
    );
  }
  for (const { id } of older.filter((key) => !here.has(key.id))) {
    logger.error(
      { event: 'evidence_key_missing', evidenceKey: id },
      'what is sealed to this key cannot be opened',
    );
  }
}

/** A key that is here already and was never in force is taken before a new one is made. */
async function makeFirst(context: Context): Promise<void> {
  const { database, evidenceKeys, now } = context;
  const known = await evidenceKeys.list();
  const key = known.at(-1) ?? (await evidenceKeys.create(now()));
  const change = {
    caller: undefined,
    action: 'evidenceKey.create' as const,
    resource: evidenceKeyName(key.id),
  };
  try {
    await applyChange(context, change, (session) =>
      insertEvidenceKey(database, { ...key, ordinal: 1 }, session),
    );
  } catch (error) {
    // Another replica was first, with a key of its own: that one has to be copied here.
    if (!isDuplicateKey(error)) throw error;
  }
}
