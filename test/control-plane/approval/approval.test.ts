import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Approval, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import {
  GetApprovalRequestSchema,
  ListApprovalsRequestSchema,
} from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { ConsumeApprovalRequestSchema } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { createApprovalService } from '../../../control-plane/api/approval-service.ts';
import { consumeApproval } from '../../../control-plane/approval/consume.ts';
import { decideApproval } from '../../../control-plane/approval/decide.ts';
import { expireApprovals } from '../../../control-plane/approval/expire.ts';
import { createOutdatedLook } from '../../../control-plane/approval/outdated.ts';
import { requestApproval } from '../../../control-plane/approval/request.ts';
import { withdrawApproval } from '../../../control-plane/approval/withdraw.ts';
import type { Context } from '../../../control-plane/context.ts';
import { bumpHead } from '../../../control-plane/storage/configuration/heads.ts';
import { auditor, byAuditor, callBy, person } from '../audit/call.ts';
import { failure } from '../audit/failure.ts';
import { openStore, type Store } from '../audit/store.ts';
import { newName, sha256 } from '../audit/writer.ts';
import {
  alice,
  changeTestPolicy,
  EXPIRES_MS,
  insertTestPolicy,
  question,
  readableQuestion,
  rita,
  rob,
  stranger,
} from './question.ts';

const PLANE = 'planes/one';
const OTHER = 'planes/two';
let store: Store;
let context: Context;
let count = 0;
let text = '';
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
  await insertTestPolicy(store);
}, 120_000);
beforeEach(() => {
  text = `prompt ${++count}`;
});
afterAll(() => store.close());

const ask = (fields = {}, plane = PLANE): Promise<Approval> =>
  requestApproval(context, plane, question(text, fields));
const approve = (name: string, by = rita): Promise<Approval> =>
  decideApproval(context, by, name, { state: 'APPROVED', reason: 'fine' });
const deny = (name: string, by = rita): Promise<Approval> =>
  decideApproval(context, by, name, { state: 'DENIED', reason: 'no' });
const consume = (
  name: string,
  exchange = newName('exchanges'),
  body = text,
  plane = PLANE,
): Promise<Approval> =>
  consumeApproval(
    context,
    plane,
    create(ConsumeApprovalRequestSchema, { name, exchange, requestDigest: sha256(Buffer.from(body)) }),
  );

const passTime = (): void => {
  store.nowMs += EXPIRES_MS;
};

async function steps(name: string): Promise<string[]> {
  const found = await store.database.db
    .collection('records')
    .find({ resource: name })
    .sort({ _id: 1 })
    .toArray();
  return found.map((document) => document['action']);
}

