import type { ConnectRouter } from '@connectrpc/connect';
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from '@connectrpc/connect-node';
import type { Logger } from 'pino';
import { describeError } from '../../program/log.ts';
import { accessOf } from './access.ts';
import type { NodeServerRequest, NodeServerResponse } from './server.ts';

/** For the whole of a request that anybody may send: it is small, and nobody is known to wait for. */
const UNKNOWN_BODY_TIMEOUT_MS = 10_000;

/**
 * Serves a router's RPCs by their paths; returns false when the path is none of them. Connect's own adapter writes
 * failures to the console, and throws into the server on a request whose authority it cannot read.
 */
export function createRpcHandler(
  router: ConnectRouter,
  logger: Logger,
): (request: NodeServerRequest, response: NodeServerResponse) => boolean {
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  const serve = async (
    handler: (typeof router.handlers)[number],
    request: NodeServerRequest,
    response: NodeServerResponse,
  ): Promise<void> => {
    // Connect may stop in the middle of a body that is too large. Reading destroys what it left unread, and then the
    // connection takes no other request, though the caller may send one; the server discards the rest instead.
    request[Symbol.asyncIterator] = () =>
      request.iterator({ destroyOnReturn: false }) as NodeJS.AsyncIterator<Buffer>;
    const universal = universalRequestFromNodeRequest(request, response, undefined, undefined);
    await universalResponseToNodeResponse(await handler(universal), response);
  };
  return (request, response) => {
    const handler = handlers.get((request.url ?? '').split('?', 1)[0] ?? '');
    if (handler === undefined) return false;
    if (accessOf(handler.method) === 'anyone') endSlow(request, response);
    serve(handler, request, response).catch((error: unknown) => {
      // The connection broke, or the request could not be read: there is nobody to tell.
      logger.debug({ rpc: handler.method.name, ...describeError(error) }, 'a call broke off');
      response.destroy();
    });
    return true;
  };
}

/** Ends a request that is not whole in time, answered or not. */
function endSlow(request: NodeServerRequest, response: NodeServerResponse): void {
  const timer = setTimeout(() => {
    if (!request.complete) response.destroy();
  }, UNKNOWN_BODY_TIMEOUT_MS);
  response.once('close', () => clearTimeout(timer));
}
