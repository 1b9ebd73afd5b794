import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { ControlPlaneSettings } from '../../../control-plane/config/settings.ts';
import { startControlPlane } from '../../../control-plane/start.ts';
import { startEmbeddedMongo } from '../../../control-plane/storage/embedded/embedded.ts';
import type { DataPlaneSettings } from '../../../data-plane/config/settings.ts';
import { type DataPlane, startDataPlane } from '../../../data-plane/start.ts';
import { freePort } from '../../../program/free-port.ts';
import { fileFailure } from '../../failure.ts';
import { configure, createJoinToken } from './configure.ts';
import {
  CONTROL_PLANE_AUDIENCE,
  GATEWAY_AUDIENCE,
  type IdentityProvider,
  startIdentityProvider,
} from './identity-provider.ts';
import { requestToken, type TokenWish } from './request-token.ts';
import { controlPlaneSettings, dataPlaneSettings } from './settings.ts';

/** What a stack is made of. */
export interface StackOptions {
  /** Data, keys and state; kept. Starting on it again continues. */
  readonly directory: string;
  /** The one provider: its base URL (`https://api.openai.com/v1`) and key. */
  readonly upstream: { readonly baseUrl: string; readonly credential: string };
  /** Policy documents (YAML) that are applied at the start. */
  readonly policies: readonly string[];
  /** Ports to take where they are free; any free ones when absent. */
  readonly ports?: {
    readonly dataPlane: number;
    readonly controlPlane: number;
    readonly identityProvider: number;
  };
  /** Where the plane's and the control plane's defaults do not fit. */
  readonly dataPlane?: Partial<DataPlaneSettings>;
  readonly controlPlane?: Partial<ControlPlaneSettings>;
  readonly logger: Logger;
  /** Ends the start between two parts. */
  readonly signal?: AbortSignal;
  /** Told what is being started. */
  readonly progress: (line: string) => void;
}

/** The whole of Sworn in this process, but for mongod. */
export interface Stack {
  /** Where its data is. */
  readonly directory: string;
  readonly mongodbUri: string;
  readonly issuer: string;
  readonly controlPlaneUrl: string;
  /** Without `/v1`. */
  readonly dataPlaneUrl: string;
  /** `planes/{id}`. */
  readonly plane: string;
  /** What an OpenAI client takes as its base URL. */
  readonly openaiBaseUrl: string;
  /** A fresh token of the embedded provider. */
  token(wish: Partial<TokenWish> & { readonly user: string }): Promise<string>;
  /** Stops the control plane and, later, starts it again in its old place. */
  stopControlPlane(): Promise<void>;
  startControlPlane(): Promise<void>;
  /** Stops the data plane and, later, starts it again in its old place. */
  stopDataPlane(): Promise<void>;
  startDataPlane(): Promise<void>;
  /** Ends MongoDB and starts it again on the same port. Only when the stack has its own. */
  stopMongo(): Promise<void>;
  startMongo(): Promise<void>;
  /** Drains and ends everything; the data stays. */
  close(): Promise<void>;
}

/**
 * Starts MongoDB (unless SWORN_MONGODB_URI names one), the identity provider, the control plane and one data
 * plane on loopback. Whatever was started is ended when a later part fails.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { directory, logger } = options;
  const progress = (line: string) => {
    options.signal?.throwIfAborted();
    options.progress(line);
  };
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw fileFailure(`keep anything in --directory ${directory}`, error);
  });
  const ends: (() => Promise<void>)[] = [];
  const endAll = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    progress('starting MongoDB');
    const mongo = await startMongo(directory, options.progress);
    ends.push(() => mongo.stop());

    progress('starting the identity provider');
    const identity = await startIdentityProvider({
      directory: join(directory, 'identity-provider'),
      port: await freePort(options.ports?.identityProvider),
    });
    ends.push(() => identity.close());

    progress('starting the control plane');
    const controlPort = await freePort(options.ports?.controlPlane);
    const controlSettings = {
      ...controlPlaneSettings(directory, mongo.uri, identity.issuer, controlPort),
      ...options.controlPlane,
    };
    let control = await startControlPlane(controlSettings, { logger, isDevelopment: true });
    ends.push(() => control.close());

    const token = tokenMaker(identity);
    const admin = () => token({ user: 'admin', groups: [], audience: CONTROL_PLANE_AUDIENCE });
    await configure(control.url, admin, options);

    progress('starting the data plane');
    const planePort = await freePort(options.ports?.dataPlane);
    const joinToken = await createJoinToken(control.url, admin, directory);
    const planeSettings = {
      ...dataPlaneSettings(directory, control.url, planePort, joinToken),
      ...options.dataPlane,
    };
    let plane: DataPlane = await startDataPlane(planeSettings, { logger });
    ends.push(() => plane.close());
    await untilReady(plane.url);
    options.signal?.throwIfAborted();

    return {
      directory,
      mongodbUri: mongo.uri,
      issuer: identity.issuer,
      controlPlaneUrl: control.url,
      dataPlaneUrl: plane.url,
      plane: plane.name,
      openaiBaseUrl: `${plane.url}/v1`,
      token: (wish) => token({ groups: [], audience: GATEWAY_AUDIENCE, ...wish }),
      stopControlPlane: () => control.close(),
      startControlPlane: async () => {
        control = await startControlPlane(controlSettings, { logger, isDevelopment: true });
      },
      stopDataPlane: () => plane.close(),
      startDataPlane: async () => {
        plane = await startDataPlane({ ...planeSettings, joinToken: undefined }, { logger });
        await untilReady(plane.url);
      },
      stopMongo: () => mongo.stop(),
      startMongo: () => mongo.start(),
      close: endAll,
    };
  } catch (error) {
    await endAll();
    throw error;
  }
}

function tokenMaker(identity: IdentityProvider): (wish: TokenWish) => Promise<string> {
  return (wish) => requestToken(identity.issuer, identity.secret, wish);
}

interface Mongo {
  readonly uri: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

async function startMongo(directory: string, progress: (line: string) => void): Promise<Mongo> {
  const given = process.env['SWORN_MONGODB_URI'];
  if (given !== undefined && given !== '') {
    return { uri: given, start: async () => {}, stop: async () => {} };
  }
  const start = () => startEmbeddedMongo({ directory: join(directory, 'mongodb'), progress });
  let mongo = await start();
  return {
    uri: mongo.uri,
    start: async () => {
      mongo = await start();
    },
    stop: () => mongo.stop(),
  };
}

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 20;

/** Resolves when the plane has its configuration. */
async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const { ok } = await fetch(`${url}/healthz/ready`);
    if (ok) return;
    if (performance.now() > deadline)
      throw new Error('the data plane got no configuration from the control plane');
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}
