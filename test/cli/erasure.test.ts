import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import {
  type CreateHoldRequest,
  type EraseExchangesRequest,
  ErasureResult,
  type ReleaseHoldRequest,
  RetentionService,
} from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { Code, refusal, startControlPlane, type TestControlPlane } from './env/control-plane.ts';
import { createHome, type Home, type Run } from './env/sworn.ts';

const WORDS = ['--authority', 'Privacy Office', '--reason', 'case 4711'];
const TIME = timestampFromDate(new Date(Date.UTC(2026, 2, 1, 9, 30)));
const ERASED = {
  name: 'exchanges/e1',
  startTime: TIME,
  eraseTime: TIME,
  erasure: { authority: 'Privacy Office', scope: 'exchanges/e1', reason: 'case 4711' },
  outcome: { status: OutcomeStatus.COMPLETED, httpStatus: 200 },
};
const HOLD = { name: 'holds/h1', scope: { caller: 'ana@example.org', since: TIME }, reason: 'matter 1' };

let controlPlane: TestControlPlane;
let home: Home;
let asked: EraseExchangesRequest[] = [];
let held: CreateHoldRequest | undefined;
let released: ReleaseHoldRequest | undefined;
let results: ErasureResult[];

beforeAll(async () => {
  home = createHome();
  controlPlane = await startControlPlane((router) => {
    router.service(RetentionService, {
      async *eraseExchanges(request) {
        asked.push(request);
        if (results.length === 0) {
          const name = String(request.scope.value);
          throw refusal(Code.NotFound, Reason.NOT_FOUND, `${name} does not exist`, { name });
        }
        for (const [index, result] of results.entries()) {
          const holds = result === ErasureResult.HELD ? ['holds/h1'] : [];
          yield {
            exchange: `exchanges/e${index + 1}`,
            session: 'sessions/s1',
            startTime: TIME,
            result,
            holds,
          };
        }
      },
      createHold: (request) => {
        held = request;
        return { hold: HOLD };
      },
      listHolds: ({ showReleased }) => ({
        holds: [HOLD, ...(showReleased ? [{ ...HOLD, name: 'holds/h0', releaseTime: TIME }] : [])],
      }),
      releaseHold: (request) => {
        released = request;
        const release = { releasedBy: { subject: 'amy' }, releaseTime: TIME, releaseReason: 'before' };
        return { hold: { ...HOLD, ...release } };
      },
    });
    router.service(AuditService, {
      getExchange: () => ({ exchange: ERASED }),
      listExchanges: () => ({ exchanges: [ERASED] }),
      async *replaySession() {
        yield { event: { case: 'begin', value: ERASED } };
        yield { event: { case: 'end', value: ERASED } };
      },
    });
    router.service(IdentityService, {
      createRevocation: ({ target = {} }) => ({ revocation: { name: 'revocations/r1', target } }),
    });
    router.service(ApprovalService, {
      getApproval: () => ({ approval: { name: 'approvals/a1', eraseTime: TIME } }),
    });
  });
});
afterAll(async () => {
  await controlPlane.close();
  home.remove();
});
beforeEach(() => {
  asked = [];
  results = [ErasureResult.ERASED, ErasureResult.ERASED];
});

const run = (args: readonly string[], stdin = ''): Promise<Run> =>
  home.call(args, { env: { SWORN_CONTROL_PLANE: controlPlane.url, SWORN_TOKEN: 'token' }, stdin });
const erase = (args: readonly string[], stdin?: string) => run(['audit', 'erase', ...args, ...WORDS], stdin);

