import type { Context } from '../context.ts';
import type { StoredEvidenceKey } from '../storage/configuration/evidence-keys.ts';
import type { EvidenceKey } from './provider.ts';

/**
 * The key that planes seal to: the newest of the store whose private part is here. Whoever can write to MongoDB could enter
 * one of their own there, and read what planes seal to it; so what the store says of a key counts only as far as this
 * replica has the same. Undefined where it has none of them.
 * @param stored newest first
 */
export async function chooseEvidenceKey(
  { evidenceKeys, logger }: Pick<Context, 'evidenceKeys' | 'logger'>,
  stored: readonly StoredEvidenceKey[],
): Promise<EvidenceKey | undefined> {
  if (stored.length === 0) return undefined;
  const here = new Map((await evidenceKeys.list()).map((key) => [key.id, key]));
  for (const { id, publicKey } of stored) {
    const own = here.get(id);
    if (own !== undefined && Buffer.compare(own.publicKey, publicKey) === 0) return own;
    logger.error(
      { event: 'evidence_key_foreign', evidenceKey: id },
      'the store has an evidence key whose private part is not here; planes do not get it from this replica',
    );
  }
  return undefined;
}
