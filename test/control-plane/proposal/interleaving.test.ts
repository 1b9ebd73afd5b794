import { fromBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';
import type { Context } from '../../../control-plane/context.ts';
import { applyPolicies } from '../../../control-plane/policy/apply.ts';
import { approveProposal, rejectProposal, withdrawProposal } from '../../../control-plane/proposal/decide.ts';
import { expireProposals } from '../../../control-plane/proposal/expire.ts';
import { listRevisions } from '../../../control-plane/storage/configuration/policy-revisions.ts';
import { openStore, type Store } from '../audit/store.ts';
import { amy, applyOf, ben, bindAdmins, cleo, propose } from './proposals.ts';

const WEEK_MS = 7 * 24 * 3_600_000;
let store: Store;
let replicas: Context[];
beforeAll(async () => {
  store = await openStore();
  replicas = [store.replica(), store.replica()];
  await bindAdmins(store);
}, 120_000);
afterAll(() => store.close());

const STEPS = [
  'approve',
  'approve-too',
  'approve-own',
  'reject',
  'withdraw',
  'expire',
  'late',
  'overtake',
] as const;
const PATHS = ['create', 'create approve', 'create reject', 'create withdraw', 'create expire'];
const STATES: Readonly<Record<string, string>> = {
  create: 'PENDING',
  'create approve': 'APPLIED',
  'create reject': 'REJECTED',
  'create withdraw': 'WITHDRAWN',
  'create expire': 'EXPIRED',
};

const step = fc.record({ do: fc.constantFrom(...STEPS), replica: fc.nat(1), which: fc.nat(1) });
/** Rounds of steps that run at the same time. */
const schedule = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 });

test('whatever admins and replicas do at once, a proposal goes one way, and what it was made on decides', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(schedule, async (rounds) => {
      const id = `run-${run++}`;
      // Both are made on nothing: one of them at most can come to be.
      const two = [await propose(at(0), applyOf(id, 'one')), await propose(at(1), applyOf(id, 'two'))];
      for (const round of rounds) {
        await Promise.all(
          round.map(async ({ do: what, replica, which }) => {
            try {
              await act(at(replica), what, two[which]?.name ?? '', id);
            } catch (error) {
              // Refusals are what is expected of losers; nothing else is.
              if (reasonOf(error) === undefined) throw error;
            }
          }),
        );
      }
      const revisions = (await listRevisions(store.database, `policies/${id}`, undefined, 100)).reverse();
      let applied = 0;
      for (const { name } of two) {
        const { path, approver } = await historyOf(name);
        const document = await store.database.db.collection('proposals').findOne({ _id: name as never });
        expect(PATHS).toContain(path);
        expect(document?.['state']).toBe(STATES[path]);
        const made = revisions.filter(({ proposal }) => proposal === name);
        expect(made.length).toBe(path === 'create approve' ? 1 : 0);
        for (const revision of made) {
          applied++;
          expect(revision.author?.subject).toBe('amy');
          expect(revision.approvedBy?.subject).toBe(approver);
          expect(['ben', 'cleo']).toContain(approver);
          // Nothing came between it and what it was made on.
          expect(revision.number).toBe(1n);
        }
      }
      expect(applied).toBeLessThanOrEqual(1);
      expect(revisions.map(({ number }) => Number(number))).toEqual(revisions.map((_, i) => i + 1));
    }),
    { numRuns: 25 },
  );
});

function at(replica: number): Context {
  return replicas[replica] ?? store.replica();
}

async function historyOf(name: string): Promise<{ path: string; approver: string }> {
  const documents = await store.database.db
    .collection('records')
    .find({ resource: name })
    .sort({ _id: 1 })
    .toArray();
  const records = documents.map((document) => fromBinary(RecordSchema, document['bytes'].buffer));
  const path = records.map(({ action }) => action.replace('proposal.', '')).join(' ');
  return { path, approver: records.at(-1)?.caller?.subject ?? '' };
}

async function act(context: Context, what: (typeof STEPS)[number], name: string, id: string): Promise<void> {
  switch (what) {
    case 'approve':
      await approveProposal(context, { caller: ben, reason: 'seen' }, name);
      return;
    case 'approve-too':
      await approveProposal(context, { caller: cleo, reason: 'seen' }, name);
      return;
    case 'approve-own':
      await approveProposal(context, { caller: amy, reason: '' }, name);
      throw new Error('approved their own proposal');
    case 'reject':
      await rejectProposal(context, { caller: cleo, reason: 'no' }, name);
      return;
    case 'withdraw':
      await withdrawProposal(context, { caller: amy, reason: '' }, name);
      return;
    case 'expire':
      await expireProposals(context);
      return;
    case 'late':
      store.nowMs += WEEK_MS;
      return;
    case 'overtake': {
      const { request } = applyOf(id, `overtaken ${store.nowMs}`);
      if (request.case !== 'applyPolicies') throw new Error('another call');
      await applyPolicies(context, { caller: cleo, reason: 'at once' }, request.value.policies, false);
    }
  }
}