describe('audit erase', () => {
  test('shows what would go and asks; with yes it is done', async () => {
    const { exitCode, stdout, stderr } = await erase(['--session', 's1'], 'yes\n');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^e1 .* s1 +TO ERASE/m);
    expect(stdout).toMatch(/^e2 .* s1 +ERASED/m);
    expect(stderr).toContain('2 exchanges to be erased: for good?');
    expect(stderr).toContain('2 exchanges erased\n');
    expect(asked.map(({ validateOnly }) => validateOnly)).toEqual([true, false]);
    expect(asked[1]).toMatchObject({
      scope: { case: 'session', value: 'sessions/s1' },
      authority: 'Privacy Office',
      reason: 'case 4711',
    });
  });

  test.each([['no\n'], ['']])('does nothing when the answer is %j', async (answer) => {
    const { exitCode, stderr } = await erase(['--exchange', 'e1'], answer);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^sworn: nothing was erased\n {2}next: .*--yes/m);
    expect(asked.map(({ validateOnly }) => validateOnly)).toEqual([true]);
  });

  test('with --yes it does not ask, with --dry-run it does nothing', async () => {
    expect((await erase(['--expired', '--yes'])).exitCode).toBe(0);
    const tried = await erase(['--expired', '--dry-run']);
    expect(tried).toMatchObject({ exitCode: 0, stderr: '2 exchanges would be erased; nothing was done\n' });
    expect(asked.map(({ validateOnly, scope }) => [validateOnly, scope.case])).toEqual([
      [false, 'expired'],
      [true, 'expired'],
    ]);
  });

  test('what is held makes it fail where it was named, not where it is expired', async () => {
    results = [ErasureResult.ERASED, ErasureResult.HELD, ErasureResult.ERASED_BEFORE];
    const named = await erase(['--session', 's1', '--yes']);
    expect(named.exitCode).toBe(1);
    expect(named.stdout).toMatch(/^e2 .*HELD +h1$/m);
    expect(named.stderr).toContain('1 exchange erased, 1 held, 1 erased before');
    expect(named.stderr).toContain('a hold keeps 1 of them');
    expect((await erase(['--expired', '--yes'])).exitCode).toBe(0);
    results = [ErasureResult.HELD];
    expect((await erase(['--exchange', 'e1'])).exitCode).toBe(1);
  });

  test('in JSON each exchange is a line, of what was done alone', async () => {
    const { stdout } = await erase(['--session', 's1', '--output', 'json'], 'y\n');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { exchange: 'exchanges/e1', result: 'ERASURE_RESULT_ERASED' },
      { exchange: 'exchanges/e2', result: 'ERASURE_RESULT_ERASED' },
    ]);
  });

  test.each([[[]], [['--session', 's1', '--expired']]])('one scope is needed: %j', async (scope) => {
    const { exitCode, stderr } = await erase(scope);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('one of --session, --exchange and --expired');
    expect(asked).toEqual([]);
  });

  test('authority and reason are needed', async () => {
    expect((await run(['audit', 'erase', '--expired', '--reason', 'r'])).exitCode).toBe(2);
    expect((await run(['audit', 'erase', '--expired', '--authority', 'a'])).exitCode).toBe(2);
  });
});

test.each([
  ['show', ['audit', 'show', 'e1'], /^content +erased 2026-03-01 09:30:00Z by Privacy Office: case 4711$/m],
  [
    'replay',
    ['audit', 'replay', 'exchanges/e1'],
    /^content +erased 2026-03-01 .* by Privacy Office: case 4711$/m,
  ],
  ['exchanges', ['audit', 'exchanges'], /completed 200, content erased/],
  ['approval show', ['approval', 'show', 'a1'], /^prompt +erased 2026-03-01 09:30:00Z$/m],
])('%s says what is erased', async (_what, args, words) => {
  const { exitCode, stdout } = await run(args);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(words);
});

test('holds are placed, listed and released', async () => {
  const args = ['--caller', 'ana@example.org', '--since', '2026-03-01', '--reason', 'matter 1'];
  const placed = await run(['hold', 'create', ...args]);
  expect(placed.stdout).toBe('holds/h1 keeps caller ana@example.org, from 2026-03-01 09:30:00Z\n');
  expect(held).toMatchObject({ scope: { caller: 'ana@example.org', session: '' }, reason: 'matter 1' });
  expect((await run(['hold', 'list'])).stdout).not.toContain('h0');
  expect((await run(['hold', 'list', '--released'])).stdout).toMatch(/^h0 .*2026-03-01 09:30:00Z$/m);
  expect((await run(['hold', 'release', 'h1', '--reason', 'over'])).stdout).toBe(
    'holds/h1 was released 2026-03-01 09:30:00Z by amy: before\n',
  );
  expect(released).toMatchObject({ name: 'holds/h1', reason: 'over' });
  expect((await run(['hold', 'create', '--reason', 'everything'])).exitCode).toBe(2);
});

test('what nothing is on record under is said to be so: no hold on a name that is none', async () => {
  const args = ['--reason', 'matter 1', '--session', 'visit-4711'];
  expect((await run(['hold', 'create', ...args])).stderr).toBe('');
  expect(asked).toMatchObject([{ scope: { value: 'sessions/visit-4711' }, validateOnly: true }]);
  results = [];
  held = undefined;
  const nothing = 'nothing is on record under sessions/visit-4711 yet';
  const refused = await run(['hold', 'create', ...args]);
  expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining(nothing) });
  expect(refused.stderr).toContain('next: add --to-come');
  expect(held).toBeUndefined();
  expect((await run(['hold', 'create', ...args, '--to-come'])).exitCode).toBe(0);
  expect(held).toMatchObject({ scope: { session: 'sessions/visit-4711' } });
  const revoked = await run(['revocation', 'create', ...args]);
  expect(revoked).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(nothing) });
  const erased = await erase(['--session', 'visit-4711']);
  expect(erased.exitCode).toBe(1);
  expect(erased.stderr).toContain("next: as an auditor, 'sworn audit sessions' lists them");
});
