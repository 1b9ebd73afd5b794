import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { ControlPlaneSettings } from '../../../control-plane/config/settings.ts';
import { withOperation } from '../../../control-plane/master-key/open.ts';
import type { Operation } from '../../../control-plane/master-key/operation.ts';
import { type ControlPlane, startControlPlane } from '../../../control-plane/start.ts';
import { openTestMongo, type TestMongo } from '../../env/mongo.ts';
import { copyState } from '../../env/state.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';
import { defaults } from '../log/env.ts';

/** A database with control planes on it, each on a state directory of its own, and the operator's commands beside them. */
export interface Deployment {
  readonly mongo: TestMongo;
  /** Of its admins, reviewers and auditors. */
  readonly issuer: TestIssuer;
  /** What control planes have logged. */
  readonly logs: string[];
  /** Starts a control plane on the state directory of this name; the second and later ones have what the first had. */
  start(name: string): Promise<ControlPlane>;
  /** The state directory of this name. */
  directory(name: string): string;
  /** Copies the files of master keys from one state directory to another, as an operator does. */
  copyKeys(from: string, to: string): Promise<void>;
  /** Copies one file. */
  copyFile(from: string, to: string, file: string): Promise<void>;
  /** A state directory that begins as a copy of another one. */
  copy(from: string, name: string): Promise<void>;
  settings(name: string): ControlPlaneSettings;
  /** Runs a command of master keys on the state directory of this name. */
  operate<T>(
    name: string,
    run: (operation: Operation) => Promise<T>,
    means?: Partial<Pick<Operation, 'say' | 'signal'>>,
  ): Promise<T>;
  close(): Promise<void>;
}

/** Nobody reads what is said on the way, and tests that wait for it need not. */
const GRACE_MS = 100;

/** An empty one. */
export async function openDeployment(): Promise<Deployment> {
  const root = await mkdtemp(join(tmpdir(), 'sworn-master-key-'));
  const mongo = await openTestMongo();
  const mongodbDatabase = mongo.newDatabase();
  const issuer = await startIssuer();
  const logs: string[] = [];
  const logger = pino({}, { write: (line: string) => void logs.push(line) });
  const started: ControlPlane[] = [];
  const directory = (name: string): string => join(root, name);
  const settings = (name: string): ControlPlaneSettings => ({
    ...defaults(),
    mongodbUri: mongo.uri,
    mongodbDatabase,
    stateDirectory: directory(name),
    listen: { host: '127.0.0.1', port: 0 },
    issuer: issuer.url,
  });
  return {
    mongo,
    issuer,
    logs,
    directory,
    settings,
    async start(name) {
      const plane = await startControlPlane(settings(name), { logger, isDevelopment: true });
      started.push(plane);
      return plane;
    },
    copyKeys: (from, to) =>
      cp(join(directory(from), 'master-keys'), join(directory(to), 'master-keys'), { recursive: true }),
    copyFile: (from, to, file) => cp(join(directory(from), file), join(directory(to), file)),
    copy: async (from, name) => void (await copyState(directory(from), name)),
    operate: (name, run, { say = () => undefined, signal = new AbortController().signal } = {}) =>
      withOperation(settings(name), { say, signal, graceMs: GRACE_MS }, run),
    async close() {
      for (const plane of started) await plane.close();
      await issuer.close();
      await mongo.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
