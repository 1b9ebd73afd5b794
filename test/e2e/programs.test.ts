import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { connect as connectH2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Running } from '../cli/env/sworn.ts';
import { answerText, beginEvents, responseEvents } from '../env/answers.ts';
import { makeCertificate } from '../env/certificate.ts';
import { TEST_POLICY } from '../env/env.ts';
import { pausingAnswer } from '../env/pausing.ts';
import { Programs, probe, signalUntilEnd } from '../env/programs.ts';
import { PROVIDER_KEY } from '../env/provider.ts';
import { raised, readAll, textOf } from '../env/reading.ts';
import { takeSockets } from '../env/sockets.ts';
import { until } from '../env/until.ts';

// One story: each test goes on with the programs as the one before it left them.

const HELLO = { model: 'gpt-test', input: 'hello' };
const BULK = { model: 'gpt-test', input: 'a bulk request' };
const EXAMPLE = new URL('../../examples/clinical-assistant.ts', import.meta.url).pathname;

let programs: Programs;
let control: Running;
let plane: Running;
beforeAll(async () => {
  programs = await Programs.prepare();
});
afterAll(() => programs.close());

/** Sends a request that says it is this long, and reads nothing of the answer. */
async function sendRaw(length: number, body: string): Promise<Socket> {
  const token = await programs.token('clinician');
  const { hostname, port, host } = new URL(programs.planeUrl);
  const socket = connectTcp(Number(port), hostname);
  socket.on('error', () => undefined).pause();
  socket.write(
    `POST /v1/responses HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`,
  );
  return socket;
}

test('the control plane: flags before variables before the file; alive while it waits for MongoDB', async () => {
  await programs.stopMongo();
  const file = join(programs.root, 'control-plane.yaml');
  const settings = [
    'listen: 127.0.0.1:1',
    'logLevel: silent',
    'mongodbUri: env://STORE',
    'mongodbDatabase: from_file',
    `issuer: ${programs.identity.issuer}`,
    `stateDirectory: ${join(programs.root, 'control-plane')}`,
  ];
  await writeFile(file, settings.join('\n'));
  const { host } = new URL(programs.controlUrl);
  const env = {
    SWORN_CONFIG: file,
    SWORN_LISTEN: '127.0.0.1:2',
    SWORN_LOG_LEVEL: 'info',
    STORE: programs.mongodbUri,
  };
  control = await programs.start(['control-plane', '--listen', host], env, 'waiting for the store');
  expect(await probe(programs.controlUrl, 'live')).toBe(200);
  expect(await probe(programs.controlUrl, 'startup')).toBe(503);
  expect(await probe(programs.controlUrl, 'ready')).toBe(503);
  await programs.startMongo();
  await control.sees('"msg":"serving"');
  for (const which of ['live', 'startup', 'ready']) expect(await probe(programs.controlUrl, which)).toBe(200);
  const client = await MongoClient.connect(programs.mongodbUri);
  const { databases } = await client
    .db()
    .admin()
    .listDatabases()
    .finally(() => client.close());
  expect(databases.map(({ name }) => name)).toContain('from_file');
  expect((await stat(join(programs.root, 'control-plane', 'master.key'))).mode & 0o077).toBe(0);
});

test('the data plane joins with a token of the command line, and serves', async () => {
  const policy = join(programs.root, 'policy.yaml');
  await writeFile(policy, TEST_POLICY);
  const upstream = ['--base-url', programs.provider.baseUrl, '--credential-from', 'env:PROVIDER_KEY'];
  const [joined, ...others] = await Promise.all([
    programs.sworn('admin', ['plane', 'join-token', 'test']),
    programs.sworn('admin', ['policy', 'apply', '-f', policy]),
    programs.sworn('admin', ['upstream', 'create', 'test', ...upstream], { PROVIDER_KEY }),
  ]);
  for (const run of [joined, ...others]) expect(run).toMatchObject({ exitCode: 0 });
  const file = join(programs.root, 'join-token');
  await writeFile(file, joined.stdout, { mode: 0o600 });
  plane = await programs.startPlane([], { SWORN_JOIN_TOKEN: `file://${file}` });
  for (const which of ['live', 'startup']) expect(await probe(programs.planeUrl, which)).toBe(200);
  expect(await probe(programs.planeUrl, 'other')).toBe(404);
  programs.provider.behave(answerText('done'));
  const answer = await programs.openai().responses.create(HELLO);
  expect(answer.output_text).toBe('done');
  // It says what it goes by on its own time.
  const list = async () => (await programs.sworn('admin', ['plane', 'list'])).stdout;
  await until('the plane synced', async () => /\bsynced\b/i.test(await list()));
});

