import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GATEWAY_AUDIENCE,
  type IdentityProvider,
  startIdentityProvider,
} from '../../cli/commands/dev/identity-provider.ts';
import { requestToken } from '../../cli/commands/dev/request-token.ts';
import { freePort } from '../../program/free-port.ts';
import { JOIN_TOKEN, PlaneServer } from '../data-plane/control/plane-server.ts';
import { PROVIDER_KEY, type Provider, startProvider } from '../env/provider.ts';
import { until } from '../env/until.ts';
import { MARKER } from './caller.ts';
import { type PlaneProcess, startPlane } from './plane.ts';

/** What a plane needs around it, light enough to start it often: no MongoDB, all in this process. */
export class World {
  readonly directory: string;
  readonly identity: IdentityProvider;
  readonly provider: Provider;
  readonly server = new PlaneServer();
  /** Where the plane listens. */
  readonly planeUrl: string;

  private constructor(directory: string, identity: IdentityProvider, provider: Provider, planeUrl: string) {
    this.directory = directory;
    this.identity = identity;
    this.provider = provider;
    this.planeUrl = planeUrl;
  }

  static async start(): Promise<World> {
    const directory = await mkdtemp(join(tmpdir(), 'sworn-crash-'));
    const identity = await startIdentityProvider({ directory: join(directory, 'identity'), port: 0 });
    const planeUrl = `http://127.0.0.1:${await freePort()}`;
    const world = new World(directory, identity, await startProvider(), planeUrl);
    await world.server.start();
    world.server.publish(world.server.sign(snapshotFor(identity.issuer, world.provider.baseUrl)));
    return world;
  }

  /** Starts the plane; resolves when it is ready. */
  startPlane(
    more: readonly string[] = [],
    stateDirectory = join(this.directory, 'plane'),
  ): Promise<PlaneProcess> {
    return startPlane({
      url: this.planeUrl,
      args: ['--control-plane', this.server.url.href, '--state-directory', stateDirectory, ...more],
      joinToken: JOIN_TOKEN,
    });
  }

  /** Of somebody who may ask. */
  token(): Promise<string> {
    const wish = { user: 'clinician', groups: [], audience: GATEWAY_AUDIENCE };
    return requestToken(this.identity.issuer, this.identity.secret, wish);
  }

  /** What the plane says of itself. */
  async health(): Promise<Health> {
    const response = await fetch(`${this.planeUrl}/healthz/ready`);
    return (await response.json()) as Health;
  }

  /** Resolves when the control plane has all records. */
  async untilHandedIn(): Promise<void> {
    await until('everything being handed in', async () => (await this.health()).spoolDepth === 0);
  }

  /** The marker of every request that the provider saw, in order. */
  get upstream(): string[] {
    return this.provider.seen.map(({ body }) => MARKER.exec(body)?.[0] ?? '');
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.provider.close();
    await this.identity.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A configuration with which everybody may ask. */
export function snapshotFor(issuerUrl: string, baseUrl: string) {
  const rules = [{ name: 'all', action: { case: 'allow' as const, value: {} } }];
  return {
    epoch: 'crash',
    revision: 1n,
    policies: [{ name: 'policies/all', spec: { groups: ['*'], models: ['*'], rules } }],
    issuers: [{ name: 'issuers/test', spec: { issuerUrl, gatewayAudiences: [GATEWAY_AUDIENCE] } }],
    upstreams: [{ name: 'upstreams/test', credential: PROVIDER_KEY, spec: { baseUrl, isDefault: true } }],
    maskingKey: randomBytes(32),
  };
}

interface Health {
  readonly ok: boolean;
  readonly spoolDepth: number;
  readonly recording: boolean;
  readonly lowSpace: boolean;
  readonly spoolReadable: boolean;
  readonly suspendedEpochs: number;
}
