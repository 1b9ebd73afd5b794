import { randomBytes } from 'node:crypto';
import type { Context } from '../context.ts';
import { findMaskingKey, insertMaskingKey } from '../storage/configuration/masking-keys.ts';

/** What the key is sealed as. */
export const MASKING_KEY_CONTEXT = 'maskingKeys/planes key';
const KEY_BYTES = 32;

/**
 * Loads the key that planes mask with. The first replica makes it; it lies sealed in the store and leaves the control
 * plane in snapshots only, so that every plane makes the same token of a value and nobody else can.
 * @throws SealError when this replica has another master key than the one that made it
 */
export async function loadMaskingKey(context: Context): Promise<Uint8Array> {
  const sealed = (await findMaskingKey(context.database)) ?? (await makeKey(context));
  return context.seal.open(sealed, MASKING_KEY_CONTEXT);
}

async function makeKey({ database, seal, now }: Context): Promise<Uint8Array> {
  const sealed = seal.seal(randomBytes(KEY_BYTES), MASKING_KEY_CONTEXT);
  if (await insertMaskingKey(database, sealed, now())) return sealed;
  const first = await findMaskingKey(database);
  if (first === undefined) throw new Error('the masking key of another replica is gone');
  return first;
}
