import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { errors, Provider } from 'oidc-provider';
import { isEqual } from '../../../program/equal.ts';
import { createMemoryAdapter } from './memory-adapter.ts';
import { DEVICE_PAGES, grantAll, serveSignIn, signInUrl } from './sign-in.ts';
import { groupsOf } from './users.ts';

/** The embedded OpenID provider: a real one, for development and tests. It believes whoever asks. */
export interface IdentityProvider {
  /** The `iss` of its tokens and the base of its discovery document. */
  readonly issuer: string;
  /** With it `requestToken` may name any user; never leaves the machine. */
  readonly secret: string;
  close(): Promise<void>;
}

/** The audience of tokens that applications present to a data plane. */
export const GATEWAY_AUDIENCE = 'sworn-gateway';
/** The audience of tokens that people present to the control plane. */
export const CONTROL_PLANE_AUDIENCE = 'sworn-control-plane';
/** The client of `sworn login`. */
const CLI_CLIENT = 'sworn-cli';
/** The client of `sworn dev token`. */
export const DEV_CLIENT = 'sworn-dev';
/** A grant of our own: a token for any user, for whoever has the secret in the state directory. */
export const DEV_GRANT = 'urn:sworn:params:oauth:grant-type:dev-user';

const TOKEN_LIFETIME_S = 15 * 60;
const MAX_TOKEN_LIFETIME_S = 24 * 60 * 60;
/** How long somebody may take to sign in. */
const SIGN_IN_LIFETIME_S = 10 * 60;
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * Starts the provider on loopback. Keys and secret are kept in the directory (0600), so that tokens survive a
 * restart. `port` 0 takes a free one.
 */
export async function startIdentityProvider(options: {
  readonly directory: string;
  readonly port: number;
}): Promise<IdentityProvider> {
  const { key, secret } = readKeys(options.directory);
  // The issuer holds the port, so the server must listen before the provider is made.
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = createProvider(issuer, key, secret);
  const serve = provider.callback();
  server.on('request', (request, response) => {
    if (!serveSignIn(provider, request, response)) serve(request, response);
  });
  return {
    issuer,
    secret,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function createProvider(issuer: string, key: Record<string, unknown>, secret: string): Provider {
  const provider = new Provider(issuer, {
    adapter: createMemoryAdapter(),
    jwks: { keys: [key] },
    interactions: { url: (_ctx, interaction) => signInUrl(interaction.uid) },
    loadExistingGrant: grantAll,
    clients: [
      {
        client_id: CLI_CLIENT,
        client_name: 'Sworn command line',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        grant_types: [DEVICE_GRANT, 'refresh_token'],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: DEV_CLIENT,
        client_secret: secret,
        grant_types: [DEV_GRANT],
        redirect_uris: [],
        response_types: [],
      },
    ],
    cookies: { keys: [secret] },
    claims: { openid: ['sub'], email: ['email'], groups: ['groups'] },
    scopes: ['openid', 'offline_access', 'email', 'groups'],
    ttl: {
      AccessToken: TOKEN_LIFETIME_S,
      RefreshToken: MAX_TOKEN_LIFETIME_S,
      DeviceCode: SIGN_IN_LIFETIME_S,
      Interaction: SIGN_IN_LIFETIME_S,
      Session: MAX_TOKEN_LIFETIME_S,
      IdToken: TOKEN_LIFETIME_S,
      Grant: MAX_TOKEN_LIFETIME_S,
    },
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    features: {
      devInteractions: { enabled: false },
      deviceFlow: { enabled: true, ...DEVICE_PAGES },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:sworn:control-plane',
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          const audience = Object.hasOwn(RESOURCES, resource) ? RESOURCES[resource] : undefined;
          if (audience === undefined) throw new errors.InvalidTarget();
          return resourceServer(audience);
        },
      },
    },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, ...claimsOf(sub, []) }) }),
    extraTokenClaims: (ctx, token) => {
      const asked = ctx.oidc.params?.['groups'];
      const groups = typeof asked === 'string' && asked !== '' ? asked.split(' ') : [];
      return 'accountId' in token ? claimsOf(String(token.accountId), groups) : undefined;
    },
  });
  registerDevGrant(provider, secret);
  return provider;
}

/** RFC 8707 resource indicators, and the audiences that tokens for them have. */
const RESOURCES: Readonly<Record<string, string>> = {
  'urn:sworn:control-plane': CONTROL_PLANE_AUDIENCE,
  'urn:sworn:gateway': GATEWAY_AUDIENCE,
};

/** How access tokens for an audience are made: as JWTs (RFC 9068). */
function resourceServer(audience: string) {
  return {
    scope: 'openid email groups',
    audience,
    accessTokenFormat: 'jwt' as const,
    accessTokenTTL: TOKEN_LIFETIME_S,
    jwt: { sign: { alg: 'RS256' as const } },
  };
}

function claimsOf(user: string, groups: readonly string[]) {
  return { email: `${user}@sworn.example`, groups: groups.length > 0 ? [...groups] : groupsOf(user) };
}

function registerDevGrant(provider: Provider, secret: string): void {
  const parameters = ['user', 'groups', 'audience', 'lifetime'];
  const handler: Parameters<Provider['registerGrantType']>[1] = async (ctx) => {
    const { client, params } = ctx.oidc;
    const user = String(params?.['user'] ?? '');
    const audience = String(params?.['audience'] ?? GATEWAY_AUDIENCE);
    const lifetime = Number(params?.['lifetime'] ?? TOKEN_LIFETIME_S);
    if (client?.clientId !== DEV_CLIENT || !isEqual(client.clientSecret ?? '', secret) || user === '') {
      ctx.status = 400;
      ctx.body = { error: 'invalid_request', error_description: 'user is missing' };
      return;
    }
    const expiresIn = Math.min(Math.max(lifetime, 1), MAX_TOKEN_LIFETIME_S);
    const properties = { accountId: user, client, expiresIn, scope: 'openid email groups' };
    const token = new provider.AccessToken(properties as never);
    token.resourceServer = new provider.ResourceServer(`urn:sworn:dev:${audience}`, resourceServer(audience));
    ctx.body = { access_token: await token.save(), token_type: 'Bearer', expires_in: expiresIn };
  };
  provider.registerGrantType(DEV_GRANT, handler, parameters);
}

/** The signing key and the secret of a directory; made on the first call. */
function readKeys(directory: string): { key: Record<string, unknown>; secret: string } {
  const file = join(directory, 'keys.json');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = {
    ...privateKey.export({ format: 'jwk' }),
    kid: randomBytes(8).toString('hex'),
    use: 'sig',
    alg: 'RS256',
  };
  const keys = { key, secret: randomBytes(32).toString('base64url') };
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}
