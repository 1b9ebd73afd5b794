import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { ProposalService } from '#proto/sworn/proposal/v1/proposal_service_pb.ts';
import { Code, refusal, startControlPlane, type TestControlPlane } from './env/control-plane.ts';
import { createHome, type Home } from './env/sworn.ts';

let controlPlane: TestControlPlane;
let home: Home;

const POLICY = `apiVersion: sworn/v1
kind: Policy
name: research
spec:
  groups: [researchers]
  upstreams: [nosuch]
  rules:
    - name: default
      allow: {}
`;
const INVALID = refusal(Code.InvalidArgument, Reason.POLICY_INVALID, 'the policy does not compile', {
  'policies/research spec.upstreams[0]': 'there is no upstream nosuch\nand that is all',
  'policies/research': 'is too large',
});

beforeAll(async () => {
  home = createHome();
  controlPlane = await startControlPlane((router) => {
    router.service(PolicyService, {
      applyPolicies: ({ reason }) => {
        if (reason !== 'four eyes') throw INVALID;
        throw refusal(Code.FailedPrecondition, Reason.PROPOSAL_REQUIRED, 'propose it');
      },
    });
    router.service(ProposalService, {
      createProposal: () => {
        throw INVALID;
      },
      approveProposal: ({ name }) => {
        throw refusal(Code.PermissionDenied, Reason.OWN_REQUEST, 'you proposed it yourself', { name });
      },
    });
    // As the control plane says it.
    router.service(ApprovalService, {
      approveApproval: ({ reason }) => {
        const [field, why] =
          reason === '' ? ['reason', 'the policy wants one'] : ['window', 'its rule allows 1s to 4h'];
        throw refusal(Code.InvalidArgument, Reason.INVALID_ARGUMENT, `${field}: ${why}`, { [field]: why });
      },
    });
    router.service(IdentityService, {
      createIssuer: () => {
        const field = 'issuer.spec.issuer_url';
        throw refusal(Code.InvalidArgument, Reason.INVALID_ARGUMENT, `${field}: is none`, {
          [field]: 'is none',
        });
      },
    });
  });
});

afterAll(async () => {
  await controlPlane.close();
  home.remove();
});

/** The error that a command leaves on stderr for programs. */
async function errorOf(...args: string[]) {
  const env = { SWORN_CONTROL_PLANE: controlPlane.url, SWORN_TOKEN: 'tok' };
  const { stderr } = await home.call([...args, '--output', 'json'], { env });
  return JSON.parse(stderr).error;
}

function file(name: string, text: string): string {
  const path = join(home.path, name);
  writeFileSync(path, text);
  return path;
}

test('a fault of a policy file is told by file, place, policy and field', async () => {
  const bad = file('bad.yaml', POLICY.replace('allow: {}', "when: 'model ==='\n      allow: {}"));
  const error = await errorOf('policy', 'validate', '-f', bad);
  expect(error).toMatchObject({ code: 'policy_invalid', exitCode: 1 });
  expect(error.faults).toEqual([
    {
      file: bad,
      line: 9,
      column: expect.any(Number),
      resource: 'policies/research',
      field: 'spec.rules[0].when',
      message: expect.any(String),
    },
  ]);
  expect(error.faults[0].column).toBeGreaterThan(1);
  expect(error.faults[0].message).not.toBe('');
  expect(Object.values(error.metadata)).toEqual([error.faults[0].message]);
});

const REFUSED = [
  ['policies/research', 'spec.upstreams[0]', 'there is no upstream nosuch'],
  ['policies/research', 'spec.upstreams[0]', 'and that is all'],
  ['policies/research', '', 'is too large'],
].map(([resource, field, message]) => ({ file: '', line: 0, column: 0, resource, field, message }));

test.each(['alone', 'four eyes'])(
  'what the control plane finds wrong with policies is, too: %s',
  async (why) => {
    const good = file('good.yaml', POLICY);
    const error = await errorOf('policy', 'apply', '-f', good, '--reason', why);
    expect(error).toMatchObject({ code: 'invalid_argument', reason: 'REASON_POLICY_INVALID', exitCode: 1 });
    expect(error.faults).toEqual(REFUSED);
  },
);

test('a field of a request', async () => {
  const error = await errorOf('issuer', 'create', 'a', '--issuer-url', 'x');
  expect(error.faults).toEqual([
    { file: '', line: 0, column: 0, resource: '', field: 'issuer.spec.issuer_url', message: 'is none' },
  ]);
});

test('who may not approve a change is told so by its reason, without faults', async () => {
  expect(await errorOf('proposal', 'approve', '0199')).toMatchObject({
    code: 'permission_denied',
    reason: 'REASON_OWN_REQUEST',
    metadata: { name: 'proposals/0199' },
    faults: [],
    hint: "another admin has to decide; 'sworn proposal withdraw 0199' takes it back",
    exitCode: 3,
  });
});

test('a reason that is missing, and a time that is too long, are told once, with what to type', async () => {
  const env = { SWORN_CONTROL_PLANE: controlPlane.url, SWORN_TOKEN: 'tok' };
  const silent = await home.call(['approval', 'approve', '0199'], { env });
  expect(silent.stderr).toBe('sworn: --reason: the policy wants one\n  next: add --reason TEXT\n');
  const long = await home.call(['approval', 'approve', '0199', '--reason', 'x', '--for', '5h'], { env });
  expect(long.stderr).toBe(
    'sworn: --for: its rule allows 1s to 4h\n' +
      '  next: approve without --for, for this request alone, or for no longer than the policy says in window\n',
  );
});

test('an upstream without its key is a mistake of what was typed', async () => {
  const asked = ['upstream', 'create', 'openai', '--base-url', 'https://api.openai.com/v1'];
  expect(await errorOf(...asked)).toMatchObject({
    code: 'usage',
    exitCode: 2,
    message: "the provider's key is missing: add --credential-from, file:PATH, env:NAME or stdin",
    hint: 'where the provider wants none, add --auth none',
  });
});

test.each([401, 403, 404])(
  'a server that is no control plane, and answers %i, is not asked for a login',
  async (status) => {
    const server = createServer((_request, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const run = await home.run(['policy', 'list', '--control-plane', url, '--token', 'any']);
    server.close();
    expect(run.stderr).toContain(`next: is ${url} a Sworn control plane? check --control-plane`);
  },
);
