import { type Client, createClient, type Interceptor } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { createRpcHandler } from '../../../control-plane/api/handler.ts';
import { createRoutes } from '../../../control-plane/api/routes.ts';
import { startServer } from '../../../control-plane/api/server.ts';
import type { Context } from '../../../control-plane/context.ts';
import { Health } from '../../../control-plane/health.ts';

/** A context's API on a real socket. */
export interface Served {
  /** Clients of a bearer; of nobody without a token. */
  client(token?: () => Promise<string>): Clients;
  close(): Promise<void>;
}

export interface Clients {
  readonly approval: Client<typeof ApprovalService>;
  readonly audit: Client<typeof AuditService>;
  readonly identity: Client<typeof IdentityService>;
  readonly upstream: Client<typeof UpstreamService>;
  readonly plane: Client<typeof PlaneService>;
  readonly policy: Client<typeof PolicyService>;
}

/** Serves the API over a context, as a started control plane does. */
export async function serve(context: Context): Promise<Served> {
  const health = new Health();
  const stop = new AbortController();
  const handler = createRpcHandler(createRoutes(context, health, stop.signal), context.logger);
  const server = await startServer({ host: '127.0.0.1', port: 0 }, undefined, (request, response) => {
    if (!handler(request, response)) response.destroy();
  });
  health.enter('running');
  return {
    client(token) {
      const bearer: Interceptor = (next) => async (request) => {
        if (token !== undefined) request.header.set('authorization', `Bearer ${await token()}`);
        return next(request);
      };
      const interceptors = [bearer];
      const transport = createConnectTransport({ baseUrl: server.url, httpVersion: '1.1', interceptors });
      return {
        approval: createClient(ApprovalService, transport),
        audit: createClient(AuditService, transport),
        identity: createClient(IdentityService, transport),
        upstream: createClient(UpstreamService, transport),
        plane: createClient(PlaneService, transport),
        policy: createClient(PolicyService, transport),
      };
    },
    close: () => server.close(0, () => stop.abort()),
  };
}
