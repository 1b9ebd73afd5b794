import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DescService } from '@bufbuild/protobuf';
import { type Client, createClient } from '@connectrpc/connect';
import OpenAI from 'openai';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import {
  CONTROL_PLANE_AUDIENCE,
  GATEWAY_AUDIENCE,
  type IdentityProvider,
  startIdentityProvider,
} from '../../cli/commands/dev/identity-provider.ts';
import { requestToken } from '../../cli/commands/dev/request-token.ts';
import { type Connection, connect } from '../../cli/connect/transport.ts';
import { freePort } from '../../program/free-port.ts';
import { createHome, type Home, type Run, type Running } from '../cli/env/sworn.ts';
import { openTestMongo, type TestMongo } from './mongo.ts';
import { type Provider, startProvider } from './provider.ts';
import { until } from './until.ts';

/** What the programs need around them, and the programs as processes of their own. */
export class Programs {
  readonly root: string;
  readonly provider: Provider;
  readonly identity: IdentityProvider;
  readonly home: Home = createHome();
  /** Where the control plane is to listen; a test may turn it into https. */
  controlUrl: string;
  /** Where the data plane is to listen. */
  planeUrl: string;
  readonly #mongo: TestMongo;
  readonly #started: Running[] = [];
  readonly #connections: Connection[] = [];
  readonly #over = new AbortController();

  private constructor(root: string, provider: Provider, identity: IdentityProvider, mongo: TestMongo) {
    this.root = root;
    this.provider = provider;
    this.identity = identity;
    this.#mongo = mongo;
    this.controlUrl = '';
    this.planeUrl = '';
  }

  /** Starts MongoDB, an identity provider and an AI provider; no program yet. */
  static async prepare(): Promise<Programs> {
    const root = await mkdtemp(join(tmpdir(), 'sworn-programs-'));
    const identity = await startIdentityProvider({ directory: join(root, 'identity-provider'), port: 0 });
    // The scenarios stop it.
    const mongo = await openTestMongo({ own: true });
    const programs = new Programs(root, await startProvider(), identity, mongo);
    programs.controlUrl = `http://127.0.0.1:${await freePort()}`;
    programs.planeUrl = `http://127.0.0.1:${await freePort()}`;
    return programs;
  }

  get mongodbUri(): string {
    return this.#mongo.uri;
  }

  stopMongo(): Promise<void> {
    return this.#mongo.stop();
  }

  startMongo(): Promise<void> {
    return this.#mongo.start();
  }

  /** Starts `sworn` with these words; resolves once it says that it serves, or what `seen` is. */
  async start(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    seen = '"msg":"serving"',
  ): Promise<Running> {
    const running = this.home.start(args, { env });
    this.#started.push(running);
    await running.sees(seen);
    return running;
  }

  /** Starts the data plane in its place; resolves once it is ready. */
  async startPlane(more: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Running> {
    const place = ['--listen', new URL(this.planeUrl).host, '--state-directory', join(this.root, 'plane')];
    const plane = await this.start(
      ['data-plane', '--control-plane', this.controlUrl, ...place, ...more],
      env,
    );
    // What the certificate of a plane with TLS is worth is for the test to see.
    if (this.planeUrl.startsWith('http:'))
      await until('the plane ready', async () => (await probe(this.planeUrl, 'ready')) === 200);
    return plane;
  }

  /** Runs the command line as this user to its end. */
  async sworn(user: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
    const token = await this.token(user, CONTROL_PLANE_AUDIENCE);
    return this.home.run(args, {
      env: { SWORN_CONTROL_PLANE: this.controlUrl, SWORN_TOKEN: token, ...env },
    });
  }

  token(user: string, audience: string = GATEWAY_AUDIENCE): Promise<string> {
    return requestToken(this.identity.issuer, this.identity.secret, { user, groups: [], audience });
  }

  /** A stock client of a clinician, without retries. */
  openai(): OpenAI {
    return new OpenAI({
      baseURL: `${this.planeUrl}/v1`,
      apiKey: () => this.token('clinician'),
      maxRetries: 0,
    });
  }

  /** A client of the control plane as this user. */
  api<S extends DescService>(service: S, user: string): Client<S> {
    const token = () => this.token(user, CONTROL_PLANE_AUDIENCE);
    const connection = connect({ url: this.controlUrl, ca: undefined, token, signal: this.#over.signal });
    this.#connections.push(connection);
    return createClient(service, connection.transport);
  }

  /** The exchange as it is on record now: no waiting. */
  async exchange(id: string | null | undefined): Promise<Exchange | undefined> {
    const audit = this.api(AuditService, 'auditor');
    return (await audit.getExchange({ name: `exchanges/${id}` })).exchange;
  }

  /** Ends everything; a program that does not end at the first signal does at the second. */
  async close(): Promise<void> {
    this.#over.abort();
    for (const connection of this.#connections) connection.close();
    for (const running of this.#started) await signalUntilEnd(running);
    await this.identity.close();
    await this.#mongo.close();
    await this.provider.close();
    this.home.remove();
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Sends SIGTERM again and again until the program has ended. */
export async function signalUntilEnd({ child }: Running): Promise<void> {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  await until('the end of a program', () => {
    if (!hasEnded()) child.kill('SIGTERM');
    return hasEnded();
  });
}

/** The status of a health probe; 0 when nobody answers. */
export async function probe(url: string, which: string): Promise<number> {
  return fetch(`${url}/healthz/${which}`).then(
    ({ status }) => status,
    () => 0,
  );
}
