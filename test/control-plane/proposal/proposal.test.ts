import { create, fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Record, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { CallerKind } from '#proto/sworn/identity/v1/caller_pb.ts';
import { RevocationTargetSchema } from '#proto/sworn/identity/v1/revocation_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { ChangeSchema, ProposalState } from '#proto/sworn/proposal/v1/proposal_pb.ts';
import {
  GetProposalRequestSchema,
  ListProposalsRequestSchema,
} from '#proto/sworn/proposal/v1/proposal_service_pb.ts';
import { createProposalService } from '../../../control-plane/api/proposal-service.ts';
import type { Context } from '../../../control-plane/context.ts';
import { createRevocation } from '../../../control-plane/identity/revocation.ts';
import { writeMessage } from '../../../control-plane/notification/message.ts';
import { applyPolicies } from '../../../control-plane/policy/apply.ts';
import { rollbackPolicy } from '../../../control-plane/policy/policy.ts';
import { approveProposal, rejectProposal, withdrawProposal } from '../../../control-plane/proposal/decide.ts';
import { expireProposals } from '../../../control-plane/proposal/expire.ts';
import { createProposal } from '../../../control-plane/proposal/propose.ts';
import type { NotificationDocument } from '../../../control-plane/storage/approval/notifications.ts';
import { insertNotifier } from '../../../control-plane/storage/configuration/notifiers.ts';
import { listRevisions } from '../../../control-plane/storage/configuration/policy-revisions.ts';
import { findRoles } from '../../../control-plane/storage/configuration/role-bindings.ts';
import { findUpstream } from '../../../control-plane/storage/configuration/upstreams.ts';
import { openSecrets } from '../../../control-plane/upstream/secrets.ts';
import { putRaw, rawDocument } from '../../env/alter.ts';
import { callBy } from '../audit/call.ts';
import { failure } from '../audit/failure.ts';
import { openStore, type Store } from '../audit/store.ts';
import { amy, applyOf, ben, bindAdmins, bindOf, cleo, propose, stored } from './proposals.ts';

const WEEK_MS = 7 * 24 * 3_600_000;
const SECRET = 'sk-not-to-be-seen';
let store: Store;
let context: Context;
let count = 0;
let id = '';
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
  await bindAdmins(store);
}, 120_000);
beforeEach(() => {
  id = `policy-${++count}`;
});
afterAll(() => store.close());

const approve = (name: string, caller = ben) => approveProposal(context, { caller, reason: 'seen' }, name);

async function records(filter: object): Promise<Record[]> {
  const found = await store.database.db.collection('records').find(filter).sort({ _id: 1 }).toArray();
  return found.map((document) => fromBinary(RecordSchema, document['bytes'].buffer));
}

