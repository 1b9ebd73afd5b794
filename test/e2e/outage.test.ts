import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Code, ConnectError } from '@connectrpc/connect';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { parsePolicies } from '#core/policy/parse.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { answerText } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { Ledger, planeHealth } from '../env/ledger.ts';
import { pausingAnswer } from '../env/pausing.ts';
import { raised, textOf } from '../env/reading.ts';
import { until } from '../env/until.ts';

const HELLO = { model: 'gpt-test', input: 'hello' };
const BULK = { model: 'gpt-test', input: 'a bulk request' };
/** The driver looks five seconds for a server; the rest is for a busy machine. */
const STORE_ERROR_WITHIN_MS = 12_000;

/** Asks whole. */
async function ask(env: Env, ledger: Ledger): Promise<void> {
  const answer = await env.openai().responses.create(HELLO);
  expect(answer.output_text).toBe('done');
  ledger.note(answer._request_id);
}

/** Asks for a stream; the exchange is noted when its headers are here, which is what `begun` waits for. */
function askStreamed(env: Env, ledger: Ledger, body: { model: string; input: string }) {
  const begun = env
    .openai()
    .responses.create({ ...body, stream: true })
    .withResponse();
  const text = begun.then(async ({ data, request_id }) => {
    ledger.note(request_id, body === BULK ? ['INTENT', 'APPROVAL', 'OUTCOME'] : undefined);
    return textOf(data);
  });
  return { begun, text };
}

describe('with the control plane or its store away', () => {
  let env: Env;
  const lines: string[] = [];
  const ledger = new Ledger();
  beforeAll(async () => {
    // A test below stops MongoDB: it has to be the stack's own.
    vi.stubEnv('SWORN_MONGODB_URI', '');
    const write = (line: string) => lines.push(line);
    env = await startEnv({ logger: pino({ level: 'warn' }, { write }) });
    vi.unstubAllEnvs();
  });
  afterAll(() => env.close());
  beforeEach(() => {
    env.provider.behave(answerText('done'));
    env.provider.seen.length = 0;
  });

  test('the plane serves on; what it recorded follows when the control plane is back, each record once', async () => {
    const { behaviour, goOn } = pausingAnswer('done');
    env.provider.behave(behaviour);
    const across = askStreamed(env, ledger, HELLO);
    await across.begun;
    await until('its intent in MongoDB', async () => (await planeHealth(env)).spoolDepth === 0);
    env.provider.behave(answerText('done'));

    await env.stack.stopControlPlane();
    goOn();
    expect(await across.text).toBe('done');
    await ask(env, ledger);
    expect(await askStreamed(env, ledger, HELLO).text).toBe('done');
    const chat = env.openai().chat.completions.create({
      model: 'gpt-test',
      messages: [{ role: 'user', content: 'hello' }],
    });
    ledger.note((await chat)._request_id);
    const stranger = await raised(env.openai('stranger').responses.create(HELLO));
    expect(stranger).toMatchObject({ status: 403, code: 'no_policy' });
    ledger.note(stranger.requestID, ['REFUSAL']);
    await until('the plane noticing', async () => !(await planeHealth(env)).connected);
    const { ok, spoolDepth } = await planeHealth(env);
    expect(ok).toBe(true);
    expect(spoolDepth).toBe(8); // one outcome, three exchanges, one refusal

    await env.stack.startControlPlane();
    expect(await ledger.expectWhole(env)).toHaveLength(1);
  });

  test('what needs an approval is refused, with nothing sent, and goes through afterwards', async () => {
    await env.stack.stopControlPlane();
    const errors = await Promise.all([
      raised(env.openai().responses.create(BULK)),
      raised(env.openai().responses.create({ ...BULK, stream: true })),
    ]);
    for (const error of errors) {
      expect(error).toMatchObject({ status: 503, code: 'approval_unavailable' });
      expect(error.headers?.get('x-should-retry')).toBe('true');
      ledger.note(error.requestID);
      // Who runs the plane is told why.
      const line = lines.find((each) => each.includes(String(error.requestID)));
      expect(JSON.parse(line ?? '{}')).toMatchObject({
        level: 40,
        code: 'approval_unavailable',
        status: 'Unavailable',
        fault: expect.stringContaining('ECONNREFUSED'),
      });
      expect(line).not.toContain('bulk');
    }
    expect(env.provider.seen).toEqual([]);

    await env.stack.startControlPlane();
    const held = askStreamed(env, ledger, BULK);
    const { name } = await pendingApproval(env);
    await env.api(ApprovalService, 'reviewer').approveApproval({ name });
    expect(await held.text).toBe('done');
    await ledger.expectWhole(env);
  });

  test('a held stream survives: a reviewer approves after the restart, and the answer arrives', async () => {
    const held = askStreamed(env, ledger, BULK);
    const { name } = await pendingApproval(env);
    await env.stack.stopControlPlane();
    await until('the plane noticing', async () => !(await planeHealth(env)).connected);
    expect(env.provider.seen).toEqual([]);
    await env.stack.startControlPlane();
    await env.api(ApprovalService, 'reviewer').approveApproval({ name });
    expect(await held.text).toBe('done');
    expect(env.provider.seen).toHaveLength(1);
    await ledger.expectWhole(env);
  });

  test('a plane restarted meanwhile starts from its own disk, and hands in what the run before it left', async () => {
    await env.stack.stopControlPlane();
    await ask(env, ledger);
    expect(await askStreamed(env, ledger, HELLO).text).toBe('done');
    await env.stack.stopDataPlane();
    await expect(env.openai().responses.create(HELLO)).rejects.toThrow('Connection error');
    await env.stack.startDataPlane();
    // Two exchanges, the end of their epoch, and the beginning of the next one.
    expect(await planeHealth(env)).toMatchObject({ ok: true, connected: false, spoolDepth: 6 });
    await ask(env, ledger);
    await env.stack.startControlPlane();
    expect(await ledger.expectWhole(env)).toHaveLength(2);
  });

  test('without MongoDB calls fail clearly and soon; with it again everything goes on by itself', async () => {
    const held = askStreamed(env, ledger, BULK);
    const { name } = await pendingApproval(env);
    const { revision } = await planeHealth(env);
    const policies = parsePolicies(TEST_POLICY.replace('name: clinicians', 'name: another'));
    await env.stack.stopMongo();
    const startedMs = performance.now();
    const calls = [
      env.api(AuditService, 'auditor').listSessions({}),
      env.api(PolicyService, 'admin').applyPolicies({ policies }),
      env.api(ApprovalService, 'reviewer').approveApproval({ name }),
    ];
    const served = (async () => {
      await ask(env, ledger);
      expect(await askStreamed(env, ledger, HELLO).text).toBe('done');
    })();
    for (const { status, ...result } of await Promise.allSettled(calls)) {
      expect(status).toBe('rejected');
      const error = ConnectError.from('reason' in result ? result.reason : undefined);
      expect(error.code).toBe(Code.Unavailable);
      expect(error.findDetails(ErrorDetailSchema)[0]?.reason).toBe(Reason.STORE_UNAVAILABLE);
    }
    expect(performance.now() - startedMs).toBeLessThan(STORE_ERROR_WITHIN_MS);
    await served;
    const probe = (which: string) => fetch(`${env.stack.controlPlaneUrl}/healthz/${which}`);
    await until('the control plane noticing', async () => (await probe('ready')).status === 503);
    expect((await probe('live')).status).toBe(200);
    expect((await planeHealth(env)).ok).toBe(true);

    await env.stack.startMongo();
    await until('the control plane noticing', async () => (await probe('ready')).ok);
    await env.api(ApprovalService, 'reviewer').approveApproval({ name });
    expect(await held.text).toBe('done');
    await env.api(PolicyService, 'admin').applyPolicies({ policies });
    await until('a new snapshot', async () => (await planeHealth(env)).revision !== revision);
    await ask(env, ledger);
    await ledger.expectWhole(env);
  });
});

