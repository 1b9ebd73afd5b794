import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { CommandFailure } from '../failure.ts';

const RETRY_MS = 50;
/** Several commands may stand before this one, each with a renewal of its own (RENEWAL_TIMEOUT_S in issuer.ts). */
const LONGEST_WAIT_MS = 300_000;
/** https://sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

/**
 * Runs `action` while no other process of this user does: many issuers revoke a whole login when one refresh token is
 * used twice (RFC 9700 section 4.14.2), which two commands in a pipeline would otherwise do.
 *
 * The lock is the operating system's, on an empty database, since Node reaches such locks through SQLite alone: it goes
 * with the process, however that ends, so that nobody has to guess whether its holder still lives. The file stays.
 */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const file = open(path);
  try {
    const deadline = Date.now() + LONGEST_WAIT_MS;
    while (!takes(file, path)) {
      if (Date.now() > deadline) {
        throw new CommandFailure(`another command still holds ${path}`, {
          code: 'logins_locked',
          hint: 'end the other sworn command that logs in, or wait for it',
        });
      }
      await wait(RETRY_MS);
    }
    return await action();
  } finally {
    file.close();
  }
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw unusable(path, error);
  }
}

function takes(file: DatabaseSync, path: string): boolean {
  try {
    // Nothing is ever written: a journal beside it would be one more file.
    file.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false;
    throw unusable(path, error);
  }
}

function unusable(path: string, cause: unknown): CommandFailure {
  return new CommandFailure(`cannot lock ${path}`, {
    hint: 'it has to be a file of yours that you may write: look at it and its directory, and remove it',
    cause,
  });
}
