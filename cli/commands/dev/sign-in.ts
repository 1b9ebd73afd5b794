import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { DEV_USERS } from './users.ts';

/** Where the provider sends a browser that has to sign in. */
export function signInUrl(uid: string): string {
  return `/sign-in/${uid}`;
}

/** Serves the sign-in page: one button a user, no password. True when the request was for it. */
export function serveSignIn(provider: Provider, request: IncomingMessage, response: ServerResponse): boolean {
  const url = new URL(request.url ?? '/', provider.issuer);
  if (!url.pathname.startsWith('/sign-in/')) return false;
  const user = url.searchParams.get('user');
  const finished =
    request.method === 'POST' && user !== null && Object.hasOwn(DEV_USERS, user)
      ? // A native client's sign-in has to say that consent was given too, or the provider asks for ever.
        provider.interactionFinished(request, response, { login: { accountId: user }, consent: {} })
      : showUsers(response, url.pathname);
  finished.catch(() => {
    response.writeHead(400, { 'content-type': 'text/plain' }).end('This sign-in has expired. Start again.\n');
  });
  return true;
}

async function showUsers(response: ServerResponse, path: string): Promise<void> {
  const buttons = Object.entries(DEV_USERS).map(
    ([user, groups]) =>
      `<p><button formaction="${path}?user=${user}">${user}</button> ${groups.join(', ')}</p>`,
  );
  const text = '<p>The embedded provider of <code>sworn dev</code> asks for no password.</p>';
  const body = page('Who are you?', `${text}<form method="post">${buttons.join('\n')}</form>`);
  response
    .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    .end(body);
}

/** Grants what a signed-in user's client asks for, without a page of its own. */
export async function grantAll(ctx: KoaContextWithOIDC) {
  const { client, session, params, provider, resourceServers } = ctx.oidc;
  if (client === undefined || session?.accountId === undefined) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(String(params?.['scope'] ?? 'openid'));
  for (const [resource, { scope }] of Object.entries(resourceServers ?? {}))
    grant.addResourceScope(resource, scope);
  await grant.save();
  return grant;
}

/** The pages of the device flow (RFC 8628): type the code, confirm it, done. */
export const DEVICE_PAGES = {
  userCodeInputSource: (ctx: KoaContextWithOIDC, form: string, _out: unknown, error: unknown) => {
    const words =
      error === undefined ? 'Type the code that the terminal shows.' : 'There is no such code any more.';
    ctx.body = page('Log in', `<p>${words}</p>${form}<button form="op.deviceInputForm">Go on</button>`);
  },
  userCodeConfirmSource: (
    ctx: KoaContextWithOIDC,
    form: string,
    _client: unknown,
    _info: unknown,
    code: string,
  ) => {
    const words = `<p>Does your terminal show <code>${code}</code>?</p>`;
    ctx.body = page('Log in', `${words}${form}<button form="op.deviceConfirmForm">It does</button>`);
  },
  successSource: (ctx: KoaContextWithOIDC) => {
    ctx.body = page('Logged in', '<p>Go back to the terminal.</p>');
  },
};

function page(title: string, body: string): string {
  return `<!doctype html><title>Sworn development sign-in</title>
<style>body{font:16px sans-serif;max-width:32em;margin:4em auto}button{font:inherit;min-width:8em}</style>
<h1>${title}</h1>${body}\n`;
}