describe('a plane that must close', () => {
  let env: Env;
  const ledger = new Ledger();
  beforeAll(async () => {
    // Signs of life come every five seconds; a busy machine may be late with one.
    env = await startEnv({ dataPlane: { maxStaleness: 10_000 } });
  });
  afterAll(() => env.close());
  beforeEach(() => {
    env.provider.behave(answerText('done'));
    env.provider.seen.length = 0;
  });

  test('its spool is removed under it: nothing goes upstream, and no answer ends as if it were recorded', async () => {
    await ask(env, ledger);
    const { behaviour, goOn } = pausingAnswer('done');
    env.provider.behave(behaviour);
    const running = await env
      .openai()
      .responses.create({ ...HELLO, stream: true })
      .withResponse();
    ledger.note(running.request_id, ['INTENT']);
    await ledger.expectWhole(env);
    const spool = join(env.stack.directory, 'data-plane', 'spool');
    env.provider.seen.length = 0;
    await rm(spool, { recursive: true });
    // What stands in its place fails every attempt, as a full or broken disk does.
    await writeFile(spool, 'in the way');
    const errors = await Promise.all([
      raised(env.openai().responses.create(HELLO)),
      raised(env.openai().responses.create({ ...HELLO, stream: true })),
    ]);
    for (const error of errors) expect(error).toMatchObject({ status: 503, code: 'record_failed' });
    expect(env.provider.seen).toEqual([]);
    goOn();
    expect(await raised(textOf(running.data))).toMatchObject({ code: 'record_failed' });
    expect(await planeHealth(env)).toMatchObject({ ok: false, recording: false });

    await rm(spool);
    await until('the plane recording again', async () => (await planeHealth(env)).ok);
    env.provider.behave(answerText('done'));
    await ask(env, ledger);
    expect(await ledger.expectWhole(env)).toHaveLength(2);
  });

  test('its file is removed under it: the very next request is refused, and only that', async () => {
    await ask(env, ledger);
    const { length: epochs } = await ledger.expectWhole(env);
    env.provider.seen.length = 0;
    const spool = join(env.stack.directory, 'data-plane', 'spool');
    for (const file of await readdir(spool)) if (file.endsWith('.spool')) await rm(join(spool, file));
    const error = await raised(env.openai().responses.create(HELLO));
    expect(error).toMatchObject({ status: 503, code: 'record_failed' });
    expect(env.provider.seen).toEqual([]);
    // The disk works, so that the refusal itself is on record, in a new chain.
    ledger.note(error.requestID, ['REFUSAL']);
    await ask(env, ledger);
    expect(await ledger.expectWhole(env)).toHaveLength(epochs + 1);
  });

  test('the control plane is away for longer than allowed: not ready, until it is back', async () => {
    await env.stack.stopControlPlane();
    await ask(env, ledger);
    env.provider.seen.length = 0;
    await until('it is stale', async () => !(await planeHealth(env)).ok);
    const error = await raised(env.openai().responses.create(HELLO));
    expect(error).toMatchObject({ status: 503, code: 'not_ready' });
    ledger.note(error.requestID, ['REFUSAL']);
    expect(env.provider.seen).toEqual([]);
    await env.stack.startControlPlane();
    await until('the plane ready again', async () => (await planeHealth(env)).ok);
    await ask(env, ledger);
    await ledger.expectWhole(env);
  });
});
