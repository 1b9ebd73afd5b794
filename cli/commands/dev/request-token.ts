import { DEV_CLIENT, DEV_GRANT } from './identity-provider.ts';

/** Whose token is asked for. */
export interface TokenWish {
  readonly user: string;
  /** The user's own groups when empty. */
  readonly groups: readonly string[];
  readonly audience: string;
  /** Seconds; the provider's default when absent. */
  readonly lifetimeS?: number;
}

const TIMEOUT_MS = 10_000;

/** A fresh access token of the embedded provider. Throws when it does not answer or refuses. */
export async function requestToken(issuer: string, secret: string, wish: TokenWish): Promise<string> {
  const body = new URLSearchParams({
    grant_type: DEV_GRANT,
    client_id: DEV_CLIENT,
    client_secret: secret,
    user: wish.user,
    groups: wish.groups.join(' '),
    audience: wish.audience,
  });
  if (wish.lifetimeS !== undefined) body.set('lifetime', String(wish.lifetimeS));
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = (await response.json()) as { access_token?: string; error_description?: string };
  if (!response.ok || answer.access_token === undefined) {
    throw new Error(`the identity provider refused: ${answer.error_description ?? response.status}`);
  }
  return answer.access_token;
}
