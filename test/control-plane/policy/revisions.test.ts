import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { pageToken } from '../../../control-plane/api/paging.ts';
import { digestPolicy } from '../../../control-plane/approval/binding.ts';
import { createPolicyRevisions } from '../../../control-plane/storage/migrations/0009-create-policy-revisions.ts';
import { rawOf, storeAsOlder } from '../../env/alter.ts';
import { refusal } from '../refusal.ts';
import { type Env, startEnv } from './env.ts';

let env: Env;
beforeAll(async () => {
  env = await startEnv();
}, 240_000);
afterAll(() => env?.close());
beforeEach(() => env.clear());

const NAME = 'policies/research';
const spec = (group: string) => ({
  groups: [group],
  rules: [{ name: 'ordinary', action: { case: 'allow' as const, value: {} } }],
});
const apply = (group: string, reason = '', etag = '') =>
  env.client.applyPolicies({
    policies: [create(PolicySchema, { name: NAME, spec: spec(group), etag })],
    reason,
  });
const history = async () =>
  (await env.client.listPolicyRevisions({ policy: NAME })).revisions.map(
    ({ number, spec: said, reason }) => `${number} ${said?.groups.join() ?? 'gone'} ${reason}`,
  );

test('every change is a revision with author and reason, whatever made it; what changes nothing is none', async () => {
  await env.client.createPolicy({ policyId: 'research', policy: { spec: spec('a') }, reason: 'first' });
  await env.client.updatePolicy({
    policy: { name: NAME, spec: spec('b') },
    updateMask: { paths: ['spec'] },
    reason: 'second',
  });
  await apply('b', 'nothing');
  await apply('c', 'third');
  await env.client.deletePolicy({ name: NAME, reason: 'fourth' });
  await apply('d', 'fifth');
  expect(await history()).toEqual(['5 d fifth', '4 gone fourth', '3 c third', '2 b second', '1 a first']);
  const { revisions } = await env.client.listPolicyRevisions({ policy: NAME });
  expect(revisions.every(({ author }) => author?.subject !== undefined && author.subject !== '')).toBe(true);
  expect((await env.client.getPolicy({ name: NAME })).policy?.revision).toBe(5n);
});

test('the record has the number and the digest of what the policy says', async () => {
  await apply('a', 'first');
  const { policy } = await env.client.getPolicy({ name: NAME });
  const found = await env.records('policy.create');
  expect(found).toMatchObject([{ policyChange: { revision: 1n, reason: 'first' } }]);
  if (policy?.spec === undefined) throw new Error('there is no policy');
  expect(Buffer.from(found[0]?.policyChange?.specSha256 ?? [])).toEqual(
    Buffer.from(digestPolicy(policy.spec)),
  );
});

test('a rollback is a new revision, also of a policy that is gone; an old etag or no revision is refused', async () => {
  const etag = (await apply('a')).results[0]?.policy?.etag ?? '';
  await apply('b');
  const back = (fields: object) => env.client.rollbackPolicy({ policy: NAME, revision: 1n, ...fields });
  expect(await refusal(back({ etag }))).toBe(Reason.ETAG_MISMATCH);
  expect(await refusal(back({ revision: 9n }))).toBe(Reason.NOT_FOUND);
  const { policy } = await back({ reason: 'again' });
  expect(policy).toMatchObject({ revision: 3n, spec: { groups: ['a'] } });
  // Again, and to one that says the same.
  expect(await back({ reason: 'again' })).toEqual(expect.objectContaining({ policy, unchanged: true }));
  expect(await back({ revision: 3n })).toMatchObject({ policy: { etag: policy?.etag }, unchanged: true });
  expect(await refusal(back({ etag }))).toBe(Reason.ETAG_MISMATCH);
  expect(await history()).toHaveLength(3);
  await env.client.deletePolicy({ name: NAME });
  expect(await refusal(back({ revision: 4n }))).toBe(Reason.NOT_FOUND);
  expect((await back({ revision: 2n })).policy).toMatchObject({ revision: 5n, spec: { groups: ['b'] } });
  expect((await history()).slice(0, 3)).toEqual(['5 b ', '4 gone ', '3 a again']);
});

test('changes at once have numbers without gaps', async () => {
  await Promise.all(Array.from({ length: 8 }, (_, index) => apply(`g${index}`)));
  const { revisions } = await env.client.listPolicyRevisions({ policy: NAME, pageSize: 3 });
  expect(revisions.map(({ number }) => number)).toEqual([8n, 7n, 6n]);
  const rest = await env.client.listPolicyRevisions({
    policy: NAME,
    pageSize: 3,
    pageToken: (await env.client.listPolicyRevisions({ policy: NAME, pageSize: 3 })).nextPageToken,
  });
  expect(rest.revisions.map(({ number }) => number)).toEqual([5n, 4n, 3n]);
});

test('a policy of before has what it says as its first revision, once', async () => {
  await apply('a');
  const { db } = env.context.database;
  await db.collection('policyRevisions').deleteMany({});
  await db.collection('policies').updateMany({}, { $unset: { revision: true } });
  await createPolicyRevisions(db);
  await createPolicyRevisions(db);
  for (const name of ['policies', 'policyRevisions'] as const) {
    for (const document of await rawOf(env.context.database, name).find().toArray())
      await storeAsOlder(env.context.database, name, document);
  }
  expect(await history()).toEqual(['1 a kept before revisions were']);
  await apply('b', 'then');
  expect(await history()).toEqual(['2 b then', '1 a kept before revisions were']);
});

test('what never was has no history', async () => {
  expect(await refusal(env.client.listPolicyRevisions({ policy: 'policies/none' }))).toBe(Reason.NOT_FOUND);
  const forged = { policy: NAME, pageToken: pageToken(`revisions of ${NAME}`, 'none') };
  expect(await refusal(env.client.listPolicyRevisions(forged))).toBe(Reason.INVALID_PAGE_TOKEN);
});