describe('requestApproval', () => {
  test('asks whom the rule names, until when it says', async () => {
    const approval = await ask();
    expect(approval).toMatchObject({
      state: State.PENDING,
      plane: PLANE,
      policyRevision: 7n,
      reviewers: ['sworn-reviewers'],
      message: 'Look for more than one patient.',
      findings: { MRN: 3 },
      prompt: [],
    });
    expect(approval.caller?.subject).toBe('alice');
    expect(Number(approval.expireTime?.seconds) * 1000).toBe(store.nowMs + EXPIRES_MS);
    expect(await steps(approval.name)).toEqual(['approval.request']);
  });

  test('finds the approval of an identical request, from any plane, also many at once', async () => {
    const replicas = [store.replica(), store.replica()];
    const found = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        requestApproval(replicas[index % 2] ?? context, index % 3 === 0 ? OTHER : PLANE, question(text)),
      ),
    );
    expect(new Set(found.map((approval) => approval.name)).size).toBe(1);
    const name = found[0]?.name ?? '';
    await approve(name);
    expect(await ask()).toMatchObject({ name, state: State.APPROVED });
  });

  test.each<[string, object]>([
    ['another body', { requestDigest: sha256(Buffer.from('other')) }],
    ['another subject', { caller: person('bob') }],
    ['another issuer', { caller: { ...alice, issuer: 'https://other' } }],
  ])('%s is another request', async (_what, fields) => {
    expect((await ask()).name).not.toBe((await ask(fields)).name);
  });

  test('other groups of the caller are no other request', async () => {
    expect((await ask()).name).toBe((await ask({ caller: { ...alice, groups: [] } })).name);
  });

  test('one that came to an end does not stand in the way', async () => {
    const names = new Set<string>();
    const ends: ((name: string) => Promise<unknown>)[] = [
      deny,
      (name) => withdrawApproval(context, PLANE, name),
      async (name) => approve(name).then(() => consume(name)),
      // Nobody has marked it as expired.
      async () => passTime(),
      async (name) => approve(name).then(passTime),
    ];
    for (const end of ends) {
      const { name, state } = await ask();
      expect(state).toBe(State.PENDING);
      names.add(name);
      await end(name);
    }
    names.add((await ask()).name);
    expect(names.size).toBe(ends.length + 1);
  });

  test('a change of the policy takes an approval away', async () => {
    const { name } = await ask();
    await approve(name);
    await changeTestPolicy(store, `changed for ${text}`);
    expect((await ask()).name).not.toBe(name);
    expect((await failure(consume(name, undefined, 'other'))).metadata['state']).toBe('APPROVED');
    expect(await consume(name)).toMatchObject({ state: State.WITHDRAWN, policyChanged: true });
    expect((await failure(consume(name))).metadata['state']).toBe('WITHDRAWN');
    expect(await steps(name)).toEqual(['approval.request', 'approval.approve', 'approval.withdraw']);
  });

  test.each<[string, object, Reason]>([
    ['an unknown policy', { policy: 'policies/none' }, Reason.NOT_FOUND],
    ['an unknown rule', { rule: 'none' }, Reason.NOT_FOUND],
    ['a rule that does not ask', { rule: 'allow' }, Reason.NOT_FOUND],
    ['a caller without subject', { caller: person('') }, Reason.INVALID_ARGUMENT],
    ['a caller of 32 KiB', { caller: person('x', ['g'.repeat(32_768)]) }, Reason.INVALID_ARGUMENT],
    [
      '201 entities',
      { findings: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`E${i}`, 1])) },
      Reason.INVALID_ARGUMENT,
    ],
  ])('refuses %s', async (_what, fields, reason) => {
    expect((await failure(ask(fields))).reason).toBe(reason);
  });
});

describe('decideApproval', () => {
  test('keeps who, when and why, and records it', async () => {
    const { name } = await ask();
    const denied = await deny(name, rob);
    expect(denied).toMatchObject({ state: State.DENIED, reason: 'no' });
    expect(denied.decidedBy?.subject).toBe('rob');
    expect(await steps(name)).toEqual(['approval.request', 'approval.deny']);
  });

  test.each<[string, () => ReturnType<typeof person>, Reason]>([
    ['who is in no reviewer group', () => stranger, Reason.NOT_ADDRESSED],
    ['who asked', () => alice, Reason.OWN_REQUEST],
    ['who asked, with another e-mail', () => ({ ...alice, email: 'a2@example.org' }), Reason.OWN_REQUEST],
    [
      'with the e-mail of who asked, from another issuer',
      () => ({ ...rita, email: ' ALICE@Example.ORG', issuer: 'https://other' }),
      Reason.OWN_REQUEST,
    ],
  ])('not by one %s', async (_what, by, reason) => {
    const { name } = await ask();
    expect((await failure(approve(name, by()))).reason).toBe(reason);
    expect((await ask()).state).toBe(State.PENDING);
  });

  test('people without e-mail are not one person', async () => {
    const { name } = await ask({ caller: { ...alice, email: '' } });
    expect((await approve(name, { ...rita, email: '' })).state).toBe(State.APPROVED);
  });

  test('nobody approves what can be used no more: it is withdrawn, and its reviewer told why', async () => {
    const { name, policy } = await ask();
    await changeTestPolicy(store, `changed for ${text}`);
    const refused = await failure(approve(name));
    expect(refused).toEqual({
      reason: Reason.APPROVAL_NOT_USABLE,
      metadata: { name, policy, state: 'WITHDRAWN' },
    });
    expect(await steps(name)).toEqual(['approval.request', 'approval.withdraw']);
    expect((await failure(approve(name))).metadata['state']).toBe('WITHDRAWN');
  });

  test('what nobody can approve any more is withdrawn when there is a new revision, once, by whichever replica; the rest waits', async () => {
    const replicas = [context, store.replica()].map(createOutdatedLook);
    const look = async () => {
      await store.database.transaction((session) => bumpHead(store.database, session, context.now(), true));
      // Planes are to have it first.
      expect(await Promise.all(replicas.map((end) => end()))).toEqual([0, 0]);
      return (await Promise.all(replicas.map((end) => end()))).reduce((sum, count) => sum + count);
    };
    // What other tests left.
    await look();
    const outdated = await ask();
    expect(await look()).toBe(0);
    await changeTestPolicy(store, `revised for ${text}`);
    const asked = await ask({ requestDigest: sha256(Buffer.from(`since ${text}`)) });
    // Not looked at again before there is something new.
    expect(await replicas[0]?.()).toBe(0);
    expect(await look()).toBe(1);
    expect(await steps(outdated.name)).toEqual(['approval.request', 'approval.withdraw']);
    for (const decide of [approve, deny]) {
      expect((await failure(decide(outdated.name))).reason).toBe(Reason.APPROVAL_NOT_USABLE);
    }
    expect((await approve(asked.name)).state).toBe(State.APPROVED);
  });

  test('one whose policy has changed can still be denied', async () => {
    const { name } = await ask();
    await changeTestPolicy(store, `changed for ${text}`);
    expect((await deny(name)).state).toBe(State.DENIED);
  });

  test('only once, and only a pending one', async () => {
    const { name } = await ask();
    await approve(name);
    const refused = await failure(deny(name, rob));
    expect(refused).toEqual({ reason: Reason.APPROVAL_NOT_PENDING, metadata: { name, state: 'APPROVED' } });
    expect((await failure(approve('approvals/none'))).reason).toBe(Reason.NOT_FOUND);
  });

  test('not after its time, though nobody marked it as expired', async () => {
    const { name } = await ask();
    store.nowMs += EXPIRES_MS;
    const refused = await failure(approve(name));
    expect(refused).toEqual({ reason: Reason.APPROVAL_NOT_PENDING, metadata: { name, state: 'EXPIRED' } });
  });
});