describe('a policy', () => {
  test('that was altered in the store is overwritten, or deleted, by a proposal as well', async () => {
    const name = `policies/${id}`;
    const alter = async () => {
      const document = await rawDocument(store.database, 'policies', name);
      await putRaw(store.database, 'policies', { ...document, etag: 'mine' });
      await expect(stored(store, id)).rejects.toThrow('changed in the database');
    };
    await approve((await propose(context, applyOf(id, 'as it was'))).name);
    await alter();
    await approve((await propose(context, applyOf(id, 'as it was'))).name);
    expect((await stored(store, id))?.spec?.description).toBe('as it was');
    await alter();
    const value = { name };
    const removal = create(ChangeSchema, { request: { case: 'deletePolicy', value } });
    await approve((await propose(context, removal)).name);
    expect(await stored(store, id)).toBeUndefined();
  });

  test('is as before until another admin approves; then both names stand in the revision and the records', async () => {
    const proposal = await propose(context, applyOf(id, 'wide'));
    expect(proposal).toMatchObject({ state: ProposalState.PENDING, reason: 'protocol 12' });
    expect(proposal.changes).toMatchObject([{ name: `policies/${id}`, before: '' }]);
    expect(JSON.parse(proposal.changes[0]?.after ?? '')).toMatchObject({ spec: { description: 'wide' } });
    expect(await stored(store, id)).toBeUndefined();

    const applied = await approve(proposal.name);
    expect(applied).toMatchObject({ state: ProposalState.APPLIED, decisionReason: 'seen' });
    expect((await stored(store, id))?.spec?.description).toBe('wide');
    const [revision] = await listRevisions(store.database, `policies/${id}`, undefined, 1);
    expect(revision).toMatchObject({ reason: 'protocol 12', proposal: proposal.name });
    expect(revision?.author?.subject).toBe('amy');
    expect(revision?.approvedBy?.subject).toBe('ben');

    const [made, approved] = await records({ resource: proposal.name });
    const [changed] = await records({ resource: `policies/${id}` });
    expect(made).toMatchObject({ action: 'proposal.create', proposal: { resources: [`policies/${id}`] } });
    expect(made?.proposal?.decidedBy).toBeUndefined();
    expect(approved).toMatchObject({ action: 'proposal.approve', proposal: { reason: 'seen' } });
    expect(approved?.caller?.subject).toBe('ben');
    expect(changed?.action).toBe('policy.create');
    expect(changed?.caller?.subject).toBe('amy');
    expect(changed?.proposal?.decidedBy?.subject).toBe('ben');
    expect(changed?.proposal?.changesSha256).toEqual(made?.proposal?.changesSha256);
  });

  test('that would be the same is no proposal', async () => {
    await approve((await propose(context, applyOf(id, 'one'))).name);
    expect(await createProposal(context, { caller: amy, reason: '' }, applyOf(id, 'one'))).toBeUndefined();
  });

  test('that does not compile, or has another etag, is refused as it is proposed', async () => {
    const wrong = applyOf(id, 'one');
    if (wrong.request.case === 'applyPolicies') {
      const rule = wrong.request.value.policies[0]?.spec?.rules[0];
      if (rule !== undefined) rule.when = 'nonsense(';
    }
    expect((await failure(propose(context, wrong))).reason).toBe(Reason.POLICY_INVALID);
    expect((await failure(propose(context, applyOf(id, 'one', 'old')))).reason).toBe(Reason.ETAG_MISMATCH);
  });

  test('that was changed meanwhile is a conflict, and stays as it is', async () => {
    const { name } = await propose(context, applyOf(id, 'mine'));
    const { request } = applyOf(id, 'theirs');
    if (request.case !== 'applyPolicies') throw new Error('another call');
    await applyPolicies(context, { caller: cleo, reason: '' }, request.value.policies, false);
    const refused = await failure(approve(name));
    expect(refused).toMatchObject({ reason: Reason.PROPOSAL_CONFLICT, metadata: { name: `policies/${id}` } });
    expect((await stored(store, id))?.spec?.description).toBe('theirs');
    // It can still be rejected.
    expect((await rejectProposal(context, { caller: ben, reason: '' }, name)).state).toBe(
      ProposalState.REJECTED,
    );
  });

  test('is deleted and rolled back so, too', async () => {
    await approve((await propose(context, applyOf(id, 'one'))).name);
    const value = { name: `policies/${id}` };
    const gone = await propose(context, create(ChangeSchema, { request: { case: 'deletePolicy', value } }));
    expect(gone.changes[0]?.after).toBe('');
    await approve(gone.name);
    expect(await stored(store, id)).toBeUndefined();
    const back = { policy: `policies/${id}`, revision: 1n };
    const again = create(ChangeSchema, { request: { case: 'rollbackPolicy', value: back } });
    await approve((await propose(context, again)).name);
    expect((await stored(store, id))?.spec?.description).toBe('one');
    expect((await stored(store, id))?.revision).toBe(3n);
  });
});

