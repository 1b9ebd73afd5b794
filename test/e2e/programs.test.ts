import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect as connectH2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { MongoClient } from 'mongodb';
import OpenAI, { APIError } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { type Exchange, ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { freePort } from '../../cli/commands/dev/free-port.ts';
import {
  CONTROL_PLANE_AUDIENCE,
  GATEWAY_AUDIENCE,
  type IdentityProvider,
  startIdentityProvider,
} from '../../cli/commands/dev/identity-provider.ts';
import { requestToken } from '../../cli/commands/dev/request-token.ts';
import { type Connection, connect } from '../../cli/connect/transport.ts';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../control-plane/storage/embedded/embedded.ts';
import { createHome, type Home, type Running } from '../cli/env/sworn.ts';
import { answerText, beginEvents, responseEvents } from '../env/answers.ts';
import { makeCertificate } from '../env/certificate.ts';
import { TEST_POLICY } from '../env/env.ts';
import { pausingAnswer } from '../env/pausing.ts';
import { PROVIDER_KEY, type Provider, startProvider } from '../env/provider.ts';
import { until } from '../env/until.ts';

const HELLO = { model: 'gpt-test', input: 'hello' };
const BULK = { model: 'gpt-test', input: 'a bulk request' };
const EXAMPLE = new URL('../../examples/clinical-assistant.ts', import.meta.url).pathname;

let root: string;
let home: Home;
const started: Running[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sworn-programs-'));
  home = createHome();
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await endAll();
});
afterAll(async () => {
  await endAll();
  home.remove();
  await rm(root, { recursive: true, force: true });
});

/** Starts a program that a later test ends; whatever is left is ended with the tests. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const running = home.start(args, { env });
  started.push(running);
  return running;
}

/** Stops what still runs; the second signal ends at once what does not want to. */
async function endAll(): Promise<void> {
  for (const { child } of started) await endedAfter(child);
}

async function endedAfter(child: Running['child']): Promise<void> {
  await until('the end of a program', async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 100));
    return child.exitCode !== null || child.signalCode !== null;
  });
}

async function probe(url: string, which: string): Promise<number> {
  return fetch(`${url}/healthz/${which}`).then(
    ({ status }) => status,
    () => 0,
  );
}

async function raised(asking: Promise<unknown>): Promise<APIError> {
  const error = await asking.then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(APIError);
  return error as APIError;
}

async function textOf(stream: AsyncIterable<{ type: string; delta?: unknown }>): Promise<string> {
  let text = '';
  for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
  return text;
}

async function readAll(stream: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of stream) text += piece;
  return text;
}

describe('what cannot run says why and ends', () => {
  test('wrong settings: all faults at once, with their places, and exit code 2', async () => {
    const file = join(root, 'wrong.yaml');
    await writeFile(file, 'listen: nowhere\nmaxBody: 3\nmaxbody: 4\njoinToken: file:///nowhere/token\n');
    const env = { SWORN_LOG_LEVEL: 'loud', SWORN_MAX_STALENESS: '1s' };
    const [control, plane, flag, open, missing] = await Promise.all([
      home.run(['control-plane', '--drain-deadline', 'soon']),
      home.run(['data-plane', '--config', file, '--hold-whole', '9h'], { env }),
      home.run(['data-plane', '--colour']),
      home.run([
        'data-plane',
        ...['--control-plane', 'http://203.0.113.1', '--listen', '0.0.0.0:8400', '--tls-cert', 'cert.pem'],
      ]),
      home.run(['control-plane', '--mongodb-uri', 'env://NOT_THERE', '--config', join(root, 'none.yaml')]),
    ]);
    for (const run of [control, plane, flag, open, missing])
      expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(control.stderr).toMatch(/mongodbUri|--mongodb-uri/);
    expect(control.stderr).toContain('--drain-deadline');
    for (const place of ['listen', 'maxBody', 'maxbody', 'SWORN_LOG_LEVEL', 'SWORN_MAX_STALENESS'])
      expect(plane.stderr).toContain(place);
    expect(plane.stderr).toContain('--hold-whole');
    expect(plane.stderr).toContain('--control-plane');
    expect(plane.stderr).not.toContain('    at ');
    expect(flag.stderr).toContain('--colour');
    expect(open.stderr).toContain('tlsCert');
    expect(open.stderr).toContain('controlPlane');
    expect(missing.stderr).toContain('none.yaml');
  });

  test('a plane that never joined, with no token to join: exit code 1, and what to do', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const state = join(root, 'unjoined');
    const run = await home.run(['data-plane', '--control-plane', url, '--state-directory', state]);
    expect(run).toMatchObject({ exitCode: 1 });
    expect(run.stderr).toContain('sworn plane join-token');
  });
});

