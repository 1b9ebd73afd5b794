import { hostname } from 'node:os';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { parsePolicies } from '#core/policy/parse.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { Authentication } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { isEnrolled } from '../../../data-plane/control/identity.ts';
import { explainFailure } from '../../connect/explain.ts';
import { type Connection, connect } from '../../connect/transport.ts';
import { planeDirectory } from './settings.ts';

const UPSTREAM_ID = 'default';

/** Writes, as an admin would by the API, the upstream and the policies of a stack. */
export async function configure(
  url: string,
  token: () => Promise<string>,
  wanted: {
    readonly upstream: { readonly baseUrl: string; readonly credential: string };
    readonly policies: readonly string[];
  },
): Promise<void> {
  await withConnection(url, token, async ({ transport }) => {
    const upstreams = createClient(UpstreamService, transport);
    const { baseUrl, credential } = wanted.upstream;
    const authentication = credential === '' ? Authentication.NONE : Authentication.UNSPECIFIED;
    const spec = { baseUrl, authentication };
    try {
      await upstreams.createUpstream({
        upstreamId: UPSTREAM_ID,
        upstream: { spec },
        credential,
      });
    } catch (error) {
      if (!(error instanceof ConnectError && error.code === Code.AlreadyExists)) throw error;
      // What else somebody has set, such as prices, stays: the provider of a script has another port at each start.
      const updateMask = { paths: ['spec.base_url', 'spec.authentication'] };
      const upstream = { name: `upstreams/${UPSTREAM_ID}`, spec };
      await upstreams.updateUpstream({ upstream, updateMask, credential });
    }
    const policies = wanted.policies.flatMap(parsePolicies);
    if (policies.length > 0) await createClient(PolicyService, transport).applyPolicies({ policies });
  });
}

/** A join token for the stack's plane; undefined when it has joined before. */
export async function createJoinToken(
  url: string,
  token: () => Promise<string>,
  directory: string,
): Promise<string | undefined> {
  if (await isEnrolled(planeDirectory(directory))) return undefined;
  return withConnection(url, token, async ({ transport }) => {
    const client = createClient(PlaneService, transport);
    const { joinToken } = await client.createJoinToken({ displayName: `dev on ${hostname()}`.slice(0, 100) });
    return joinToken;
  });
}

async function withConnection<T>(
  url: string,
  token: () => Promise<string>,
  run: (connection: Connection) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(30_000);
  const connection = connect({ url, ca: undefined, token, signal });
  try {
    return await run(connection);
  } catch (error) {
    throw explainFailure(error, url);
  } finally {
    connection.close();
  }
}
