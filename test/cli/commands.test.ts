import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Health, HealthCheckResponse_ServingStatus } from '#proto/grpc/health/v1/health_pb.ts';
import { type ApprovalSchema, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { SyncState } from '#proto/sworn/plane/v1/plane_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import type { Policy } from '#proto/sworn/policy/v1/policy_pb.ts';
import { Change, PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { Code, refusal, startControlPlane, type TestControlPlane } from './env/control-plane.ts';
import { createHome, type Home, type Run } from './env/sworn.ts';

let controlPlane: TestControlPlane;
let home: Home;
let status: HealthCheckResponse_ServingStatus = HealthCheckResponse_ServingStatus.SERVING;
let log = 'sound';
let witnessesAway: string[] = [];
let credential = '';
let allowsPlaintext: boolean | undefined;
let applied: Policy[] = [];
let listedStates: State[] = [];
const pages: { pageSize: number; pageToken: string }[] = [];

const APPROVAL: MessageInitShape<typeof ApprovalSchema> = {
  name: 'approvals/0199f3c2-7e10-7000-8000-000000000001',
  state: State.PENDING,
  caller: { subject: 'ana', email: 'ana@example.org', issuer: 'https://id.example.org' },
  model: 'gpt-5',
  policy: 'policies/research',
  rule: 'bulk-export',
  findings: { US_SSN: 1, MRN: 3 },
  reasonRequired: true,
  reviewers: ['privacy-office'],
  quorum: 1,
  createTime: timestampFromDate(new Date(Date.now() - 5 * 60_000)),
  expireTime: timestampFromDate(new Date(Date.now() + 25 * 60_000)),
};
const HOSTILE = 'list all\x1b]0;owned\x07 patients';
const POLICY = `apiVersion: sworn/v1
kind: Policy
name: research
spec:
  groups: [researchers]
  rules:
    - name: default
      allow: {}
`;

beforeAll(async () => {
  home = createHome();
  controlPlane = await startControlPlane(
    (router) => {
      router.service(Health, { check: () => ({ status }) });
      router.service(IdentityService, {
        whoAmI: () => ({
          caller: { subject: 'rev', email: 'rev@example.org', groups: ['privacy-office'] },
          roles: [Role.REVIEWER, Role.ADMIN],
        }),
        listRoleBindings: ({ pageSize, pageToken }) => {
          pages.push({ pageSize, pageToken });
          const first = Number(pageToken || '0');
          const count = Math.min(pageSize, 1_500 - first);
          const roleBindings = Array.from({ length: count }, (_, i) => ({
            name: `roleBindings/b${first + i}`,
            group: 'g',
            role: Role.AUDITOR,
          }));
          return { roleBindings, nextPageToken: first + count < 1_500 ? String(first + count) : '' };
        },
      });
      router.service(ApprovalService, {
        listApprovals: ({ states }) => {
          listedStates = states;
          return { approvals: [APPROVAL] };
        },
        getApproval: ({ name }) => {
          if (name !== APPROVAL.name)
            throw refusal(Code.NotFound, Reason.NOT_FOUND, `${name} does not exist`, { name });
          return { approval: { ...APPROVAL, prompt: [{ place: 'input[0].content', text: HOSTILE }] } };
        },
        approveApproval: () => {
          throw refusal(Code.PermissionDenied, Reason.OWN_REQUEST, 'this is your own request');
        },
        denyApproval: ({ reason }) => ({
          approval: { ...APPROVAL, state: State.DENIED, reason, decidedBy: { subject: 'rev' } },
        }),
      });
      router.service(PlaneService, {
        listPlanes: () => ({
          planes: [
            {
              name: 'planes/p1',
              displayName: 'eu-west',
              syncState: SyncState.STALE,
              appliedRevision: 6n,
              headRevision: 7n,
            },
          ],
        }),
        createJoinToken: () => ({
          joinToken: 'swj_secret',
          expireTime: timestampFromDate(new Date('2026-03-01T09:30:00Z')),
        }),
        withdrawJoinTokens: ({ displayName }) => ({ withdrawn: displayName.length }),
      });
      router.service(PolicyService, {
        applyPolicies: ({ policies }) => {
          applied = policies;
          return { results: policies.map((policy) => ({ policy, change: Change.CREATED })) };
        },
        listPolicies: () => ({ policies: applied }),
      });
      router.service(UpstreamService, {
        createUpstream: (request) => {
          credential = request.credential;
          allowsPlaintext = request.upstream?.spec?.allowPlaintext;
          return { upstream: { name: `upstreams/${request.upstreamId}` } };
        },
      });
    },
    (path) => (path === '/healthz/live' ? { log, witnessesAway } : undefined),
  );
});

afterAll(async () => {
  await controlPlane.close();
  home.remove();
});

function sworn(
  args: readonly string[],
  options: { stdin?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Run> {
  const env = { SWORN_CONTROL_PLANE: controlPlane.url, SWORN_TOKEN: 'tok', ...options.env };
  return home.call(args, { ...options, env });
}

test('status: health, person and planes; what does not serve ends with 5', async () => {
  const run = await sworn(['status']);
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  for (const part of ['serving', 'rev@example.org', 'reviewer, admin', 'eu-west', 'STALE', '6/7'])
    expect(run.stdout).toContain(part);
  witnessesAway = ['w.example.org/1'];
  const lacking = await sworn(['status']);
  witnessesAway = [];
  expect(lacking).toMatchObject({ exitCode: 0, stderr: '' });
  expect(lacking.stdout).toContain('  serving, WITNESS AWAY: w.example.org/1\n');
  log = 'halted';
  const halted = await sworn(['status']);
  log = 'sound';
  expect(halted).toMatchObject({ exitCode: 6, stderr: expect.stringContaining('docs/log.md') });
  expect(halted.stdout).toContain('  serving, LOG HALTED\n');
  status = HealthCheckResponse_ServingStatus.NOT_SERVING;
  const [down, away] = await Promise.all([
    sworn(['status', '--output', 'json']),
    sworn(['status'], { env: { SWORN_CONTROL_PLANE: 'http://127.0.0.1:1' } }),
  ]);
  status = HealthCheckResponse_ServingStatus.SERVING;
  expect(down.exitCode).toBe(5);
  expect(JSON.parse(down.stdout)).toMatchObject({
    serving: false,
    log: 'sound',
    witnessesAway: [],
    planes: [{ name: 'planes/p1', appliedRevision: '6' }],
  });
  expect(JSON.parse(down.stderr).error).toMatchObject({ code: 'not_serving', exitCode: 5 });
  expect(away.exitCode).toBe(5);
  expect(away.stderr).toContain('cannot be reached');
});

test('approvals: the queue, the prompt with its controls written out, a decision, a refusal', async () => {
  const [list, show, deny, approve, missing] = await Promise.all([
    sworn(['approval', 'list']),
    sworn(['approval', 'show', '0199f3c2-7e10-7000-8000-000000000001']),
    sworn([
      'approval',
      'deny',
      '0199f3c2-7e10-7000-8000-000000000001',
      '--reason',
      'ask for counts',
      '-o',
      'json',
    ]),
    sworn(['approval', 'approve', '0199f3c2-7e10-7000-8000-000000000001']),
    sworn(['approval', 'show', 'nothing']),
  ]);
  expect(listedStates).toEqual([State.PENDING]);
  expect(list.stdout.split('\n')[1]).toMatch(
    /^0199f3c2-7e10-7000-8000-000000000001 {2}pending +\d+m +ana@example.org +gpt-5 +research\/bulk-export +MRN 3, US_SSN 1 +2\dm$/,
  );
  expect(show.stdout).toContain('list all\\x1b]0;owned\\x07 patients');
  expect(show.stdout).not.toContain('\x1b');
  expect(show.stdout).toMatch(/^reason +has to be given$/m);
  expect(show.stdout).toContain(' --reason TEXT  or  deny\n');
  expect(JSON.parse(deny.stdout)).toMatchObject({
    state: 'STATE_DENIED',
    reason: 'ask for counts',
    requestDigest: '',
  });
  expect(approve.exitCode).toBe(3);
  expect(approve.stderr).toBe(
    'sworn: this is your own request\n  next: another member of the reviewer groups has to decide\n',
  );
  expect(missing.exitCode).toBe(1);
  expect(missing.stderr).toContain('next: sworn approval list');
});

test('policies: faults with their lines before anything is sent; apply; a backup that can be applied again', async () => {
  const file = join(home.path, 'research.yaml');
  writeFileSync(file, POLICY);
  const broken = await sworn(['policy', 'validate', '-f', '-'], {
    stdin: POLICY.replace('allow: {}', 'when: caller.nobody\n      allow: {}'),
    env: { SWORN_CONTROL_PLANE: '' },
  });
  expect(broken.exitCode).toBe(1);
  expect(broken.stderr).toMatch(/stdin:8:\d+ policies\/research spec\.rules\[0\]\.when/);
  const apply = await sworn(['policy', 'apply', '-f', home.path]);
  expect(apply).toMatchObject({ exitCode: 0, stdout: 'policies/research created\n' });
  expect(applied[0]).toMatchObject({ name: 'policies/research', spec: { groups: ['researchers'] } });
  const backup = await sworn(['policy', 'list', '--output', 'yaml']);
  const again = await sworn(['policy', 'validate', '-f', '-', '-o', 'json'], { stdin: backup.stdout });
  expect(JSON.parse(again.stdout).policies[0]).toMatchObject({
    name: 'policies/research',
    spec: { rules: [{ name: 'default', allow: {} }] },
  });
});

test('a credential reaches the control plane and nothing else; from the command line it is refused', async () => {
  const args = [
    'upstream',
    'create',
    'openai',
    '--base-url',
    'https://api.openai.com/v1',
    '--credential-from',
  ];
  const [made, typed, empty] = await Promise.all([
    sworn([...args, 'stdin'], { stdin: 'sk-very-secret\n' }),
    sworn([...args, 'sk-typed']),
    sworn([...args, 'env:EMPTY'], { env: { EMPTY: '' } }),
  ]);
  expect(made.exitCode).toBe(0);
  expect(credential).toBe('sk-very-secret');
  expect(made.stdout + made.stderr).not.toContain('sk-very-secret');
  expect(typed.exitCode).toBe(2);
  expect(typed.stderr).not.toContain('sk-typed');
  expect(empty.stderr).toContain('is empty');
});

test('--allow-plaintext of an upstream is about the upstream, not about the token', async () => {
  const args = ['upstream', 'create', 'vllm', '--base-url', 'http://vllm.internal/v1', '--auth', 'none'];
  expect((await sworn([...args, '--no-allow-plaintext'])).exitCode).toBe(0);
  expect(allowsPlaintext).toBe(false);
  expect((await sworn([...args, '--allow-plaintext'])).exitCode).toBe(0);
  expect(allowsPlaintext).toBe(true);
  const { stdout: help } = await sworn(['upstream', 'create', '--help']);
  expect(help.match(/--allow-plaintext /g)).toHaveLength(1);
  const plain = ['--allow-plaintext', '--control-plane', 'http://control.invalid'];
  const shown = await sworn([...args, ...plain]);
  expect(shown.exitCode).toBe(2);
  expect(shown.stderr).toContain('next: use https, or set SWORN_ALLOW_PLAINTEXT=true');
  expect((await sworn(['status', ...plain])).exitCode).toBe(5);
});

test('a join token stands alone on stdout', async () => {
  const run = await sworn(['plane', 'join-token', 'eu-west']);
  expect(run).toMatchObject({ exitCode: 0, stdout: 'swj_secret\n' });
  expect(run.stderr).toContain('2026-03-01 09:30:00Z');
  expect((await sworn(['plane', 'withdraw-join-token', 'eu-west'])).stdout).toBe('7 join tokens withdrawn\n');
});

test('pages: a limit asks for no more than it shows, --all for everything', async () => {
  pages.length = 0;
  const limited = await sworn(['role', 'list', '--limit', '3']);
  expect(pages).toEqual([{ pageSize: 3, pageToken: '' }]);
  expect(limited.stdout.trimEnd().split('\n')).toHaveLength(4);
  expect(limited.stderr).toContain('there are more');
  pages.length = 0;
  const all = await sworn(['role', 'list', '--all', '--output', 'json']);
  expect(pages).toEqual([
    { pageSize: 1_000, pageToken: '' },
    { pageSize: 1_000, pageToken: '1000' },
  ]);
  expect(JSON.parse(all.stdout).roleBindings).toHaveLength(1_500);
});

test.each([
  [['nonsense'], 2, "unknown command 'nonsense'"],
  [['policy', 'apply'], 2, "required option '-f, --file <file>'"],
  [['approval', 'list', '--state', 'open'], 2, '--state open is none of pending'],
  [['role', 'list', '--limit', '0'], 2, '--limit 0'],
  [['policy', 'simulate', '-f', '/nowhere.yaml', '--limit', '1.5'], 2, '--limit 1.5'],
  [['audit', 'export', '--caller', ''], 2, 'it is empty'],
  [['audit', 'records', '--action', ''], 2, 'it is empty'],
  [['hold', 'create', '--caller', '', '--since', '1d', '--reason', 'r'], 2, 'it is empty'],
  [['revocation', 'create', '--subject', '', '--client', 'c', '--reason', 'r'], 2, 'it is empty'],
  [['audit', 'gaps', '--since', 'soon'], 2, "'soon' is invalid: a time is like"],
  [['policy', 'apply', '-f', '/nowhere.yaml'], 2, '/nowhere.yaml: there is no such file or directory'],
  [['status', '--control-plane', 'http://control.example.org'], 2, 'plain HTTP'],
  [['whoami', '--token', 'a\nb'], 4, 'characters that no token has'],
  [['whoami', '--token', ''], 4, 'the token is empty'],
])('%j ends with %i', async (args, exitCode, words) => {
  const run = await sworn([...args, '--output', 'json']);
  expect(run.exitCode).toBe(exitCode);
  const { error } = JSON.parse(run.stderr);
  expect(error).toMatchObject({ exitCode, hint: expect.stringMatching(/./) });
  expect(error.message).toContain(words);
  expect(run.stderr).not.toContain('    at ');
});

test.each([
  [['help', 'nope'], "unknown command 'nope'"],
  [['policy', 'help', 'nope'], "unknown command 'nope'"],
  [['policy'], 'a command is missing'],
])('%j shows what there is, and says what is wrong', async (args, words) => {
  const run = await sworn(args);
  expect([run.exitCode, run.stdout]).toEqual([2, '']);
  expect(run.stderr).toMatch(`\nsworn: ${words}\n`);
});

test('help names every command, and the programs that the launcher starts', async () => {
  const run = await sworn(['--help']);
  expect(run.exitCode).toBe(0);
  for (const name of [
    'login',
    'policy',
    'phi',
    'approval',
    'audit',
    'plane',
    'upstream',
    'issuer',
    'role',
    'dev',
    'control-plane',
    'data-plane',
    'master-key',
    'witness',
  ]) {
    expect(run.stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  }
});

test('a web page in the place of a control plane is said to be none, by its address', async () => {
  const page = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>');
  });
  await once(page.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
  try {
    for (const words of [
      ['policy', 'list'],
      ['audit', 'key'],
      ['audit', 'checkpoint'],
      ['audit', 'verify'],
    ]) {
      const { exitCode, stdout, stderr } = await sworn([...words, '--control-plane', url]);
      expect([exitCode, stdout]).toEqual([1, '']);
      expect(stderr).toContain(`is ${url} a Sworn control plane?`);
    }
  } finally {
    page.close();
  }
});
