import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { replaceFile } from '../../program/replace-file.ts';
import { CommandFailure, EXIT } from '../failure.ts';

const OTHERS_MODE = 0o077;

/** How a token is renewed; absent for a token that was handed in with `login --token`. */
export interface Renewal {
  readonly issuer: string;
  readonly clientId: string;
  readonly refreshToken: string;
  /** The RFC 8707 resource, and the audience, that were asked for at login; empty for none. */
  readonly resource: string;
  readonly audience: string;
}

/** What one login left for one control plane. */
export interface Login {
  readonly accessToken: string;
  /** Milliseconds since the epoch; undefined when the issuer did not say. */
  readonly expiresAtMs: number | undefined;
  readonly renewal: Renewal | undefined;
}

/** All logins, by the URL of the control plane that they are for, and the one that is used by default. */
export interface Logins {
  readonly current: string | undefined;
  readonly logins: Readonly<Record<string, Login>>;
}

const NO_LOGINS: Logins = { current: undefined, logins: {} };

/** The file of logins, under the XDG configuration directory (https://specifications.freedesktop.org/basedir-spec). */
export function loginsPath(env: NodeJS.ProcessEnv): string {
  const configured = env['XDG_CONFIG_HOME'] ?? '';
  const base = isAbsolute(configured) ? configured : join(homedir(), '.config');
  return join(base, 'sworn', 'credentials.json');
}

/** Reads the logins. Throws a CommandFailure when the file is unreadable, damaged, or open to other users. */
export async function readLogins(path: string): Promise<Logins> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & OTHERS_MODE) !== 0) {
      throw new CommandFailure(`${path} holds tokens and other users can read it`, {
        exitCode: EXIT.unauthenticated,
        code: 'credentials_exposed',
        hint: `chmod 600 ${path}`,
      });
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    if (isMissing(error)) return NO_LOGINS;
    throw new CommandFailure(`cannot read ${path}: ${String((error as Error).message)}`, { cause: error });
  }
  return parseLogins(text, path);
}

/** Replaces the file of logins, 0600, in one step: a reader sees the old one or the new one. Its folder is there. */
export async function writeLogins(path: string, logins: Logins): Promise<void> {
  await replaceFile(path, `${JSON.stringify(logins, undefined, 2)}\n`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function parseLogins(text: string, path: string): Logins {
  try {
    const value: unknown = JSON.parse(text);
    const current = field(value, 'current');
    const logins = Object.entries(field(value, 'logins') ?? {}).map(([url, login]): [string, Login] => [
      url,
      parseLogin(login),
    ]);
    return { current: typeof current === 'string' ? current : undefined, logins: Object.fromEntries(logins) };
  } catch (error) {
    throw new CommandFailure(`${path} is damaged`, {
      exitCode: EXIT.unauthenticated,
      code: 'credentials_damaged',
      hint: `remove it and run 'sworn login' again`,
      cause: error,
    });
  }
}

function parseLogin(value: unknown): Login {
  const expiresAtMs = field(value, 'expiresAtMs');
  const renewal = field(value, 'renewal');
  return {
    accessToken: text(value, 'accessToken'),
    expiresAtMs: typeof expiresAtMs === 'number' ? expiresAtMs : undefined,
    renewal:
      renewal === undefined
        ? undefined
        : {
            issuer: text(renewal, 'issuer'),
            clientId: text(renewal, 'clientId'),
            refreshToken: text(renewal, 'refreshToken'),
            resource: text(renewal, 'resource'),
            audience: text(renewal, 'audience'),
          },
  };
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object');
  return (value as Record<string, unknown>)[key];
}

function text(value: unknown, key: string): string {
  const found = field(value, key);
  if (typeof found !== 'string') throw new TypeError(`${key} is not a string`);
  return found;
}
