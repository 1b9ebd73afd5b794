import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyCommitment } from '#core/evidence/commitment/commit.ts';
import { type Approval, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import type { Record as Recorded } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Caller, CallerKind } from '#proto/sworn/identity/v1/caller_pb.ts';
import { RevocationTargetSchema } from '#proto/sworn/identity/v1/revocation_pb.ts';
import { decideApproval, type Verdict } from '../../../control-plane/approval/decide.ts';
import { requestApproval } from '../../../control-plane/approval/request.ts';
import { createRevocation, removeRevocation } from '../../../control-plane/identity/revocation.ts';
import { person } from '../audit/call.ts';
import { failure } from '../audit/failure.ts';
import { recordsOf } from '../audit/recorded.ts';
import { openStore, type Store } from '../audit/store.ts';
import { insertTestPolicy, question, rita, rob } from './question.ts';

let store: Store;
let count = 0;
beforeAll(async () => {
  store = await openStore();
  await insertTestPolicy(store);
}, 120_000);
afterAll(() => store.close());

const ask = (rule = 'ask-two'): Promise<Approval> =>
  requestApproval(store.replica(), 'planes/one', question(`prompt ${++count}`, { rule }));
const decide = (name: string, by: Caller, verdict: Partial<Verdict> = {}): Promise<Approval> =>
  decideApproval(store.replica(), by, name, { state: 'APPROVED', reason: 'fine', ...verdict });

test('two different people have to approve', async () => {
  const { name } = await ask();
  const once = await decide(name, rita);
  expect(once).toMatchObject({ state: State.PENDING, quorum: 2 });
  expect(once.votes.map(({ reviewer }) => reviewer?.subject)).toEqual(['rita']);
  expect(await failure(decide(name, rita))).toMatchObject({ reason: Reason.ALREADY_APPROVED });
  const twice = await decide(name, rob);
  expect(twice).toMatchObject({ state: State.APPROVED, decidedBy: { subject: 'rob' } });
  expect(twice.votes.map(({ reviewer, reason }) => `${reviewer?.subject} ${reason}`)).toEqual([
    'rita fine',
    'rob fine',
  ]);
  expect(await failure(decide(name, rita))).toMatchObject({ reason: Reason.APPROVAL_NOT_PENDING });
});

test('the record commits to what each of them says, and does not have their words', async () => {
  const { name } = await ask();
  await decide(name, rita, { reason: 'Jane Roe asked for it' });
  const approved = await decide(name, rob, { reason: 'seen too' });
  const denied = await decide((await ask()).name, rita, { state: 'DENIED', reason: 'one patient only' });
  const silent = await decide((await ask('ask')).name, rita, { state: 'DENIED', reason: '' });

  const [, vote, approve] = await recordsOf(store, name);
  const [, deny] = await recordsOf(store, denied.name);
  const said: [Recorded | undefined, string, { reason: string; reasonKey: Uint8Array } | undefined][] = [
    [vote, 'Jane Roe asked for it', approved.votes[0]],
    [approve, 'seen too', approved.votes[1]],
    [approve, 'seen too', approved],
    [deny, 'one patient only', denied],
  ];
  for (const [
    record,
    reason,
    { reasonKey, ...given } = { reason: '', reasonKey: new Uint8Array() },
  ] of said) {
    expect(given.reason).toBe(reason);
    const { reasonCommitment = new Uint8Array() } = record ?? {};
    verifyCommitment(reasonCommitment, reasonKey, 'reason', Buffer.from(reason));
    const another = () => verifyCommitment(reasonCommitment, reasonKey, 'reason', Buffer.from('another'));
    expect(another).toThrow('not the reason that was committed to');
  }
  expect(vote?.bytes.includes('Jane Roe')).toBe(false);
  expect(approved.reasonKey).not.toEqual(approved.votes[0]?.reasonKey);
  expect((await recordsOf(store, silent.name))[1]?.reasonCommitment).toHaveLength(0);
});

