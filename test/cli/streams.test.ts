import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { startControlPlane, type TestControlPlane } from './env/control-plane.ts';
import { createHome, type Home } from './env/sworn.ts';

let controlPlane: TestControlPlane;
let home: Home;
let env: NodeJS.ProcessEnv;
let watches = 0;
let broken = false;
/** The sessions that lists of exchanges were asked for. */
const filtered: string[] = [];
let replayed: { name: string; speed: number } | undefined;

const bytes = (text: string) => new TextEncoder().encode(text);
const START = new Date('2026-03-01T09:30:00Z');
const EXCHANGE: MessageInitShape<typeof ExchangeSchema> = {
  name: 'exchanges/0199f3c2-7e10-7000-8000-000000000001',
  session: 'sessions/s1',
  caller: { subject: 'ana', email: 'ana@example.org' },
  model: 'gpt-5',
  stream: true,
  startTime: timestampFromDate(START),
  decision: { action: Action.ALLOW, policy: 'policies/research', rule: 'default' },
  prompt: { method: 'POST', path: '/v1/responses', body: bytes(JSON.stringify({ input: 'How is he?' })) },
};
const ENDED: MessageInitShape<typeof ExchangeSchema> = {
  ...EXCHANGE,
  endTime: timestampFromDate(new Date(START.getTime() + 1_240)),
  responseFindings: { US_SSN: 1 },
  outcome: { status: OutcomeStatus.COMPLETED, httpStatus: 200, deliveredBytes: 99n },
};
const delta = (text: string) =>
  bytes(
    `data: ${JSON.stringify({ type: 'response.output_text.delta', item_id: 'm', content_index: 0, delta: text })}\n\n`,
  );
const pending = (id: string) => ({
  approval: { name: `approvals/${id}`, state: State.PENDING, policy: 'policies/p', rule: 'r' },
});

const expired = () => {
  const metadata = { cause: 'expired_token' };
  const detail = { desc: ErrorDetailSchema, value: { reason: Reason.UNAUTHENTICATED, metadata } };
  return new ConnectError('the token has expired', Code.Unauthenticated, undefined, [detail]);
};

beforeAll(async () => {
  home = createHome();
  controlPlane = await startControlPlane((router) => {
    router.service(ApprovalService, {
      async *watchApprovals(_request, context) {
        watches += 1;
        if (watches > 3) throw expired();
        yield {};
        yield pending(`a${watches}`);
        // The first connection breaks, the second outlives its token; the third stays open until its reader goes.
        if (watches === 1) throw new ConnectError('draining', Code.Unavailable);
        if (watches === 2) throw expired();
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      },
    });
    router.service(AuditService, {
      getExchange: () => ({
        exchange: { ...ENDED, delivery: { frames: [{ offsetUs: 1n, data: delta('He is [US_SSN].') }] } },
      }),
      listExchanges: ({ filter }) => {
        filtered.push(filter?.session ?? '');
        if (filter?.session.startsWith('sessions/visit-4711-')) return { exchanges: [ENDED] };
        throw new ConnectError('does not exist', Code.NotFound);
      },
      listSessions: ({ named }) => ({
        sessions: ['a1', 'b2']
          .slice(0, named === 'visit-4711' ? 1 : 2)
          .map((who) => ({ name: `sessions/${named}-0000000${who.at(-1)}`, caller: { subject: who } })),
      }),
      async *replaySession({ name, speed }, context) {
        if (/(visit-4711|shared)$/.test(name)) throw new ConnectError('does not exist', Code.NotFound);
        replayed = { name, speed };
        yield { event: { case: 'begin', value: EXCHANGE } };
        yield { event: { case: 'frame', value: { offsetUs: 1n, data: delta('He is \x1b[2J') } } };
        yield { event: { case: 'frame', value: { offsetUs: 2n, data: delta('well.') } } };
        if (name === 'sessions/endless')
          await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
        yield { event: { case: 'end', value: ENDED } };
      },
      async *exportExchanges({ includeContent }) {
        for (let i = 0; i < 2_000; i++) {
          if (broken && i === 10) throw new ConnectError('the store went away', Code.Unavailable);
          yield {
            exchange: {
              name: `exchanges/${i}`,
              ...(includeContent ? { prompt: { path: '/v1/responses' } } : {}),
            },
          };
        }
      },
    });
  });
  env = { SWORN_CONTROL_PLANE: controlPlane.url, SWORN_TOKEN: 'tok' };
});

afterAll(async () => {
  await controlPlane.close();
  home.remove();
});

test('watch connects again after a break and with a new token after the end of one, and Ctrl-C ends it with 0', async () => {
  const watch = home.start(['approval', 'watch'], { env });
  await watch.sees('a3');
  watch.child.kill('SIGINT');
  const run = await watch.ended;
  expect(run.exitCode).toBe(0);
  expect(
    run.stdout
      .split('\n')
      .slice(0, 3)
      .map((line) => line.split(/\s+/).slice(0, 3)),
  ).toEqual([
    ['pending', 'a1', 'p/r'],
    ['pending', 'a2', 'p/r'],
    ['pending', 'a3', 'p/r'],
  ]);
  expect(run.stderr).toContain('connecting again');
  // One that is not let in with its token does not try for ever.
  expect((await home.run(['approval', 'watch'], { env })).exitCode).toBe(4);
});

