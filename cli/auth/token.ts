import { CommandFailure, EXIT } from '../failure.ts';
import { changeLogins } from './change.ts';
import { type Login, loginsPath, readLogins } from './store.ts';

/** Renewed this long before it runs out, so that it does not run out on the way. */
const RENEW_BEFORE_MS = 60_000;

/** Where a token may come from, besides the file of logins. */
export interface TokenSources {
  /** `--token`, or else `SWORN_TOKEN`; undefined when neither is given. */
  readonly given: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The access token for a control plane: the one given, or that of the login, renewed when it is about to run out.
 * Throws a CommandFailure with exit code 4 when there is none. A login's token goes only to its own control plane.
 */
export async function accessToken(controlPlane: string, sources: TokenSources): Promise<string> {
  if (sources.given !== undefined) return sources.given;
  const path = loginsPath(sources.env);
  const login = (await readLogins(path)).logins[controlPlane];
  if (login === undefined)
    throw notLoggedIn(controlPlane, 'not_logged_in', `you are not logged in to ${controlPlane}`);
  if (isFresh(login)) return login.accessToken;
  const renewed = await changeLogins(path, async (logins) => {
    // Looked at again: the command that held the lock before may have renewed it.
    const found = logins.logins[controlPlane];
    if (found !== undefined && isFresh(found)) return logins;
    if (found?.renewal === undefined) {
      throw notLoggedIn(controlPlane, 'login_expired', `your login to ${controlPlane} has run out`);
    }
    // Loaded only here: most commands never talk to the issuer.
    const { renewLogin } = await import('./issuer.ts');
    const next = await renewLogin(found.renewal);
    return { ...logins, logins: { ...logins.logins, [controlPlane]: next } };
  });
  return renewed.logins[controlPlane]?.accessToken ?? '';
}

function isFresh(login: Login): boolean {
  return login.expiresAtMs === undefined || login.expiresAtMs - Date.now() > RENEW_BEFORE_MS;
}

function notLoggedIn(controlPlane: string, code: string, message: string): CommandFailure {
  return new CommandFailure(message, {
    exitCode: EXIT.unauthenticated,
    code,
    // Of one that has run out the issuer is known.
    hint: `sworn login --control-plane ${controlPlane}${code === 'not_logged_in' ? ' --issuer URL' : ''}`,
  });
}
