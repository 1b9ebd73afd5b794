import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type JWK, type JWTPayload, SignJWT } from 'jose';

/** How the issuer answers. */
export type Behaviour =
  | 'right'
  | 'down'
  | 'huge'
  | 'redirect'
  | 'wrong issuer'
  | 'silent'
  | 'plain http keys';

/** An OpenID provider reduced to discovery and keys, on a real socket. */
export interface TestIssuer {
  readonly url: string;
  behaviour: Behaviour;
  /** Requests for discovery documents so far. */
  readonly discoveries: number;
  /** Publishes a new key and signs with it from now on; `keep` leaves the old ones published. */
  rotate(alg: 'RS256' | 'ES256' | 'EdDSA', keep?: boolean): Promise<void>;
  /** The key that signs now. */
  readonly key: {
    readonly kid: string;
    readonly alg: string;
    readonly privateKey: KeyObject;
    readonly publicKey: KeyObject;
  };
  /** A token that is right but for what is given. */
  token(claims?: JWTPayload, header?: { kid?: string; typ?: string }): Promise<string>;
  close(): Promise<void>;
}

/** Starts an issuer with an ES256 key. */
export async function startIssuer(): Promise<TestIssuer> {
  const published: JWK[] = [];
  let discoveries = 0;
  let key: TestIssuer['key'] | undefined;
  const server = createServer((request, response) => answer(request.url ?? '', response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function answer(path: string, response: ServerResponse): void {
    if (path === '/.well-known/openid-configuration') discoveries += 1;
    const keys = path.endsWith('/keys');
    switch (issuer.behaviour) {
      case 'silent':
        return;
      case 'down':
        return void response.writeHead(503).end();
      case 'redirect':
        if (path.startsWith('/moved')) break;
        return void response.writeHead(302, { location: `/moved${path}` }).end();
      default:
    }
    // It reaches this server, but its name is not a loopback host's.
    const host =
      issuer.behaviour === 'plain http keys' ? url.replace('127.0.0.1', '[::ffff:127.0.0.1]') : url;
    const padding = issuer.behaviour === 'huge' ? 'x'.repeat(600_000) : undefined;
    const named = issuer.behaviour === 'wrong issuer' ? `${url}/other` : url;
    const document = keys ? { keys: published } : { issuer: named, jwks_uri: `${host}/keys`, padding };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  }

  const signing = (): TestIssuer['key'] => {
    if (key === undefined) throw new Error('no key yet');
    return key;
  };
  const issuer: TestIssuer = {
    url,
    behaviour: 'right',
    get discoveries() {
      return discoveries;
    },
    get key() {
      return signing();
    },
    async rotate(alg, keep = true) {
      const pair = makePair(alg);
      const kid = `key-${published.length + 1}-${Date.now()}`;
      if (!keep) published.length = 0;
      published.push({ ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' });
      key = { kid, alg, ...pair };
    },
    async token(claims = {}, header = {}) {
      const { kid, alg, privateKey } = signing();
      const nowS = Math.floor(Date.now() / 1000);
      const base = { iss: url, sub: 'alice', aud: 'sworn-control-plane', iat: nowS, exp: nowS + 300 };
      return new SignJWT({ ...base, ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await issuer.rotate('ES256');
  return issuer;
}

function makePair(alg: 'RS256' | 'ES256' | 'EdDSA'): { publicKey: KeyObject; privateKey: KeyObject } {
  switch (alg) {
    case 'RS256':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'EdDSA':
      return generateKeyPairSync('ed25519');
  }
}