test('one person with two accounts is one person', async () => {
  const { name } = await ask();
  const both = { email: 'Rita@Example.org' };
  await decide(name, { ...rita, ...both });
  const other = { ...person('rita-2', ['sworn-reviewers']), email: 'rita@example.org' };
  expect(await failure(decide(name, other))).toMatchObject({ reason: Reason.ALREADY_APPROVED });
});

test('an e-mail address is the same person as subject and as e-mail', async () => {
  const caller = { ...person('ann@example.org', ['researchers']), email: '' };
  const asked = question(`prompt ${++count}`, { caller });
  const { name } = await requestApproval(store.replica(), 'planes/one', asked);
  const elsewhere = {
    ...person('4711', ['sworn-reviewers']),
    issuer: 'https://other',
    email: 'Ann@Example.org',
  };
  expect(await failure(decide(name, elsewhere))).toMatchObject({ reason: Reason.OWN_REQUEST });
  // Who has no address is nobody else for that.
  expect(await decide(name, { ...rita, email: '' })).toMatchObject({ state: State.APPROVED });
});

test('who was revoked since they approved does not count', async () => {
  const { name } = await ask();
  await decide(name, rita);
  const target = create(RevocationTargetSchema, { subject: 'rita' });
  const revoke = { target, reason: 'account stolen' };
  const { name: revocation } = await createRevocation(store.replica(), person('root', []), revoke);
  expect(await decide(name, rob)).toMatchObject({ state: State.PENDING });
  const third = person('rosa', ['sworn-reviewers']);
  expect(await decide(name, third)).toMatchObject({ state: State.APPROVED, decidedBy: { subject: 'rosa' } });
  await removeRevocation(store.replica(), person('root', []), revocation);
});

test('one denial is enough, also of who has approved before', async () => {
  const { name } = await ask();
  await decide(name, rita);
  expect(await decide(name, rita, { state: 'DENIED' })).toMatchObject({ state: State.DENIED });
  expect(await failure(decide(name, rob))).toMatchObject({ reason: Reason.APPROVAL_NOT_PENDING });
});

test('two at once are two', async () => {
  const { name } = await ask();
  const both = await Promise.all([decide(name, rita), decide(name, rob)]);
  expect(both.map(({ state }) => state).sort()).toEqual([State.PENDING, State.APPROVED]);
});

test('a reason is given where the policy wants one, to approve and to deny', async () => {
  const { name } = await ask();
  for (const state of ['APPROVED', 'DENIED'] as const) {
    const refused = await failure(decide(name, rita, { state, reason: ' ' }));
    const metadata = { reason: 'the policy wants one' };
    expect(refused).toEqual({ reason: Reason.INVALID_ARGUMENT, metadata });
  }
});

test('services do not decide, but those that the policy names', async () => {
  const { name } = await ask();
  const bot = (client: string): Caller => ({
    ...person(client, ['sworn-reviewers']),
    client,
    kind: CallerKind.SERVICE,
  });
  expect(await failure(decide(name, bot('other-bot')))).toMatchObject({ reason: Reason.PERSON_REQUIRED });
  expect((await decide(name, bot('review-bot'))).votes).toHaveLength(1);
});

test('the last to approve may grant the rule for as long as it allows', async () => {
  const { name } = await ask();
  const window = (by: Caller, windowMs: number) => failure(decide(name, by, { windowMs }));
  expect(await window(rita, 60_000)).toMatchObject({ reason: Reason.INVALID_ARGUMENT });
  await decide(name, rita);
  const tooLong = { reason: Reason.INVALID_ARGUMENT, metadata: { window: 'its rule allows 1s to 1h' } };
  expect(await window(rob, 3_600_001)).toEqual(tooLong);
  expect(await window(rob, 0)).toMatchObject({ reason: Reason.INVALID_ARGUMENT });
  await decide(name, rob, { windowMs: 3_600_000 });
  const grant = await store.database.db.collection('grants').findOne({ approval: name });
  expect(grant).toMatchObject({ policy: 'policies/research', rule: 'ask-two' });
  const record = await store.database.db.collection('records').findOne({ resource: grant?._id as never });
  expect(record).toMatchObject({ action: 'grant.create' });
});
