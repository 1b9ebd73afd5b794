import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApprovalSchema, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { startControlPlane, type TestControlPlane } from './env/control-plane.ts';
import { createHome, type Home } from './env/sworn.ts';

const TIME = timestampFromDate(new Date('2026-03-01T09:30:00Z'));
const OF_TWO: MessageInitShape<typeof ApprovalSchema> = {
  name: 'approvals/a1',
  state: State.PENDING,
  caller: { subject: 'ana' },
  policy: 'policies/research',
  rule: 'bulk',
  reviewers: ['privacy-office'],
  quorum: 2,
  votes: [{ reviewer: { subject: 'ben' }, time: TIME, reason: 'protocol 12' }],
};

let approval = OF_TWO;
let reader = { subject: 'cleo', groups: ['privacy-office'] };
let roles: Role[] = [Role.REVIEWER];
let controlPlane: TestControlPlane;
let home: Home;

beforeAll(async () => {
  home = createHome();
  controlPlane = await startControlPlane((router) => {
    router.service(IdentityService, { whoAmI: () => ({ caller: reader, roles }) });
    router.service(ApprovalService, {
      listApprovals: () => ({ approvals: [approval] }),
      getApproval: () => ({ approval }),
    });
  });
});
afterAll(async () => {
  await controlPlane.close();
  home.remove();
});

async function approvals(...args: string[]): Promise<string> {
  const env = { SWORN_CONTROL_PLANE: controlPlane.url, SWORN_TOKEN: 't' };
  const { stdout, stderr } = await home.call(['approval', ...args], { env });
  expect(stderr).toBe('');
  return stdout;
}

test('of several who have to approve, the list says how many have, and whether the reader is one', async () => {
  expect(await approvals('list')).toMatch(/^a1 +pending +1 of 2 +ana /m);
  reader = { subject: 'ben', groups: ['privacy-office'] };
  expect(await approvals('list')).toMatch(/^a1 +pending +1 of 2, yours +ana /m);
});

test.each([
  ['a reviewer', 'cleo', ['privacy-office'], [Role.REVIEWER], true],
  ['who has approved', 'ben', ['privacy-office'], [Role.REVIEWER], false],
  ['who asked', 'ana', ['privacy-office'], [Role.REVIEWER], false],
  ['a reviewer of other groups', 'cleo', ['ward'], [Role.REVIEWER, Role.AUDITOR], false],
  ['an auditor', 'cleo', ['privacy-office'], [Role.AUDITOR], false],
])('what to do next is for who can: %s', async (_who, subject, groups, its, isTold) => {
  reader = { subject, groups };
  roles = its;
  expect((await approvals('show', 'a1')).includes('next: sworn approval approve a1')).toBe(isTold);
});

test('each of several who approved is shown with when and why', async () => {
  const other = { reviewer: { subject: 'cleo' }, time: TIME, reason: 'seen too' };
  const votes = [...(OF_TWO.votes ?? []), other];
  approval = { ...OF_TWO, state: State.CONSUMED, votes, decidedBy: other.reviewer, reason: 'seen too' };
  const shown = (await approvals('show', 'a1')).replace(/ {2,}/g, ' ');
  const each = ['ben 2026-03-01 09:30:00Z: protocol 12', 'cleo 2026-03-01 09:30:00Z: seen too'];
  expect(shown).toContain(`approved by 2 of 2\n ${each.join('\n ')}\n`);
  expect(shown).not.toMatch(/^reason/m);
  expect(await approvals('list')).toMatch(/^a1 +consumed +2 of 2/m);
});