describe('who approves', () => {
  test.each([
    ['its author', () => amy, Reason.OWN_REQUEST],
    [
      'its author at another issuer',
      () => ({ ...ben, issuer: 'https://b', email: ' AMY@example.org' }),
      Reason.OWN_REQUEST,
    ],
    ['a service', () => ({ ...ben, kind: CallerKind.SERVICE }), Reason.PERSON_REQUIRED],
  ])('not %s, nor rejects', async (_what, by, reason) => {
    const { name } = await propose(context, applyOf(id, 'one'));
    expect((await failure(approve(name, by()))).reason).toBe(reason);
    expect((await failure(rejectProposal(context, { caller: by(), reason: '' }, name))).reason).toBe(reason);
    expect(await stored(store, id)).toBeUndefined();
  });

  test('a service does not propose either: who runs it would be both', async () => {
    const service = { ...amy, kind: CallerKind.SERVICE };
    expect((await failure(propose(context, applyOf(id, 'one'), service))).reason).toBe(
      Reason.PERSON_REQUIRED,
    );
  });

  test('only its author takes it back, and nobody approves it afterwards', async () => {
    const { name } = await propose(context, applyOf(id, 'one'));
    const byBen = withdrawProposal(context, { caller: ben, reason: '' }, name);
    expect((await failure(byBen)).reason).toBe(Reason.NOT_ADDRESSED);
    await withdrawProposal(context, { caller: amy, reason: 'changed my mind' }, name);
    const refused = await failure(approve(name));
    expect(refused).toMatchObject({ reason: Reason.PROPOSAL_NOT_PENDING, metadata: { state: 'WITHDRAWN' } });
    expect((await failure(approve('proposals/none'))).reason).toBe(Reason.NOT_FOUND);
  });

  test('nobody when its author was revoked, or is no admin any more, since', async () => {
    const dan = { ...amy, subject: 'dan', email: 'dan@example.org' };
    const byDan = await propose(context, applyOf(id, 'one'), dan);
    const target = create(RevocationTargetSchema, { email: 'dan@example.org' });
    await createRevocation(context, cleo, { target, reason: 'phished' });
    const byEve = await propose(context, applyOf(id, 'two'), {
      ...dan,
      subject: 'eve',
      email: '',
      groups: ['left'],
    });
    for (const { name } of [byDan, byEve]) {
      const refused = await failure(approve(name));
      expect(refused).toMatchObject({ reason: Reason.PROPOSAL_CONFLICT, metadata: { name } });
    }
    expect(await stored(store, id)).toBeUndefined();
  });

  test('nobody after a week, though nobody marked it', async () => {
    const { name } = await propose(context, applyOf(id, 'one'));
    store.nowMs += WEEK_MS;
    expect((await failure(approve(name))).metadata['state']).toBe('EXPIRED');
    await expireProposals(context);
    expect((await records({ resource: name })).map(({ action }) => action)).toEqual([
      'proposal.create',
      'proposal.expire',
    ]);
  });
});

