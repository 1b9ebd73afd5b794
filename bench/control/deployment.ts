import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DescService } from '@bufbuild/protobuf';
import { type Client, createClient } from '@connectrpc/connect';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { configure } from '../../cli/commands/dev/configure.ts';
import {
  CONTROL_PLANE_AUDIENCE,
  GATEWAY_AUDIENCE,
  startIdentityProvider,
} from '../../cli/commands/dev/identity-provider.ts';
import { requestToken } from '../../cli/commands/dev/request-token.ts';
import { connect } from '../../cli/connect/transport.ts';
import { startEmbeddedMongo } from '../../control-plane/storage/embedded/embedded.ts';
import { PROVIDER_KEY, type Provider, startProvider } from '../../test/env/provider.ts';
import { startProgram, stopProgram } from '../process.ts';

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 50;
const TOKEN_LIFETIME_S = 60 * 60;

/** "bulk" waits for the privacy office; everything else that clinicians ask goes on. */
const POLICY = `
apiVersion: sworn/v1
kind: Policy
name: clinicians
spec:
  groups: [clinicians]
  patterns: { bulk: '(?i)\\bbulk\\b' }
  rules:
    - name: bulk
      when: patterns.bulk
      requireApproval: { reviewers: [privacy-office], expires: 30m }
    - name: ordinary
      allow: {}
`;

/** MongoDB, two replicas of the control plane and two planes, each a process of its own, and what is around them. */
export interface Deployment {
  /** A plane on each replica; base URLs without `/v1`. */
  readonly planes: readonly string[];
  readonly provider: Provider;
  /** A client of a replica, as this user. */
  api<S extends DescService>(service: S, user: string, replica: number): Client<S>;
  /** A token for planes, of somebody in the group `clinicians`. */
  token(user: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts all of it in a directory. */
export async function startDeployment(directory: string): Promise<Deployment> {
  const ends: (() => Promise<unknown>)[] = [];
  const over = new AbortController();
  const close = async () => {
    over.abort();
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const mongo = await startEmbeddedMongo({
      directory: join(directory, 'mongodb'),
      progress: () => undefined,
    });
    ends.push(() => mongo.stop());
    const identity = await startIdentityProvider({ directory: join(directory, 'identity'), port: 0 });
    ends.push(() => identity.close());
    const provider = await startProvider();
    ends.push(() => provider.close());
    const begin = async (program: string, state: string, ...words: string[]) => {
      const started = await startProgram(program, [
        ...['--listen', '127.0.0.1:0', '--state-directory', join(directory, state), ...words],
      ]);
      ends.push(() => stopProgram(started.child));
      return started.url;
    };
    const control = ['--mongodb-uri', mongo.uri, '--issuer', identity.issuer];
    const replicas = [await begin('control-plane', 'control-0', ...control)];
    // Replicas have the same keys.
    cpSync(join(directory, 'control-0'), join(directory, 'control-1'), { recursive: true });
    replicas.push(await begin('control-plane', 'control-1', ...control));

    const tokenOf = (user: string, audience: string, groups: readonly string[] = []) =>
      requestToken(identity.issuer, identity.secret, { user, groups, audience, lifetimeS: TOKEN_LIFETIME_S });
    const people = new Map<string, Promise<string>>();
    const personOf = (user: string) => {
      const token = people.get(user) ?? tokenOf(user, CONTROL_PLANE_AUDIENCE);
      people.set(user, token);
      return token;
    };
    const api: Deployment['api'] = (service, user, replica) => {
      const url = replicas[replica] ?? '';
      const token = () => personOf(user);
      return createClient(service, connect({ url, ca: undefined, token, signal: over.signal }).transport);
    };
    const upstream = { baseUrl: provider.baseUrl, credential: PROVIDER_KEY };
    await configure(replicas[0] ?? '', () => personOf('admin'), { upstream, policies: [POLICY] });
    const planes: string[] = [];
    for (const [index, replica] of replicas.entries()) {
      const admin = api(PlaneService, 'admin', index);
      const { joinToken } = await admin.createJoinToken({ displayName: `bench ${index}` });
      const words = ['--control-plane', replica, '--join-token', joinToken];
      const plane = await begin('data-plane', `plane-${index}`, ...words);
      await untilReady(plane);
      planes.push(plane);
    }
    return { planes, provider, api, token: (user) => tokenOf(user, GATEWAY_AUDIENCE, ['clinicians']), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function untilReady(plane: string): Promise<void> {
  const endMs = performance.now() + READY_TIMEOUT_MS;
  while (!(await fetch(`${plane}/healthz/ready`)).ok) {
    if (performance.now() > endMs) throw new Error(`${plane} is not ready`);
    await sleep(READY_POLL_MS);
  }
}