describe('both programs', () => {
  let identity: IdentityProvider;
  let provider: Provider;
  let mongo: EmbeddedMongo;
  let control: Running;
  let plane: Running;
  let controlUrl: string;
  let planeUrl: string;
  const connections: Connection[] = [];
  const over = new AbortController();

  beforeAll(async () => {
    provider = await startProvider();
    identity = await startIdentityProvider({ directory: join(root, 'identity-provider'), port: 0 });
    mongo = await startEmbeddedMongo({ directory: join(root, 'mongodb'), progress: () => {} });
    controlUrl = `http://127.0.0.1:${await freePort()}`;
    planeUrl = `http://127.0.0.1:${await freePort()}`;
  });
  afterAll(async () => {
    over.abort();
    for (const connection of connections) connection.close();
    await endAll();
    await identity?.close();
    await mongo?.stop();
    await provider?.close();
  });

  const tokenOf = (user: string, audience: string) =>
    requestToken(identity.issuer, identity.secret, { user, groups: [], audience });
  const transport = () => {
    const token = () => tokenOf('auditor', CONTROL_PLANE_AUDIENCE);
    const connection = connect({ url: controlUrl, ca: undefined, token, signal: over.signal });
    connections.push(connection);
    return connection.transport;
  };
  const openai = (user = 'clinician') =>
    new OpenAI({
      baseURL: `${planeUrl}/v1`,
      apiKey: () => tokenOf(user, GATEWAY_AUDIENCE),
      maxRetries: 0,
    });
  const admin = async (...args: string[]) => {
    const env = {
      SWORN_CONTROL_PLANE: controlUrl,
      SWORN_TOKEN: await tokenOf('admin', CONTROL_PLANE_AUDIENCE),
      PROVIDER_KEY,
    };
    const run = await home.run(args, { env });
    expect(run).toMatchObject({ exitCode: 0 });
    return run.stdout;
  };
  /** The exchange as it is now: no waiting. */
  const exchangeOf = async (id: string | null | undefined): Promise<Exchange> => {
    const { exchange } = await createClient(AuditService, transport()).getExchange({
      name: `exchanges/${id}`,
    });
    return exchange ?? create(ExchangeSchema);
  };
  const planeArguments = [
    ...['--state-directory', 'STATE', '--listen', 'LISTEN', '--control-plane', 'CONTROL'],
  ];
  const startPlane = async (more: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const values: Record<string, string> = {
      STATE: join(root, 'data-plane'),
      LISTEN: new URL(planeUrl).host,
      CONTROL: controlUrl,
    };
    const args = planeArguments.map((word) => values[word] ?? word);
    plane = start(['data-plane', ...args, ...more], env);
    await plane.sees('"msg":"serving"');
    await until('the plane ready', async () => (await probe(planeUrl, 'ready')) === 200);
  };

  test('the control plane: flags before variables before the file; alive while it waits for MongoDB', async () => {
    await mongo.stop();
    const file = join(root, 'control-plane.yaml');
    const settings = [
      'listen: 127.0.0.1:1',
      'logLevel: silent',
      'mongodbUri: env://STORE',
      'mongodbDatabase: from_file',
      `issuer: ${identity.issuer}`,
      `stateDirectory: ${join(root, 'control-plane')}`,
    ];
    await writeFile(file, settings.join('\n'));
    const { host } = new URL(controlUrl);
    control = start(['control-plane', '--listen', host], {
      SWORN_CONFIG: file,
      SWORN_LISTEN: '127.0.0.1:2',
      SWORN_LOG_LEVEL: 'info',
      STORE: mongo.uri,
    });
    await control.sees('waiting for the store');
    expect(await probe(controlUrl, 'live')).toBe(200);
    expect(await probe(controlUrl, 'startup')).toBe(503);
    expect(await probe(controlUrl, 'ready')).toBe(503);
    mongo = await startEmbeddedMongo({ directory: join(root, 'mongodb'), progress: () => {} });
    await control.sees('"msg":"serving"');
    for (const which of ['live', 'startup', 'ready']) expect(await probe(controlUrl, which)).toBe(200);
    const client = await MongoClient.connect(mongo.uri);
    const { databases } = await client
      .db()
      .admin()
      .listDatabases()
      .finally(() => client.close());
    expect(databases.map(({ name }) => name)).toContain('from_file');
    expect((await stat(join(root, 'control-plane', 'master.key'))).mode & 0o077).toBe(0);
  });

  test('the data plane joins with a token of the command line, and serves', async () => {
    const policy = join(root, 'policy.yaml');
    await writeFile(policy, TEST_POLICY);
    const [joinToken] = await Promise.all([
      admin('plane', 'join-token', 'test'),
      admin('policy', 'apply', '-f', policy),
      admin(
        'upstream',
        'create',
        'test',
        '--base-url',
        provider.baseUrl,
        ...['--credential-from', 'env:PROVIDER_KEY'],
      ),
    ]);
    const file = join(root, 'join-token');
    await writeFile(file, joinToken, { mode: 0o600 });
    await startPlane([], { SWORN_JOIN_TOKEN: `file://${file}` });
    for (const which of ['live', 'startup']) expect(await probe(planeUrl, which)).toBe(200);
    expect(await probe(planeUrl, 'other')).toBe(404);
    provider.behave(answerText('done'));
    const answer = await openai().responses.create(HELLO);
    expect(answer.output_text).toBe('done');
    expect(await admin('plane', 'list')).toMatch(/\bsynced\b/i);
  });

  test('SIGTERM: the running stream is finished and on record, new requests are not taken, exit code 0', async () => {
    const { behaviour, goOn } = pausingAnswer('done');
    provider.behave(behaviour);
    const running = await openai()
      .responses.create({ ...HELLO, stream: true })
      .withResponse();
    plane.child.kill('SIGTERM');
    await until('no new connections', async () => (await probe(planeUrl, 'live')) === 0);
    await expect(openai().responses.create(HELLO)).rejects.toThrow('Connection error');
    expect(plane.child.exitCode).toBeNull();
    goOn();
    expect(await textOf(running.data)).toBe('done');
    const { exitCode, stdout } = await plane.ended;
    expect(exitCode).toBe(0);
    // Handed in before the end, not at the next start.
    const { outcome, prompt } = await exchangeOf(running.request_id);
    expect(outcome?.status).toBe(OutcomeStatus.COMPLETED);
    expect(Buffer.from(prompt?.body ?? []).toString()).toContain('hello');
    expect(stdout).not.toMatch(/hello|sk-canary|eyJ/);
  });

  test('a later start needs no token; at the hard deadline what is left is ended and on record', async () => {
    await startPlane(['--drain-deadline', '1s']);
    const sockets: ReturnType<typeof connectTcp>[] = [];
    provider.behave(async (request, response) => {
      beginEvents(response);
      if (!request.body.includes('flood')) {
        for (const event of responseEvents('never ending', 2).slice(0, 5)) response.write(event);
        return;
      }
      for (const event of responseEvents('x'.repeat(24_000_000), 200_000)) response.write(event);
      response.end();
    });
    const raw = async (length: string, body: string) => {
      const token = await tokenOf('clinician', GATEWAY_AUDIENCE);
      const { hostname, port, host } = new URL(planeUrl);
      const socket = connectTcp(Number(port), hostname);
      socket.on('error', () => undefined).pause();
      socket.write(
        `POST /v1/responses HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n` +
          `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`,
      );
      sockets.push(socket);
      return socket;
    };
    const flood = JSON.stringify({ ...HELLO, input: 'flood', stream: true });
    // A caller who does not read what it asked for, and one who does not finish asking.
    await raw(String(flood.length), flood);
    await raw('1000', '{"model":');
    const running = await openai()
      .responses.create({ ...HELLO, stream: true })
      .withResponse();
    const held = raised(openai().responses.create({ ...BULK, stream: true }));
    const audit = createClient(AuditService, transport());
    await until('all four under way', async () => {
      const { exchanges } = await audit.listExchanges({});
      return (
        provider.seen.some(({ body }) => body.includes('flood')) &&
        exchanges.filter(({ outcome }) => outcome === undefined).length === 3
      );
    });
    const startedMs = performance.now();
    plane.child.kill('SIGTERM');
    expect(await raised(textOf(running.data))).toMatchObject({ code: 'draining' });
    const refused = await held;
    expect(refused).toMatchObject({ status: 503, code: 'draining' });
    expect(refused.headers?.get('x-should-retry')).toBe('true');
    const { exitCode } = await plane.ended;
    expect(exitCode).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    for (const socket of sockets) socket.destroy();
    const cut = await exchangeOf(running.request_id);
    expect(cut.outcome).toMatchObject({ status: OutcomeStatus.INTERRUPTED, errorCode: 'draining' });
    expect((await exchangeOf(refused.requestID)).outcome).toMatchObject({
      status: OutcomeStatus.REFUSED,
      errorCode: 'draining',
    });
    const { exchanges } = await audit.listExchanges({});
    expect(exchanges.filter(({ outcome }) => outcome === undefined)).toEqual([]);
  });

  test('a second signal, later, ends a drain at once', async () => {
    await startPlane([]);
    provider.behave(pausingAnswer('done').behaviour);
    const running = await openai()
      .responses.create({ ...HELLO, stream: true })
      .withResponse();
    const startedMs = performance.now();
    const [cut] = await Promise.allSettled([textOf(running.data), endedAfter(plane.child)]);
    expect(cut.status).toBe('rejected');
    expect((await plane.ended).exitCode).toBe(1);
    expect(performance.now() - startedMs).toBeLessThan(5_000);

    await startPlane([]);
    await until('what it left open is closed by the next start', async () => {
      const { outcome } = await exchangeOf(running.request_id);
      return outcome?.status === OutcomeStatus.INTERRUPTED;
    });
  });

  test('SIGTERM ends the control plane while a plane and a reviewer watch', async () => {
    const token = () => tokenOf('reviewer', CONTROL_PLANE_AUDIENCE);
    const reviewer = connect({ url: controlUrl, ca: undefined, token, signal: over.signal });
    connections.push(reviewer);
    const messages = createClient(ApprovalService, reviewer.transport)
      .watchApprovals({})
      [Symbol.asyncIterator]();
    await messages.next();
    const watching = (async () => {
      while ((await messages.next()).done !== true);
    })();
    watching.catch(() => undefined);
    await until('the plane connected', async () => {
      const response = await fetch(`${planeUrl}/healthz/ready`);
      return ((await response.json()) as { connected: boolean }).connected;
    });
    const startedMs = performance.now();
    control.child.kill('SIGTERM');
    expect((await control.ended).exitCode).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    await expect(watching).rejects.toThrow(/stopping|stopped/);
    provider.behave(answerText('done'));
    expect((await openai().responses.create(HELLO)).output_text).toBe('done');
    plane.child.kill('SIGTERM');
  });

  test('with TLS: https and HTTP/2 to both, and the same drain', async () => {
    const { cert, key } = await makeCertificate();
    const [certFile, keyFile] = [join(root, 'cert.pem'), join(root, 'key.pem')];
    await writeFile(certFile, cert);
    await writeFile(keyFile, key, { mode: 0o600 });
    const tls = ['--tls-cert', certFile, '--tls-key', keyFile];
    controlUrl = controlUrl.replace('http:', 'https:');
    planeUrl = planeUrl.replace('http:', 'https:');
    control = start(
      [
        'control-plane',
        '--listen',
        new URL(controlUrl).host,
        '--config',
        join(root, 'control-plane.yaml'),
        ...tls,
      ],
      { STORE: mongo.uri, SWORN_LOG_LEVEL: 'info' },
    );
    await control.sees('"msg":"serving"');
    expect((await plane.ended).exitCode).toBe(0);
    plane = start([
      'data-plane',
      ...['--control-plane', controlUrl, '--control-plane-ca', certFile, ...tls],
      ...['--state-directory', join(root, 'data-plane'), '--listen', new URL(planeUrl).host],
    ]);
    await plane.sees('"msg":"serving"');

    // A stock program, HTTP/1.1 over TLS.
    provider.behave(answerText('An answer for Patient: Maria Beispiel.'));
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', EXAMPLE, 'hello'], {
      env: {
        PATH: process.env['PATH'],
        NODE_EXTRA_CA_CERTS: certFile,
        OPENAI_BASE_URL: `${planeUrl}/v1`,
        OPENAI_MODEL: 'gpt-test',
        OPENAI_API_KEY: await tokenOf('clinician', GATEWAY_AUDIENCE),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = await readAll(child.stdout.setEncoding('utf8'));
    expect(said).toContain('An answer for Patient: [PERSON].');

    // HTTP/2, while it drains.
    const { behaviour, goOn } = pausingAnswer('done');
    provider.behave(behaviour);
    const session = connectH2(planeUrl, { ca: cert });
    const ask = async () => {
      const stream = session.request({
        ':method': 'POST',
        ':path': '/v1/responses',
        authorization: `Bearer ${await tokenOf('clinician', GATEWAY_AUDIENCE)}`,
        'content-type': 'application/json',
      });
      stream.setEncoding('utf8').end(JSON.stringify({ ...HELLO, stream: true }));
      const headers = await new Promise<Record<string, unknown>>((resolve, reject) =>
        stream.once('response', resolve).once('error', reject),
      );
      return { stream, headers };
    };
    const running = await ask();
    expect(session.alpnProtocol).toBe('h2');
    const abandoned = await ask();
    abandoned.stream.destroy();
    const goodbye = once(session, 'goaway');
    plane.child.kill('SIGTERM');
    await goodbye;
    await expect(ask()).rejects.toThrow('GOAWAY');
    goOn();
    const text = await readAll(running.stream);
    expect(text).toContain('response.completed');
    session.close();
    expect((await plane.ended).exitCode).toBe(0);

    const env = {
      SWORN_CONTROL_PLANE: controlUrl,
      SWORN_CA: certFile,
      SWORN_TOKEN: await tokenOf('auditor', CONTROL_PLANE_AUDIENCE),
    };
    const run = await home.run(['audit', 'export'], { env });
    expect(run).toMatchObject({ exitCode: 0 });
    const statuses = run.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).exchange.outcome?.status);
    expect(statuses).not.toContain(undefined);
    expect(statuses).toContain('OUTCOME_STATUS_CLIENT_GONE');
    control.child.kill('SIGTERM');
    expect((await control.ended).exitCode).toBe(0);
  });
});
