import { isLoopback } from '#core/endpoint/read.ts';
import { loginsPath, readLogins } from '../auth/store.ts';
import { usageFailure } from '../failure.ts';

/** Where a control plane listens when its settings say nothing. */
export const DEFAULT_CONTROL_PLANE = 'http://127.0.0.1:8480';

/**
 * The URL of the control plane: the one given (`--control-plane`, `SWORN_CONTROL_PLANE`), or that of the last login,
 * or the default. Refuses plain HTTP off this machine, which would show the token to the network.
 */
export async function controlPlaneUrl(
  given: string | undefined,
  allowPlaintext: boolean,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const typed = given ?? (await readLogins(loginsPath(env))).current ?? DEFAULT_CONTROL_PLANE;
  const url = URL.parse(typed);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw usageFailure(
      `the control plane '${typed}' is not an http or https URL`,
      `--control-plane ${DEFAULT_CONTROL_PLANE}`,
    );
  }
  // An empty query as well: what is put behind the URL would become it.
  if (url.username !== '' || url.password !== '' || /[?#]/.test(url.href)) {
    throw usageFailure('the control plane URL may have no user, query or fragment');
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowPlaintext) {
    throw usageFailure(
      `plain HTTP to ${url.host} would show your token to the network`,
      'use https, or set SWORN_ALLOW_PLAINTEXT=true where the network is safe',
    );
  }
  return url.href.replace(/\/+$/, '');
}
