import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Client,
  Code,
  ConnectError,
  type ConnectRouter,
  createClient,
  type Interceptor,
} from '@connectrpc/connect';
import { connectNodeAdapter, createConnectTransport } from '@connectrpc/connect-node';
import { createValidateInterceptor } from '@connectrpc/validate';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { personKey, planeKey } from '../../../control-plane/api/identity.ts';
import { createIdentityService } from '../../../control-plane/api/identity-service.ts';
import { createPlaneService } from '../../../control-plane/api/plane-service.ts';
import { createUpstreamService } from '../../../control-plane/api/upstream-service.ts';
import type { Context } from '../../../control-plane/context.ts';
import { createPlaneAuthenticator } from '../../../control-plane/enrollment/authenticate.ts';
import { createPersonAuthenticator } from '../../../control-plane/identity/authenticate.ts';

/** The three services on a real socket. */
export interface Served {
  readonly url: URL;
  client(token?: () => Promise<string>): Clients;
  close(): Promise<void>;
}

export interface Clients {
  readonly identity: Client<typeof IdentityService>;
  readonly upstream: Client<typeof UpstreamService>;
  readonly plane: Client<typeof PlaneService>;
}

const PEOPLE = new Set(['ListPlanes', 'CreateJoinToken', 'RevokePlane']);

/** Serves the context's identity, upstream and plane services, with their own authentication. */
export async function serve(context: Context): Promise<Served> {
  const routes = (router: ConnectRouter): void => {
    router.service(IdentityService, createIdentityService(context));
    router.service(UpstreamService, createUpstreamService(context));
    router.service(PlaneService, createPlaneService(context));
  };
  const interceptors = [authenticating(context), createValidateInterceptor()];
  const server = createServer(connectNodeAdapter({ routes, interceptors }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    url,
    client(token) {
      const bearer: Interceptor = (next) => async (request) => {
        if (token !== undefined) request.header.set('authorization', `Bearer ${await token()}`);
        return next(request);
      };
      const transport = createConnectTransport({
        baseUrl: url.href,
        httpVersion: '1.1',
        interceptors: [bearer],
      });
      return {
        identity: createClient(IdentityService, transport),
        upstream: createClient(UpstreamService, transport),
        plane: createClient(PlaneService, transport),
      };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function authenticating(context: Context): Interceptor {
  const person = createPersonAuthenticator(context);
  const plane = createPlaneAuthenticator(context);
  return (next) => async (request) => {
    const token = request.header.get('authorization')?.replace(/^Bearer /, '') ?? '';
    if (request.service === PlaneService && request.method.name === 'Enroll') return next(request);
    if (token === '') throw new ConnectError('no token', Code.Unauthenticated);
    if (request.service === PlaneService && !PEOPLE.has(request.method.name)) {
      request.contextValues.set(planeKey, await plane(token));
    } else {
      request.contextValues.set(personKey, await person(token));
    }
    return next(request);
  };
}
