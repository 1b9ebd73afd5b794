import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { CommandFailure } from '../failure.ts';

const RETRY_MS = 50;
/** Longer than a renewal can take (RENEWAL_TIMEOUT_S in issuer.ts): an older lock was left by a process that died. */
const ABANDONED_AFTER_MS = 60_000;

/**
 * Runs `action` while no other process of this user does: many issuers revoke a whole login when one refresh token is
 * used twice (RFC 9700 section 4.14.2), which two commands in a pipeline would otherwise do.
 */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + ABANDONED_AFTER_MS + RETRY_MS;
  for (;;) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    if (Date.now() > deadline) {
      throw new CommandFailure(`another command holds ${path}`, { hint: `rm ${path}` });
    }
    await removeAbandoned(path);
    await wait(RETRY_MS);
  }
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function removeAbandoned(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
}