describe('consumeApproval', () => {
  test('once, by any plane, for the request that it is bound to', async () => {
    const { name } = await ask();
    expect((await failure(consume(name))).metadata['state']).toBe('PENDING');
    await approve(name);
    expect((await failure(consume(name, undefined, 'other'))).reason).toBe(Reason.APPROVAL_NOT_USABLE);
    const exchange = newName('exchanges');
    expect((await consume(name, exchange, text, OTHER)).state).toBe(State.CONSUMED);
    // The same exchange asks again: its answer was lost.
    expect((await consume(name, exchange, text, OTHER)).state).toBe(State.CONSUMED);
    expect((await failure(consume(name, exchange, 'other', OTHER))).reason).toBe(Reason.APPROVAL_NOT_USABLE);
    expect((await failure(consume(name, exchange))).reason).toBe(Reason.APPROVAL_NOT_USABLE);
    expect((await failure(consume(name))).metadata['state']).toBe('CONSUMED');
    expect(await steps(name)).toEqual(['approval.request', 'approval.approve', 'approval.consume']);
  });

  test('of many at once one gets it', async () => {
    const { name } = await ask();
    await approve(name);
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => consume(name)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  test('not after its time', async () => {
    const { name } = await ask();
    await approve(name);
    store.nowMs += EXPIRES_MS;
    expect((await failure(consume(name))).metadata['state']).toBe('EXPIRED');
  });
});

describe('withdrawApproval', () => {
  test('ends it when the last plane that holds a request leaves', async () => {
    const { name } = await ask();
    await ask({}, OTHER);
    await withdrawApproval(context, PLANE, name);
    expect(await ask({}, OTHER)).toMatchObject({ name, state: State.PENDING });
    await withdrawApproval(context, OTHER, name);
    expect((await failure(approve(name))).metadata['state']).toBe('WITHDRAWN');
  });

  test('does nothing to a decided one, and knows none that the plane did not ask for', async () => {
    const { name } = await ask();
    expect((await failure(withdrawApproval(context, OTHER, name))).reason).toBe(Reason.NOT_FOUND);
    await approve(name);
    await withdrawApproval(context, PLANE, name);
    expect((await ask()).state).toBe(State.APPROVED);
  });
});

test('expireApprovals marks each overdue approval once, with several replicas at work', async () => {
  await expireApprovals(context);
  const pending = await ask();
  const approved = await requestApproval(context, PLANE, question(`${text} too`));
  await approve(approved.name);
  const unaffected = await requestApproval(context, PLANE, question(`${text} consumed`));
  await approve(unaffected.name);
  await consume(unaffected.name, undefined, `${text} consumed`);
  store.nowMs += EXPIRES_MS;
  const later = await requestApproval(context, PLANE, question(`${text} later`));
  const counts = await Promise.all([store.replica(), store.replica(), store.replica()].map(expireApprovals));
  // Approvals of the other tests are overdue by now as well: count by name.
  expect(counts.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(2);
  for (const { name } of [pending, approved]) {
    expect((await steps(name)).filter((step) => step === 'approval.expire')).toHaveLength(1);
  }
  expect(await steps(unaffected.name)).not.toContain('approval.expire');
  expect(await steps(later.name)).toEqual(['approval.request']);
});

describe('ApprovalService', () => {
  const byReviewer = (reviewer = rita) => callBy(reviewer, [Role.REVIEWER]);

  test('shows the prompt to whom it is addressed, sealed in the store, and records the reading first', async () => {
    const service = createApprovalService(context);
    const { name } = await ask(readableQuestion(store, 'canary-0815', PLANE));
    const stored = await store.database.db.collection('approvals').findOne({ _id: name } as object);
    expect(stored?.['question'].buffer.toString('latin1')).not.toContain('canary');
    const request = create(GetApprovalRequestSchema, { name });
    const { approval } = await service.getApproval(request, byReviewer());
    expect(approval?.prompt?.map((part) => part.text)).toEqual(['canary-0815']);
    await service.getApproval(request, byAuditor());
    expect(await steps(name)).toEqual(['approval.request', 'approval.read', 'approval.read']);
    const refused = failure(Promise.resolve(service.getApproval(request, byReviewer(stranger))));
    expect((await refused).reason).toBe(Reason.NOT_FOUND);
    const broken = createApprovalService({ ...context, now: () => new Date(Number.NaN) });
    await expect(broken.getApproval(request, byReviewer())).rejects.toThrow();
  });

  test('does not take a question in the clear, nor show one that is of another exchange', async () => {
    const clear = await failure(ask({ sealedQuestion: Buffer.from('the patient') }));
    expect(clear.reason).toBe(Reason.INVALID_ARGUMENT);
    expect(clear.metadata['sealed_question']).toContain('SealedPayload');
    const { sealedQuestion } = readableQuestion(store, 'of another one', PLANE);
    const { name } = await ask({ sealedQuestion });
    const request = create(GetApprovalRequestSchema, { name });
    const service = createApprovalService(context);
    const refused = await failure(Promise.resolve(service.getApproval(request, byReviewer())));
    expect(refused).toEqual({ reason: Reason.CONTENT_ALTERED, metadata: { resource: name } });
  });

  test('lists those addressed to the reviewer, newest first, without prompts; all to an auditor', async () => {
    const service = createApprovalService(context);
    const mine = [await ask(), await requestApproval(context, PLANE, question(`${text} 2`))].map(
      ({ name }) => name,
    );
    const list = async (call: ReturnType<typeof byReviewer>, states: State[] = []) => {
      const found: (string | undefined)[] = [];
      let pageToken = '';
      do {
        const request = create(ListApprovalsRequestSchema, { pageSize: 3, pageToken, states });
        const page = await service.listApprovals(request, call);
        expect(page.approvals?.every((approval) => approval.prompt?.length === 0)).toBe(true);
        found.push(...(page.approvals ?? []).map(({ name }) => name));
        pageToken = page.nextPageToken ?? '';
      } while (pageToken !== '');
      return found;
    };
    const all = await list(byReviewer());
    expect(all.slice(0, 2).sort()).toEqual([...mine].sort());
    expect(new Set(all).size).toBe(all.length);
    expect(await list(callBy(auditor, [Role.AUDITOR]))).toEqual(all);
    expect(await list(byReviewer(stranger))).toEqual([]);
    await deny(mine[0] ?? '');
    expect(await list(byReviewer(), [State.DENIED])).toContain(mine[0]);
    expect(await list(byReviewer(), [State.DENIED])).not.toContain(mine[1]);
  });
});
