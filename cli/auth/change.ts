import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withLock } from './lock.ts';
import { type Logins, readLogins, writeLogins } from './store.ts';

/**
 * Changes the file of logins while no other command does. `change` gets what stands there now and returns what
 * shall; the same object leaves the file alone.
 */
export async function changeLogins(
  path: string,
  change: (logins: Logins) => Promise<Logins> | Logins,
): Promise<Logins> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return withLock(`${path}.lock`, async () => {
    const before = await readLogins(path);
    const after = await change(before);
    if (after !== before) await writeLogins(path, after);
    return after;
  });
}
