import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage, Agent as PlainAgent } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, get as getTls } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { resolveSettings } from '#core/settings/settings.ts';
import { Health, HealthCheckResponse_ServingStatus as Status } from '#proto/grpc/health/v1/health_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';
import { type ControlPlaneSettings, SETTINGS } from '../../../control-plane/config/settings.ts';
import { type ControlPlane, startControlPlane } from '../../../control-plane/start.ts';
import { makeCertificate } from '../../env/certificate.ts';
import { openTestMongo, type TestMongo } from '../../env/mongo.ts';
import { copyState } from '../../env/state.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';

let directory: string;
let mongo: TestMongo;
let issuer: TestIssuer;
let plane: ControlPlane;
const logs: string[] = [];
const logger = pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-server-'));
  // A test below stops it.
  mongo = await openTestMongo({ own: true });
  issuer = await startIssuer();
  plane = await startControlPlane(settings(), { logger });
});
afterAll(async () => {
  await plane.close();
  await issuer.close();
  await mongo.close();
  await rm(directory, { recursive: true, force: true });
});

const others: ControlPlane[] = [];
afterEach(async () => {
  for (const other of others.splice(0)) await other.close();
});

function settings(more: Partial<ControlPlaneSettings> = {}): ControlPlaneSettings {
  const flags = {
    mongodbUri: 'mongodb://replaced',
    listen: '127.0.0.1:0',
    issuer: issuer.url,
    // Where what runs is not to be cut it has its time, on a busy machine too.
    drainDeadline: '60s',
  };
  const values = resolveSettings(SETTINGS, { flags, env: {}, file: undefined });
  return {
    ...values,
    witnesses: [],
    smtp: undefined,
    tls: undefined,
    mongodbUri: mongo.uri,
    stateDirectory: join(directory, 'state'),
    ...more,
  };
}

async function startOther(more: Partial<ControlPlaneSettings> = {}): Promise<ControlPlane> {
  const stateDirectory = await copyState(join(directory, 'state'), randomUUID());
  const other = await startControlPlane(settings({ stateDirectory, ...more }), { logger });
  others.push(other);
  return other;
}

function transportTo(url: string, token?: string, more: object = {}): Transport {
  return createConnectTransport({
    baseUrl: url,
    httpVersion: '1.1',
    interceptors: [
      (next) => (request) => {
        if (token !== undefined) request.header.set('authorization', `Bearer ${token}`);
        return next(request);
      },
    ],
    ...more,
  });
}

async function failureOf(call: Promise<unknown>): Promise<ConnectError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ConnectError);
  return error as ConnectError;
}

const probe = async (url: string, name: string) => (await fetch(`${url}/healthz/${name}`)).status;
const reviewer = () => issuer.token({ groups: ['sworn-reviewers'] });
const admin = () => issuer.token({ groups: ['sworn-admins', 'other'], email: 'alice@example.com' });
const identity = (url: string, token?: string): Client<typeof IdentityService> =>
  createClient(IdentityService, transportTo(url, token));

