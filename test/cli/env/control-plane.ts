import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { ErrorDetailSchema, type Reason } from '#proto/sworn/error/v1/error_pb.ts';

/** A real Connect server on loopback whose services a test writes. */
export interface TestControlPlane {
  readonly url: string;
  /** The tokens that calls presented, in order; empty for none. */
  readonly tokens: string[];
  close(): Promise<void>;
}

/**
 * Starts a server with these services over HTTP/1.1, as the control plane without TLS.
 *
 * @param answerPath what a path answers that is no service's
 */
export async function startControlPlane(
  routes: (router: ConnectRouter) => void,
  answerPath: (path: string) => object | undefined = () => undefined,
): Promise<TestControlPlane> {
  const tokens: string[] = [];
  const adapter = connectNodeAdapter({ routes });
  const server = createServer((request, response) => {
    tokens.push((request.headers.authorization ?? '').replace('Bearer ', ''));
    const answer = answerPath(request.url ?? '');
    if (answer === undefined) adapter(request, response);
    else response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokens,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** An error as the control plane makes them. */
export function refusal(
  code: Code,
  reason: Reason,
  message: string,
  metadata: Record<string, string> = {},
): ConnectError {
  return new ConnectError(message, code, undefined, [
    { desc: ErrorDetailSchema, value: { reason, metadata } },
  ]);
}

export { Code };