test('replay takes the name that the application gave, unless several callers gave it', async () => {
  const unique = await home.run(['audit', 'replay', 'visit-4711', '--speed', '0'], { env });
  expect(unique).toMatchObject({ exitCode: 0, stderr: '' });
  expect(replayed).toMatchObject({ name: 'sessions/visit-4711-00000001' });
  expect(unique.stdout).toContain('How is he?');
  const shared = await home.run(['audit', 'replay', 'shared', '-o', 'json'], { env });
  expect(shared).toMatchObject({ exitCode: 1, stdout: '' });
  expect(JSON.parse(shared.stderr).error).toMatchObject({
    code: 'ambiguous',
    metadata: { 'sessions/shared-00000001': 'a1', 'sessions/shared-00000002': 'b2' },
  });
  const full = await home.run(['audit', 'replay', 'sessions/visit-4711'], { env });
  expect(full).toMatchObject({ exitCode: 1, stdout: '' });
});

test('a filter takes the name of the application as well; an id goes before it', async () => {
  filtered.length = 0;
  const named = await home.run(['audit', 'exchanges', '--session', 'visit-4711'], { env });
  expect(named.stdout.split('\n')).toHaveLength(3);
  expect(filtered).toEqual(['sessions/visit-4711', 'sessions/visit-4711-00000001']);
  const shared = await home.run(['audit', 'export', '--session', 'shared'], { env });
  expect(shared).toMatchObject({ exitCode: 1, stdout: '' });
  expect(shared.stderr).toContain('several sessions are named shared');
  filtered.length = 0;
  await home.run(['audit', 'exchanges', '--session', 'sessions/visit-4711'], { env });
  expect(filtered).toEqual(['sessions/visit-4711']);
});

test('replay reads as a transcript, its controls written out; as JSON it is the recorded pieces', async () => {
  const [text, json] = await Promise.all([
    home.run(['audit', 'replay', 's1', '--speed', '0'], { env }),
    home.run(['audit', 'replay', 'exchanges/x', '--speed', '2', '-o', 'json'], { env }),
  ]);
  expect(replayed).toBeDefined();
  expect(text).toMatchObject({ exitCode: 0, stderr: '' });
  expect(text.stdout).toBe(`
##  2026-03-01 09:30:00Z  ana@example.org  gpt-5  exchanges/0199f3c2-7e10-7000-8000-000000000001
decision    allow by research/default
user        How is he?
assistant   He is \\x1b[2Jwell.
outcome     completed 200, 1.24 s, masked US_SSN 1
`);
  const events = json.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events.map((event) => Object.keys(event)[0])).toEqual(['begin', 'frame', 'frame', 'end']);
  expect(Buffer.from(events[2].frame.data, 'base64')).toEqual(Buffer.from(delta('well.')));
});

test('Ctrl-C in the middle of a replay ends it with 130 and no half line', async () => {
  const replay = home.start(['audit', 'replay', 'endless'], { env });
  await replay.sees('well.');
  replay.child.kill('SIGINT');
  const run = await replay.ended;
  expect(run.exitCode).toBe(130);
  expect(run.stdout.endsWith('well.\n')).toBe(true);
  expect(run.stderr).toBe('sworn: interrupted\n');
});

test('show has decision, maskings, prompt and masked answer', async () => {
  const run = await home.run(['audit', 'show', '0199f3c2-7e10-7000-8000-000000000001'], { env });
  for (const part of [
    'allow by research/default',
    'US_SSN 1',
    'prompt: user\n  How is he?\n',
    'answer: assistant\n  He is [US_SSN].\n',
    'completed 200',
  ]) {
    expect(run.stdout).toContain(part);
  }
});

test('an export is whole and private, or there is no file', async () => {
  const out = join(home.path, 'day.jsonl');
  const whole = await home.run(['audit', 'export', '--out', out, '--content', '--since', '24h'], { env });
  expect(whole).toMatchObject({ exitCode: 0, stderr: `2000 exchanges in ${out}\n` });
  expect(statSync(out).mode & 0o777).toBe(0o600);
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(2_000);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    exchange: { name: 'exchanges/0', prompt: { path: '/v1/responses' } },
  });
  broken = true;
  const failed = await home.run(['audit', 'export', '--out', `${out}2`], { env });
  broken = false;
  expect(failed.exitCode).toBe(5);
  expect(() => statSync(`${out}2`)).toThrow('ENOENT');
  expect(() => statSync(`${out}2.partial`)).toThrow('ENOENT');
  for (const place of [home.path, join(home.path, 'nowhere', 'day.jsonl')]) {
    const wrong = await home.run(['audit', 'export', '--out', place], { env });
    expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`cannot write ${place}: `) });
  }
});

test.skipIf(process.platform !== 'linux')('a result that cannot be written is told', async () => {
  const script = '"$0" bin/sworn.js audit export > /dev/full';
  const shell = spawn('bash', ['-c', script, process.execPath], {
    cwd: new URL('../..', import.meta.url).pathname,
    env: { ...env, PATH: process.env['PATH'], HOME: home.path },
  });
  let told = '';
  shell.stderr.on('data', (data) => {
    told += data;
  });
  const exitCode = await new Promise((resolve) => shell.on('close', resolve));
  expect([exitCode, told]).toEqual([
    1,
    expect.stringMatching(/^sworn: cannot write the result: ENOSPC.*\n$/),
  ]);
});

test('a reader that goes away ends the program quietly', async () => {
  const script = '"$0" bin/sworn.js audit export | head -n 1; echo "$PIPESTATUS"';
  const shell = spawn('bash', ['-c', script, process.execPath], {
    cwd: new URL('../..', import.meta.url).pathname,
    env: { ...env, PATH: process.env['PATH'], HOME: home.path },
  });
  let output = '';
  shell.stdout.on('data', (data) => {
    output += data;
  });
  shell.stderr.on('data', (data) => {
    output += data;
  });
  await new Promise((resolve) => shell.on('close', resolve));
  const [line = '', exitCode, rest] = output.split('\n');
  expect(JSON.parse(line).exchange.name).toBe('exchanges/0');
  expect([exitCode, rest]).toEqual(['0', '']);
});
