import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';
import { type Issuer, IssuerSchema, type IssuerSpecSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';

export interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly alg: string;
  readonly kid: string;
}

/** An OpenID provider as who verifies tokens sees it: a discovery document and a key set over real HTTP. */
export class TestIssuer {
  /** The published keys; the first one signs. */
  readonly keys: SigningKey[] = [];
  /** How often discovery was asked for. */
  fetches = 0;
  /** Answers both documents instead, for faults. */
  answer: ((path: string, response: ServerResponse) => void) | undefined;
  /** Changes the discovery document. */
  discovery: Record<string, unknown> = {};
  readonly #server: Server;
  #kids = 0;

  constructor() {
    this.#server = createServer(({ url: path = '' }, response) => {
      const isDiscovery = path === '/.well-known/openid-configuration';
      if (isDiscovery) this.fetches += 1;
      if (this.answer !== undefined) this.answer(path, response);
      else if (isDiscovery) response.end(JSON.stringify(this.document));
      else response.end(JSON.stringify({ keys: this.keys.map(({ jwk }) => jwk) }));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The discovery document. */
  get document(): object {
    return { issuer: this.url, jwks_uri: `${this.url}/jwks`, ...this.discovery };
  }

  /** The key that signs. */
  get key(): SigningKey {
    const [key] = this.keys;
    if (key === undefined) throw new Error('the issuer has no key');
    return key;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Publishes one more key. */
  async addKey(alg: string): Promise<SigningKey> {
    this.#kids += 1;
    const key = await makeKey(alg, `key-${this.#kids}`);
    this.keys.push(key);
    return key;
  }

  /** Withdraws all keys and publishes a new one. */
  rotate(alg: string): Promise<SigningKey> {
    this.keys.length = 0;
    return this.addKey(alg);
  }

  /** A token that is right for both planes, with changes to its claims, its header or its key. */
  token(
    claims: Record<string, unknown> = {},
    header: Partial<JWTHeaderParameters> = {},
    key = this.key,
  ): Promise<string> {
    const nowS = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: this.url,
      sub: 'alice',
      aud: ['sworn-gateway', 'sworn-control-plane'],
      iat: nowS,
      exp: nowS + 300,
      ...claims,
    })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
      .sign(key.privateKey);
  }

  /** This issuer as a plane trusts it. */
  trusted(spec: MessageInitShape<typeof IssuerSpecSchema> = {}): Issuer {
    return create(IssuerSchema, {
      name: 'issuers/test',
      spec: {
        issuerUrl: this.url,
        gatewayAudiences: ['sworn-gateway'],
        controlPlaneAudiences: ['sworn-control-plane'],
        ...spec,
      },
    });
  }
}

/** Starts an issuer with one key. */
export async function startIssuer(alg = 'ES256'): Promise<TestIssuer> {
  const issuer = new TestIssuer();
  await issuer.listen();
  await issuer.addKey(alg);
  return issuer;
}

/** A key that nobody has published. */
export async function makeKey(alg: string, kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, alg, kid, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}
