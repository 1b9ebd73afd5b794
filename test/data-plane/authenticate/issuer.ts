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

interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly alg: string;
  readonly kid: string;
}

/** An OpenID provider as a gateway sees it: a discovery document and a key set over real HTTP. */
export class TestIssuer {
  readonly keys: SigningKey[] = [];
  /** How often the key set was fetched. */
  fetches = 0;
  /** Answers the key set instead, for faults. */
  answer: ((response: ServerResponse) => void) | undefined;
  /** Changes the discovery document. */
  discovery: Record<string, unknown> = {};
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      if (request.url === '/.well-known/openid-configuration') {
        response.end(JSON.stringify({ issuer: this.url, jwks_uri: `${this.url}/jwks`, ...this.discovery }));
        return;
      }
      this.fetches += 1;
      if (this.answer !== undefined && request.url === '/jwks') return this.answer(response);
      response.end(JSON.stringify({ keys: this.keys.map(({ jwk }) => jwk) }));
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(this.#port, '127.0.0.1', resolve);
    await promise;
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    this.#server?.closeAllConnections();
    await closed;
  }

  async addKey(alg = 'RS256', kid = `key-${this.keys.length + 1}`): Promise<SigningKey> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const key = { privateKey, alg, kid, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
    this.keys.push(key);
    return key;
  }

  /** A good token, with changes to its claims, its header or its key. */
  token(
    claims: Record<string, unknown> = {},
    header: Partial<JWTHeaderParameters> = {},
    key: SigningKey | undefined = this.keys[0],
  ): Promise<string> {
    if (key === undefined) throw new Error('the issuer has no key');
    const nowS = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: this.url,
      sub: 'ana',
      aud: 'sworn-gateway',
      iat: nowS,
      exp: nowS + 300,
      email: 'ana@clinic.example',
      groups: ['physicians'],
      azp: 'notes-app',
      ...claims,
    })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
      .sign(key.privateKey);
  }

  /** This issuer as a snapshot has it. */
  trusted(spec: MessageInitShape<typeof IssuerSpecSchema> = {}): Issuer {
    return create(IssuerSchema, {
      name: 'issuers/test',
      spec: { issuerUrl: this.url, gatewayAudiences: ['sworn-gateway'], ...spec },
    });
  }
}