test('a second plane on a taken address says so and ends, though it has joined', async () => {
  const { stdout } = await programs.sworn('admin', ['plane', 'join-token', 'second', '--output', 'json']);
  const place = [
    '--listen',
    new URL(programs.planeUrl).host,
    '--state-directory',
    join(programs.root, 'second'),
  ];
  const env = { SWORN_JOIN_TOKEN: JSON.parse(stdout).joinToken };
  const run = await programs.home.run(['data-plane', '--control-plane', programs.controlUrl, ...place], {
    env,
  });
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toContain('is taken; choose another address with --listen');
});

test('a second process on the state directory of a plane says so, and writes nothing there', async () => {
  const directory = join(programs.root, 'plane');
  // What stands before the dash is the epoch; segments of one come and go.
  const epochs = async () => {
    const names = await readdir(join(directory, 'spool'));
    return new Set(names.filter((name) => name.endsWith('.spool')).map((name) => name.split('-')[0]));
  };
  const before = await epochs();
  expect(before.size).toBeGreaterThan(0);
  const place = ['--listen', '127.0.0.1:0', '--state-directory', directory];
  const run = await programs.home.run(['data-plane', '--control-plane', programs.controlUrl, ...place]);
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toContain(`another data plane runs on the state directory ${directory}`);
  expect(await epochs()).toEqual(before);
});

test('SIGTERM: the running stream is finished and on record, new requests are not taken, exit code 0', async () => {
  const { behaviour, goOn } = pausingAnswer('done');
  programs.provider.behave(behaviour);
  const running = await programs
    .openai()
    .responses.create({ ...HELLO, stream: true })
    .withResponse();
  plane.child.kill('SIGTERM');
  await until('no new connections', async () => (await probe(programs.planeUrl, 'live')) === 0);
  await expect(programs.openai().responses.create(HELLO)).rejects.toThrow('Connection error');
  expect(plane.child.exitCode).toBeNull();
  goOn();
  expect(await textOf(running.data)).toBe('done');
  const { exitCode, stdout } = await plane.ended;
  expect(exitCode).toBe(0);
  // Handed in before the end, not at the next start.
  const { outcome, prompt } = (await programs.exchange(running.request_id)) ?? {};
  expect(outcome?.status).toBe(OutcomeStatus.COMPLETED);
  expect(Buffer.from(prompt?.body ?? []).toString()).toContain('hello');
  expect(stdout).not.toMatch(/hello|sk-canary|eyJ/);
});

