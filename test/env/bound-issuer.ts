import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTlsServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Provider } from 'oidc-provider';
import { createMemoryAdapter } from '../../cli/commands/dev/memory-adapter.ts';
import { type DpopKey, makeProof } from '../../examples/dpop/sworn-dpop.ts';
import type { Tls } from '../../program/transport.ts';
import type { Authority } from './authority.ts';

const AUDIENCE = 'sworn-gateway';
const RESOURCE = 'urn:sworn:gateway';
const SECRET = 'a secret of the tests';
const BOUND_CLIENT = 'bound-by-certificate';
const CLIENT = 'bound-by-key';

/** A real OpenID provider whose tokens are bound to keys or certificates; each is of a service in the group `clinicians`. */
export interface BoundIssuer {
  readonly url: string;
  /** What a client asks its token endpoint, to have one that is bound to its key. */
  readonly dpopForm: Readonly<Record<string, string>>;
  /** A token by client credentials with a DPoP proof; a bearer token without a key. */
  dpopToken(key?: DpopKey): Promise<string>;
  /** A token by client credentials over mutual TLS. */
  certificateToken(client: Tls): Promise<string>;
  close(): Promise<void>;
}

/** Starts the provider on loopback: in the clear, and with mutual TLS. */
export async function startBoundIssuer(authority: Authority): Promise<BoundIssuer> {
  const plain = createServer();
  const tls = await authority.issueServer();
  const secure = createTlsServer({ ...tls, ca: authority.certificate, requestCert: true });
  for (const server of [plain, secure]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  const portOf = (server: typeof plain | typeof secure) => (server.address() as AddressInfo).port;
  const url = `http://127.0.0.1:${portOf(plain)}`;
  const serve = createProvider(url).callback();
  plain.on('request', serve);
  secure.on('request', serve);

  return {
    url,
    dpopForm: Object.fromEntries(form(CLIENT)),
    dpopToken: async (key) => {
      const endpoint = `${url}/token`;
      const proof = key && { dpop: await makeProof(key, 'POST', endpoint) };
      const response = await fetch(endpoint, { method: 'POST', headers: { ...proof }, body: form(CLIENT) });
      return readToken(await response.json());
    },
    certificateToken: (client) =>
      new Promise((resolve, reject) => {
        const options = {
          ...client,
          ca: authority.certificate,
          port: portOf(secure),
          host: '127.0.0.1',
          path: '/token',
          method: 'POST',
          agent: false,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        } as const;
        const asking = request(options, async (response) => {
          let text = '';
          for await (const piece of response) text += piece;
          resolve(readToken(JSON.parse(text)));
        });
        asking.on('error', reject).end(form(BOUND_CLIENT).toString());
      }),
    close: async () => {
      for (const server of [plain, secure]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}

function form(client: string): URLSearchParams {
  const credentials = { client_id: client, client_secret: SECRET };
  return new URLSearchParams({ grant_type: 'client_credentials', resource: RESOURCE, ...credentials });
}

function readToken(answer: unknown): string {
  const { access_token: token } = answer as { access_token?: string };
  if (token === undefined) throw new Error(`no token: ${JSON.stringify(answer)}`);
  return token;
}

function createProvider(issuer: string): Provider {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const client = (id: string, isBound: boolean) => ({
    client_id: id,
    client_secret: SECRET,
    token_endpoint_auth_method: 'client_secret_post' as const,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    tls_client_certificate_bound_access_tokens: isBound,
  });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'bound', use: 'sig', alg: 'RS256' }] },
    clients: [client(CLIENT, false), client(BOUND_CLIENT, true)],
    adapter: createMemoryAdapter(),
    ttl: { ClientCredentials: 300 },
    extraTokenClaims: () => ({ groups: ['clinicians'] }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        getCertificate: (ctx) => (ctx.socket as TLSSocket).getPeerX509Certificate?.()?.toString(),
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          scope: '',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt' as const,
          jwt: { sign: { alg: 'RS256' as const } },
        }),
      },
    },
  });
  return provider;
}
