import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createPlainServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { type AddressInfo, createServer as createNetServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, ConnectError } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { loadIdentity } from '../../../data-plane/control/identity.ts';
import { freePort } from '../../../program/free-port.ts';
import { type Authority, createAuthority } from '../../env/authority.ts';

const JOIN_TOKEN = 'join-token-for-tests';
let directory: string;
let ours: Authority;
let theirs: Authority;
let logged: Record<string, unknown>[];
/** Undefined lets planes join. */
let failure: ConnectError | undefined;
const snapshotKey = Buffer.from(
  generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '',
  'base64url',
);
const routes = connectNodeAdapter({
  routes: (router) =>
    router.service(PlaneService, {
      enroll: () => {
        if (failure !== undefined) throw failure;
        return { name: 'planes/test', snapshotKey };
      },
    }),
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-identity-'));
  [ours, theirs] = [await createAuthority('ours'), await createAuthority('theirs')];
});
beforeEach(() => {
  logged = [];
  failure = undefined;
});
afterAll(() => rm(directory, { recursive: true }));

const enrol = async (controlPlane: string, more: { readonly enrollTimeoutMs?: number } = {}) =>
  loadIdentity({
    controlPlane: new URL(controlPlane),
    ca: ours.certificate,
    joinToken: JOIN_TOKEN,
    stateDirectory: await mkdtemp(join(directory, 'plane-')),
    ...more,
    logger: pino({ level: 'warn' }, { write: (line) => void logged.push(JSON.parse(line)) }),
  });
const listen = (server: Server, port = 0) =>
  new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const attempts = (count: number) => expect.poll(() => logged.length).toBeGreaterThanOrEqual(count);

describe('a plane that waits to join says why, once', () => {
  test('where the certificate of the control plane is of an authority that it does not know', async () => {
    const server = createSecureServer(await theirs.issueServer(), routes);
    await listen(server);
    const url = `https://127.0.0.1:${portOf(server)}/`;
    const joining = enrol(url);
    await attempts(2);
    server.setSecureContext(await ours.issueServer());
    expect((await joining).name).toBe('planes/test');
    const [first = {}, ...others] = logged;
    expect(first['msg']).toContain(
      `${url} cannot be reached to enrol this plane: its certificate is issued by`,
    );
    expect(first['msg']).toContain('--control-plane-ca');
    for (const line of others) expect(line['msg']).toBe('control plane does not answer, trying again');
    await new Promise((resolve) => server.close(resolve));
  });

  test('where nothing listens', async () => {
    const port = await freePort();
    const joining = enrol(`http://127.0.0.1:${port}`);
    await attempts(1);
    const server = createPlainServer(routes);
    await listen(server, port);
    await joining;
    expect(logged[0]).toMatchObject({
      fault: 'ECONNREFUSED',
      msg: expect.stringMatching(`http://127.0.0.1:${port}/ cannot be .*: ECONNREFUSED. .*--control-plane`),
    });
    await new Promise((resolve) => server.close(resolve));
  });

  test('where the control plane cannot reach its store, and anew where that changes', async () => {
    const server = createPlainServer(routes);
    const detail = { desc: ErrorDetailSchema, value: { reason: Reason.STORE_UNAVAILABLE } };
    failure = new ConnectError('a text of theirs', Code.Unavailable, undefined, [detail]);
    await listen(server);
    const joining = enrol(`http://127.0.0.1:${portOf(server)}`);
    await attempts(1);
    failure = new ConnectError('a text of theirs', Code.Internal);
    await expect.poll(() => logged.some(({ code }) => code === 'Internal')).toBe(true);
    failure = undefined;
    await joining;
    const words = logged.map(({ msg }) => String(msg)).filter((msg) => msg.includes('cannot be'));
    expect(words).toEqual([
      expect.stringContaining('it answers with Unavailable, REASON_STORE_UNAVAILABLE'),
      expect.stringContaining('it answers with Internal'),
    ]);
    expect(JSON.stringify(logged)).not.toContain('of theirs');
    await new Promise((resolve) => server.close(resolve));
  });

  test('where what answers is no control plane', async () => {
    const server = createPlainServer((_request, response) => response.writeHead(401).end());
    await listen(server);
    const joining = enrol(`http://127.0.0.1:${portOf(server)}`);
    await attempts(1);
    server.removeAllListeners('request').on('request', routes);
    await joining;
    expect(logged[0]?.['msg']).toContain(
      'it answers with Unauthenticated. Is that a control plane? Check --control-plane.',
    );
    await new Promise((resolve) => server.close(resolve));
  });

  test('where what listens says nothing', async () => {
    const server = createNetServer();
    await listen(server);
    await expect(enrol(`https://127.0.0.1:${portOf(server)}`, { enrollTimeoutMs: 50 })).rejects.toMatchObject(
      {
        code: 'control_plane_unreachable',
        message: expect.stringContaining('it does not answer in time'),
      },
    );
    server.close();
  });
});