describe('a started control plane', () => {
  test('tells a person who they are', async () => {
    const answer = await identity(plane.url, await admin()).whoAmI({});
    expect(answer.roles).toEqual([Role.ADMIN]);
    expect(answer.caller).toMatchObject({ issuer: issuer.url, subject: 'alice', email: 'alice@example.com' });
  });

  test('lets nobody in without a token, with a wrong one, or without the role', async () => {
    const none = await failureOf(identity(plane.url).whoAmI({}));
    expect([none.code, reasonOf(none)]).toEqual([Code.Unauthenticated, Reason.UNAUTHENTICATED]);
    const wrong = await issuer.token({ aud: 'sworn-gateway' });
    expect(reasonOf(await failureOf(identity(plane.url, wrong).whoAmI({})))).toBe(Reason.UNAUTHENTICATED);
    const refused = await failureOf(identity(plane.url, await reviewer()).listIssuers({}));
    expect([refused.code, reasonOf(refused)]).toEqual([Code.PermissionDenied, Reason.ROLE_REQUIRED]);
    expect(refused.rawMessage).toBe('this takes the role admin or auditor');
    const person = createClient(PlaneService, transportTo(plane.url, await admin()));
    expect((await failureOf(person.reportStatus({}))).code).toBe(Code.Unauthenticated);
  });

  test('refuses before it reads the body', async () => {
    const socket = connectTcp(Number(new URL(plane.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      'POST /sworn.plane.v1.PlaneService/AppendRecords HTTP/1.1\r\nhost: a\r\ncontent-type: application/proto\r\n' +
        'content-length: 90000000\r\n\r\n',
    );
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  test('names the fields that break their rules, and keeps its limits', async () => {
    const client = identity(plane.url, await admin());
    const error = await failureOf(client.createIssuer({ issuerId: 'Not Valid', issuer: { spec: {} } }));
    expect([error.code, reasonOf(error)]).toEqual([Code.InvalidArgument, Reason.INVALID_ARGUMENT]);
    expect(error.rawMessage).toContain('issuer_id: ');
    expect(error.rawMessage).toContain('issuer.spec.gateway_audiences: ');
    const large = { issuerId: 'a', issuer: { name: 'x'.repeat(21 * 1024 * 1024) } };
    expect((await failureOf(client.createIssuer(large))).code).toBe(Code.ResourceExhausted);
    // The same connection goes on, although nobody read the rest of that body.
    expect((await client.whoAmI({})).roles).toEqual([Role.ADMIN]);
  });

  test('survives requests that cannot be read', async () => {
    for (const head of [
      'HTTP/1.0\r\n\r\n',
      'HTTP/1.1\r\nhost: a b\\c\r\n\r\n',
      'HTTP/1.1\r\nhost: [\r\n\r\n',
    ]) {
      const socket = connectTcp(Number(new URL(plane.url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      socket.end(`POST /sworn.identity.v1.IdentityService/WhoAmI ${head}`);
      await once(socket, 'close');
    }
    expect((await fetch(`${plane.url}/nothing/here`)).status).toBe(404);
    expect(await probe(plane.url, 'live')).toBe(200);
  });

  test('speaks the health protocol', async () => {
    const health = createClient(Health, transportTo(plane.url));
    expect((await health.check({})).status).toBe(Status.SERVING);
    expect((await health.check({ service: PlaneService.typeName })).status).toBe(Status.SERVING);
    expect((await failureOf(health.check({ service: 'sworn.Nothing' }))).code).toBe(Code.NotFound);
    expect(await Promise.all(['startup', 'ready', 'live'].map((name) => probe(plane.url, name)))).toEqual([
      200, 200, 200,
    ]);
  });

  test('reads little of whom nobody knows, and not for long', async () => {
    const service = 'x'.repeat(20_000);
    const health = createClient(Health, transportTo(plane.url));
    expect((await failureOf(health.check({ service }))).code).toBe(Code.ResourceExhausted);
    const join = createClient(PlaneService, transportTo(plane.url)).enroll({ joinToken: service });
    expect((await failureOf(join)).code).toBe(Code.ResourceExhausted);
    const socket = connectTcp(Number(new URL(plane.url).port), '127.0.0.1');
    const cut = once(socket.on('error', () => undefined).resume(), 'close');
    const headers = 'host: a\r\ncontent-type: application/json\r\ncontent-length: 9';
    socket.write(`POST /grpc.health.v1.Health/Check HTTP/1.1\r\n${headers}\r\n\r\n{`);
    const tls = await makeCertificate();
    const session = connectHttp2((await startOther({ tls })).url, { ca: tls.cert });
    const path = '/grpc.health.v1.Health/Watch';
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc' });
    const ended = once(stream.on('error', () => undefined).resume(), 'close');
    stream.write(Buffer.alloc(3));
    await Promise.all([cut, ended]);
    session.close();
  }, 30_000);

  test('logs no token', async () => {
    const token = await admin();
    await identity(plane.url, token).whoAmI({});
    await failureOf(identity(plane.url, `${token}x`).whoAmI({}));
    expect(logs.join('')).not.toContain(token.slice(-40));
  });
});

describe('transport', () => {
  test('serves HTTP/2, gRPC and HTTP/1.1 over TLS', async () => {
    const tls = await makeCertificate();
    const other = await startOther({ tls });
    expect(other.url).toMatch(/^https:/);
    const ca = tls.cert;
    const token = await admin();
    const http2 = transportTo(other.url, token, { httpVersion: '2', nodeOptions: { ca } });
    const http1 = transportTo(other.url, token, { nodeOptions: { ca } });
    const grpc = createGrpcTransport({ baseUrl: other.url, nodeOptions: { ca } });
    expect((await createClient(IdentityService, http2).whoAmI({})).roles).toEqual([Role.ADMIN]);
    expect((await createClient(IdentityService, http1).whoAmI({})).roles).toEqual([Role.ADMIN]);
    expect((await createClient(Health, grpc).check({})).status).toBe(Status.SERVING);
    expect((await failureOf(createClient(IdentityService, grpc).whoAmI({}))).code).toBe(Code.Unauthenticated);
    // The sessions that stay open must not keep it from closing.
    const begin = performance.now();
    await other.close();
    expect(performance.now() - begin).toBeLessThan(15_000);
  });

  test('keeps connections as long with TLS as without, and none that does not finish its handshake', async () => {
    const tls = await makeCertificate();
    const other = await startOther({ tls });
    const silent = connectTcp(Number(new URL(other.url).port), '127.0.0.1').on('error', () => undefined);
    const cut = once(silent.resume(), 'close');
    for (const url of [plane.url, other.url]) {
      const sent = url.startsWith('https:')
        ? getTls(`${url}/healthz/live`, { agent: new Agent({ keepAlive: true, ca: tls.cert }) })
        : get(`${url}/healthz/live`, { agent: new PlainAgent({ keepAlive: true }) });
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      answer.resume();
      expect(answer.headers['keep-alive']).toBe('timeout=75');
    }
    await cut;
  }, 30_000);
});

describe('draining', () => {
  test('finishes what runs, and takes nothing new', async () => {
    const other = await startOther();
    const call = await beginCall(other.url);
    const closed = other.close();
    await expect(fetch(`${other.url}/healthz/live`)).rejects.toThrow();
    call.write('}');
    const [head] = (await once(call, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 200 /);
    await closed;
  });

  test('cuts at the deadline what does not finish', async () => {
    const other = await startOther({ drainDeadline: 300 });
    const call = await beginCall(other.url);
    call.resume();
    const begin = performance.now();
    await Promise.all([other.close(), once(call, 'close')]);
    expect(performance.now() - begin).toBeGreaterThan(250);
    expect(performance.now() - begin).toBeLessThan(15_000);
    expect(logs.join('')).toContain('calls still run at the deadline');
    logs.length = 0;
  });

  /** A call that has sent half of its body; it was let in. */
  async function beginCall(url: string): Promise<Socket> {
    const socket = connectTcp(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const headers = `host: a\r\nauthorization: Bearer ${await admin()}\r\ncontent-type: application/json`;
    socket.write(`POST /sworn.identity.v1.IdentityService/WhoAmI HTTP/1.1\r\n${headers}\r\n`);
    // The server says so once it has the headers.
    socket.write('expect: 100-continue\r\ncontent-length: 2\r\n\r\n');
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 100 /);
    socket.write('{');
    return socket;
  }

  test('ends streams with a reason that says to come again, and frees the address', async () => {
    const other = await startOther();
    const approvals = createClient(ApprovalService, transportTo(other.url, await reviewer()));
    const health = createClient(Health, transportTo(other.url));
    const states: Status[] = [];
    const follow = (async () => {
      for await (const { status } of health.watch({})) states.push(status);
    })().catch(() => undefined);
    const [first, ended] = [Promise.withResolvers<void>(), failureOf(watch())];
    async function watch(): Promise<void> {
      for await (const _ of approvals.watchApprovals({})) first.resolve();
    }
    await first.promise;
    await other.close();
    expect(reasonOf(await ended)).toBe(Reason.DRAINING);
    await follow;
    expect(states[0]).toBe(Status.SERVING);
    await expect(fetch(`${other.url}/healthz/live`)).rejects.toThrow();
    expect(logs.join('')).not.toContain('calls still run at the deadline');
  });
});

describe('the store away', () => {
  test('calls fail with a reason, readiness goes, and all comes back without a restart', async () => {
    const token = await admin();
    const client = identity(plane.url, token);
    await client.listIssuers({});
    await mongo.stop();
    try {
      const error = await failureOf(client.listIssuers({}));
      expect([error.code, reasonOf(error)]).toEqual([Code.Unavailable, Reason.STORE_UNAVAILABLE]);
      expect(error.rawMessage).toBe('the store does not answer; try again');
      await expect.poll(() => probe(plane.url, 'ready')).toBe(503);
      const place = `"servers":["${new URL(mongo.uri).host}: E`;
      expect(logs.find((line) => line.includes('calls fail until it does'))).toContain(place);
      expect(await probe(plane.url, 'live')).toBe(200);
      expect(await probe(plane.url, 'startup')).toBe(200);

      // One that starts now waits for the store, and tells so.
      const starting = startOther({ drainDeadline: 0 });
      await expect.poll(() => logs.find((line) => line.includes('does not answer yet'))).toContain(place);
      const url =
        /"url":"([^"]+)"[^\n]*waiting for the store/.exec(
          logs.toReversed().find((l) => l.includes('waiting')) ?? '',
        )?.[1] ?? '';
      expect(await probe(url, 'startup')).toBe(503);
      expect(await probe(url, 'live')).toBe(200);
      expect((await failureOf(identity(url, token).whoAmI({}))).code).toBe(Code.Unavailable);

      await mongo.start();
      expect((await starting).url).toBe(url);
      expect(await probe(url, 'startup')).toBe(200);
    } catch (error) {
      await mongo.start();
      throw error;
    }
    await expect.poll(() => probe(plane.url, 'ready')).toBe(200);
    expect((await client.listIssuers({})).issuers).toHaveLength(1);
  });
});

test('a start that is told to stop while it waits leaves nothing behind', async () => {
  const stop = new AbortController();
  const away = settings({
    mongodbUri: 'mongodb://127.0.0.1:1/?replicaSet=none',
    mongodbDatabase: randomBytes(4).toString('hex'),
    stateDirectory: join(directory, 'away'),
  });
  const starting = startControlPlane(away, { logger, signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  const begin = performance.now();
  await expect(starting).rejects.toThrow();
  expect(performance.now() - begin).toBeLessThan(15_000);
});

test.skipIf(process.platform !== 'linux')(
  'a second control plane on one state directory is refused, and the first goes on (skipped where it is not Linux)',
  async () => {
    await expect(startControlPlane(settings(), { logger })).rejects.toThrow(
      `another control plane runs on the state directory ${join(directory, 'state')}`,
    );
    expect(await probe(plane.url, 'ready')).toBe(200);
  },
);

test('a control plane with another master key refuses to start on the same database', async () => {
  const stranger = settings({ stateDirectory: join(directory, 'another') });
  await expect(startControlPlane(stranger, { logger })).rejects.toThrow(
    /another master key .*copy master\.key/,
  );
});
