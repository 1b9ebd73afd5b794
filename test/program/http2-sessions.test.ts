import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@connectrpc/connect';
import { connectNodeAdapter, createConnectTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { Http2Sessions } from '../../program/http2-sessions.ts';
import { makeCertificate } from '../env/certificate.ts';

const PING_INTERVAL_MS = 20;
let server: Http2SecureServer;
let url: string;
let ca: string;

beforeAll(async () => {
  const tls = await makeCertificate();
  const routes = connectNodeAdapter({
    routes: (router) => router.service(IdentityService, { whoAmI: () => ({ caller: { subject: 'ana' } }) }),
  });
  server = createSecureServer(tls, routes);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ca = tls.cert;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** What nobody took while the action ran: a program would have ended. */
async function untaken(action: () => Promise<void>): Promise<unknown[]> {
  const errors: unknown[] = [];
  const before = process.rawListeners('uncaughtException') as NodeJS.UncaughtExceptionListener[];
  process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => errors.push(error));
  try {
    await action();
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  }
  return errors;
}

class Watched extends Http2Sessions {
  readonly closed = Promise.withResolvers<void>();

  override async request(...call: Parameters<Http2Sessions['request']>) {
    const stream = await super.request(...call);
    stream.once('close', () => this.closed.resolve());
    return stream;
  }
}

test('a connection that is ended right after an answer ends quietly', async () => {
  for (const pingIdleConnection of [true, false]) {
    const errors = await untaken(async () => {
      const sessions = new Watched(url, { pingIntervalMs: PING_INTERVAL_MS, pingIdleConnection }, { ca });
      const transport = createConnectTransport({ baseUrl: url, httpVersion: '2', sessionManager: sessions });
      expect((await createClient(IdentityService, transport).whoAmI({})).caller?.subject).toBe('ana');
      sessions.abort();
      await sessions.closed.promise;
      // Node calls timers of one duration in the order in which they were set: that of the next ping comes before this.
      await delay(PING_INTERVAL_MS);
    });
    expect(errors).toEqual([]);
  }
});