describe('what would be a way round', () => {
  test('a role for a group of their own waits, too', async () => {
    const proposal = await propose(context, bindOf(id, `${id}-friends`));
    expect(await findRoles(store.database, [`${id}-friends`])).toEqual(new Set());
    await approve(proposal.name);
    expect(await findRoles(store.database, [`${id}-friends`])).toEqual(new Set([Role.ADMIN]));
    const [record] = await records({ resource: `roleBindings/${id}` });
    expect(record?.proposal?.decidedBy?.subject).toBe('ben');
  });

  test('an upstream with its secret, which nobody is shown and which is not kept afterwards', async () => {
    const value = {
      upstreamId: id,
      upstream: { spec: { baseUrl: 'https://api.example.org/v1' } },
      credential: SECRET,
    };
    const change = create(ChangeSchema, { request: { case: 'createUpstream', value } });
    const proposal = await propose(context, change);
    expect(proposal.changes[0]?.secrets).toEqual(['credential']);
    expect(JSON.stringify(proposal.changes)).not.toContain(SECRET);
    const proposals = store.database.db.collection('proposals');
    const before = await proposals.findOne({ _id: proposal.name as never });
    await approve(proposal.name);
    const found = await findUpstream(store.database, `upstreams/${id}`);
    expect(found && openSecrets(context.seal, found).credential).toBe(SECRET);
    const after = await proposals.findOne({ _id: proposal.name as never });
    const open = (document: typeof after): string =>
      Buffer.from(context.seal.open(document?.['content'].buffer, `${proposal.name} content`)).toString(
        'utf8',
      );
    expect(open(before)).toContain(SECRET);
    expect(open(after)).not.toContain(SECRET);
    // Nothing is different about it but the secret: that is a change as well.
    const update = {
      upstream: { name: `upstreams/${id}` },
      updateMask: { paths: ['spec.organization'] },
      credential: 'sk-other',
    };
    const again = create(ChangeSchema, { request: { case: 'updateUpstream', value: update } });
    expect((await propose(context, again)).changes[0]?.secrets).toEqual(['credential']);
  });

  test('a proposal that was changed or moved in the store is refused, and does not hide others', async () => {
    const wanted = await propose(context, applyOf(id, 'harmless'));
    const other = await propose(context, applyOf(`${id}-b`, 'all'), cleo);
    const proposals = store.database.db.collection('proposals');
    const moved = await proposals.findOne({ _id: other.name as never });
    await proposals.updateOne({ _id: wanted.name as never }, { $set: { content: moved?.['content'] } });
    expect((await failure(approve(wanted.name))).reason).toBe(Reason.CONTENT_ALTERED);
    const service = createProposalService(context);
    const call = callBy(ben, [Role.ADMIN]);
    const get = async () =>
      service.getProposal(create(GetProposalRequestSchema, { name: wanted.name }), call);
    expect((await failure(get())).reason).toBe(Reason.CONTENT_ALTERED);
    const listed = await service.listProposals(create(ListProposalsRequestSchema, { pageSize: 100 }), call);
    const names = listed.proposals?.map(({ name }) => name);
    expect(names).toContain(other.name);
    expect(names).not.toContain(wanted.name);
    store.nowMs += WEEK_MS;
    expect(await expireProposals(context)).toBeGreaterThan(0);
    const ended = await proposals.findOne({ _id: wanted.name as never });
    expect([ended?.['state'], ended?.['content'].length()]).toEqual(['EXPIRED', 0]);
    const records = store.database.db.collection('records');
    expect(await records.countDocuments({ action: 'alarm.proposal_altered', resource: wanted.name })).toBe(1);
    expect(await expireProposals(context)).toBe(0);
  });

  test('is decided once: who puts it back as it waited has nobody approve it again', async () => {
    const { name } = await propose(context, applyOf(id, 'wide'));
    const proposals = store.database.db.collection<{ _id: string }>('proposals');
    const before = await proposals.findOne({ _id: name });
    await rejectProposal(context, { caller: ben, reason: 'no' }, name);
    await proposals.replaceOne({ _id: name }, before ?? {});
    expect((await failure(approve(name))).reason).toBe(Reason.CONTENT_ALTERED);
    expect(await stored(store, id)).toBeUndefined();
    const records = store.database.db.collection('records');
    expect(await records.countDocuments({ action: 'alarm.proposal_altered', resource: name })).toBe(1);
  });
});

test('notifiers are told that something waits and what became of it, unless they are for groups of reviewers', async () => {
  const { database } = store;
  const notifier = { kind: 'slack' as const, place: 'hooks.example.org', to: [], events: [], etag: 'e' };
  const times = { createTime: new Date(), updateTime: new Date() };
  await database.transaction(async (session) => {
    const all = { ...notifier, ...times, _id: `notifiers/${id}`, groups: [] };
    await insertNotifier(database, session, all);
    await insertNotifier(database, session, { ...all, _id: `notifiers/${id}-office`, groups: ['privacy'] });
  });
  const { name } = await propose(context, applyOf(id, 'one'));
  await approve(name);
  const told = await database.db
    .collection('notifications')
    .find({ resource: name })
    .sort({ _id: 1 })
    .toArray();
  expect(told).toMatchObject([
    { event: 'proposal.create', notifier: `notifiers/${id}` },
    { event: 'proposal.decided', notifier: `notifiers/${id}`, facts: { outcome: 'applied' } },
  ]);
  const message = writeMessage({ ...(told[0] as never as NotificationDocument) }, undefined);
  expect(message.command).toBe(`sworn proposal show ${name.slice('proposals/'.length)}`);
});

test('a revision without four eyes names nobody who approved', async () => {
  for (const group of ['alone', 'together']) {
    const { request } = applyOf(id, group);
    if (request.case !== 'applyPolicies') throw new Error('another call');
    await applyPolicies(context, { caller: amy, reason: '' }, request.value.policies, false);
  }
  await rollbackPolicy(context, { caller: amy, reason: '' }, `policies/${id}`, 1n, '');
  const revisions = await listRevisions(store.database, `policies/${id}`, undefined, 2);
  expect(revisions.map(({ approvedBy, proposal }) => [approvedBy, proposal])).toEqual([
    [undefined, ''],
    [undefined, ''],
  ]);
});
