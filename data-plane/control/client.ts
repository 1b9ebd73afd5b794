import { Agent as HttpAgent } from 'node:http';
import { type Client, createClient, type Interceptor } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { Http2Sessions } from '../../program/http2-sessions.ts';

/** The control plane as a plane calls it. */
export interface PlaneClient {
  readonly rpc: Client<typeof PlaneService>;
  /** Closes its connections. */
  close(): void;
}

export interface PlaneClientOptions {
  readonly controlPlane: URL;
  /** PEM of the authorities that the control plane's certificate may come from; the system's when absent. */
  readonly ca?: string | undefined;
  /** Signs the calls; absent for Enroll. */
  readonly token?: () => Promise<string>;
}

const PING_INTERVAL_MS = 15_000;
/** Snapshots with many policies are the largest answer. */
const READ_MAX_BYTES = 64 * 1024 * 1024;

/** HTTP/2 for https, HTTP/1.1 for http, which carries all that planes use. */
export function createPlaneClient(options: PlaneClientOptions): PlaneClient {
  const interceptors = options.token === undefined ? [] : [authorize(options.token)];
  const common = { baseUrl: options.controlPlane.href, interceptors, readMaxBytes: READ_MAX_BYTES };
  if (options.controlPlane.protocol === 'https:') {
    const sessions = new Http2Sessions(
      options.controlPlane,
      { pingIntervalMs: PING_INTERVAL_MS, pingIdleConnection: true },
      options.ca === undefined ? {} : { ca: options.ca },
    );
    const transport = createConnectTransport({ ...common, httpVersion: '2', sessionManager: sessions });
    return { rpc: createClient(PlaneService, transport), close: () => sessions.abort() };
  }
  const agent = new HttpAgent({ keepAlive: true });
  const transport = createConnectTransport({ ...common, httpVersion: '1.1', nodeOptions: { agent } });
  return { rpc: createClient(PlaneService, transport), close: () => agent.destroy() };
}

function authorize(token: () => Promise<string>): Interceptor {
  return (next) => async (request) => {
    request.header.set('authorization', `Bearer ${await token()}`);
    return next(request);
  };
}