test('a later start needs no token; at the hard deadline what is left is ended and on record', async () => {
  plane = await programs.startPlane(['--drain-deadline', '1s']);
  const sockets: Socket[] = [];
  programs.provider.behave(async (request, response) => {
    beginEvents(response);
    if (!request.body.includes('flood')) {
      for (const event of responseEvents('never ending', 2).slice(0, 5)) response.write(event);
      return;
    }
    for (const event of responseEvents('x'.repeat(24_000_000), 200_000)) response.write(event);
    response.end();
  });
  const flood = JSON.stringify({ ...HELLO, input: 'flood', stream: true });
  // A caller who does not read what it asked for, and one who does not finish asking.
  sockets.push(await sendRaw(flood.length, flood), await sendRaw(1000, '{"model":'));
  // And a provider who does not read what it is sent: more than the buffers of a connection take.
  const unread: WebSocket[] = [];
  takeSockets(programs.provider, ({ socket }) => {
    unread.push(socket);
    socket.pause();
  });
  const talking = new WebSocket(`${programs.planeUrl.replace('http', 'ws')}/v1/responses`, {
    headers: { authorization: `Bearer ${await programs.token('clinician')}` },
  });
  talking.on('error', () => undefined);
  await once(talking, 'open');
  talking.send(
    JSON.stringify({ type: 'response.create', ...HELLO }).replace('}', `${' '.repeat(24_000_000)}}`),
  );
  const running = await programs
    .openai()
    .responses.create({ ...HELLO, stream: true })
    .withResponse();
  const held = raised(programs.openai().responses.create({ ...BULK, stream: true }));
  const audit = programs.api(AuditService, 'auditor');
  await until('all five under way', async () => {
    const { exchanges } = await audit.listExchanges({});
    return (
      programs.provider.seen.some(({ body }) => body.includes('flood')) &&
      programs.provider.seen.some(({ headers }) => headers['upgrade'] === 'websocket') &&
      exchanges.filter(({ outcome }) => outcome === undefined).length === 4
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
  expect(performance.now() - startedMs).toBeLessThan(15_000);
  for (const socket of sockets) socket.destroy();
  for (const socket of unread) socket.terminate();
  const cut = await programs.exchange(running.request_id);
  expect(cut?.outcome).toMatchObject({ status: OutcomeStatus.INTERRUPTED, errorCode: 'draining' });
  expect((await programs.exchange(refused.requestID))?.outcome).toMatchObject({
    status: OutcomeStatus.REFUSED,
    errorCode: 'draining',
  });
  const { exchanges } = await audit.listExchanges({});
  expect(exchanges.filter(({ outcome }) => outcome === undefined)).toEqual([]);
});

test('a second signal, later, ends a drain at once', async () => {
  plane = await programs.startPlane([]);
  programs.provider.behave(pausingAnswer('done').behaviour);
  const running = await programs
    .openai()
    .responses.create({ ...HELLO, stream: true })
    .withResponse();
  const startedMs = performance.now();
  const [cut] = await Promise.allSettled([textOf(running.data), signalUntilEnd(plane)]);
  expect(cut.status).toBe('rejected');
  expect((await plane.ended).exitCode).toBe(1);
  expect(performance.now() - startedMs).toBeLessThan(15_000);

  plane = await programs.startPlane([]);
  await until('what it left open is closed by the next start', async () => {
    const exchange = await programs.exchange(running.request_id);
    return exchange?.outcome?.status === OutcomeStatus.INTERRUPTED;
  });
});

test('SIGTERM ends the control plane while a plane and a reviewer watch', async () => {
  const approvals = programs.api(ApprovalService, 'reviewer');
  const messages = approvals.watchApprovals({})[Symbol.asyncIterator]();
  await messages.next();
  const watching = (async () => {
    while ((await messages.next()).done !== true);
  })();
  watching.catch(() => undefined);
  await until('the plane connected', async () => {
    const response = await fetch(`${programs.planeUrl}/healthz/ready`);
    return ((await response.json()) as { connected: boolean }).connected;
  });
  const startedMs = performance.now();
  control.child.kill('SIGTERM');
  expect((await control.ended).exitCode).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(15_000);
  await expect(watching).rejects.toThrow(/stopping|stopped/);
  programs.provider.behave(answerText('done'));
  expect((await programs.openai().responses.create(HELLO)).output_text).toBe('done');
  plane.child.kill('SIGTERM');
});

test('with TLS: https and HTTP/2 to both, and the same drain', async () => {
  const { cert, key } = await makeCertificate();
  const [certFile, keyFile] = [join(programs.root, 'cert.pem'), join(programs.root, 'key.pem')];
  await writeFile(certFile, cert);
  await writeFile(keyFile, key, { mode: 0o600 });
  const tls = ['--tls-cert', certFile, '--tls-key', keyFile];
  programs.controlUrl = programs.controlUrl.replace('http:', 'https:');
  programs.planeUrl = programs.planeUrl.replace('http:', 'https:');
  const { host } = new URL(programs.controlUrl);
  const config = ['--config', join(programs.root, 'control-plane.yaml')];
  const env = { STORE: programs.mongodbUri, SWORN_LOG_LEVEL: 'info' };
  control = await programs.start(['control-plane', '--listen', host, ...config, ...tls], env);
  expect((await plane.ended).exitCode).toBe(0);
  plane = await programs.startPlane(['--control-plane-ca', certFile, ...tls]);

  // A stock program, HTTP/1.1 over TLS.
  programs.provider.behave(answerText('An answer for Patient: Maria Beispiel.'));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', EXAMPLE, 'hello'], {
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      NODE_EXTRA_CA_CERTS: certFile,
      OPENAI_BASE_URL: `${programs.planeUrl}/v1`,
      OPENAI_MODEL: 'gpt-test',
      OPENAI_API_KEY: await programs.token('clinician'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await readAll(child.stdout.setEncoding('utf8'));
  expect(said).toContain('An answer for Patient: [PERSON].');

  // HTTP/2, while it drains.
  const { behaviour, goOn } = pausingAnswer('done');
  programs.provider.behave(behaviour);
  const session = connectH2(programs.planeUrl, { ca: cert });
  const ask = async () => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/v1/responses',
      authorization: `Bearer ${await programs.token('clinician')}`,
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

  const run = await programs.sworn('auditor', ['audit', 'export'], { SWORN_CA: certFile });
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
