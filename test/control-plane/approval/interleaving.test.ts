import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConsumeApprovalRequestSchema } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';
import { consumeApproval } from '../../../control-plane/approval/consume.ts';
import { decideApproval } from '../../../control-plane/approval/decide.ts';
import { expireApprovals } from '../../../control-plane/approval/expire.ts';
import { requestApproval } from '../../../control-plane/approval/request.ts';
import { withdrawApproval } from '../../../control-plane/approval/withdraw.ts';
import type { Context } from '../../../control-plane/context.ts';
import { openStore, type Store } from '../audit/store.ts';
import { newName, sha256 } from '../audit/writer.ts';
import { alice, EXPIRES_MS, insertTestPolicy, question, rita, rob } from './question.ts';

let store: Store;
let replicas: Context[];
beforeAll(async () => {
  store = await openStore();
  replicas = [store.replica(), store.replica()];
  await insertTestPolicy(store);
}, 120_000);
afterAll(() => store.close());

const STEPS = [
  'request',
  'approve',
  'approve-second',
  'deny',
  'approve-own',
  'withdraw',
  'consume',
  'expire',
  'late',
] as const;
const ENDS = ['', ' deny', ' withdraw', ' expire', ' approve', ' approve consume', ' approve expire'];
/** What may become of a question that one person decides, and of one that two have to approve. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  ask: ENDS.map((end) => `request${end}`),
  'ask-two': [
    ...ENDS.filter((end) => !end.startsWith(' approve')).map((end) => `request${end}`),
    ...ENDS.map((end) => `request vote${end}`),
  ],
};

const step = fc.record({
  do: fc.constantFrom(...STEPS),
  replica: fc.nat(1),
  plane: fc.constantFrom('planes/a', 'planes/b'),
});
/** Rounds of steps that run at the same time. */
const schedule = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 });

test.each(Object.keys(PATHS))(
  '%s: whatever people, planes and replicas do at once, every approval goes one allowed way, each step recorded once',
  async (rule) => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(schedule, async (rounds) => {
        const text = `${rule} run ${run++}`;
        const digest = sha256(Buffer.from(text));
        const { approvals, records } = {
          approvals: store.database.db.collection('approvals'),
          records: store.database.db.collection('records'),
        };
        const latest = async (): Promise<string> =>
          String(
            (await approvals.findOne({ requestDigest: digest }, { sort: { _id: -1 } }))?._id ??
              'approvals/none',
          );
        const permitted: string[] = [];
        await requestApproval(store.replica(), 'planes/a', question(text, { rule }));
        for (const round of rounds) {
          await Promise.allSettled(
            round.map(async (one) => {
              const context = replicas[one.replica] ?? store.replica();
              try {
                await act(context, one.do, one.plane, await latest(), { text, rule }, permitted);
              } catch (error) {
                // Refusals are what is expected of losers; nothing else is.
                if (reasonOf(error) === undefined) throw error;
              }
            }),
          ).then((results) => {
            const broken = results.find((result) => result.status === 'rejected');
            if (broken?.status === 'rejected') throw broken.reason;
          });
        }
        const mine = await approvals.find({ requestDigest: digest }).toArray();
        const states = mine.map((document) => document['state']);
        expect(
          states.filter((state) => state === 'PENDING' || state === 'APPROVED').length,
        ).toBeLessThanOrEqual(1);
        for (const document of mine) {
          const found = await records.find({ resource: document._id }).sort({ _id: 1 }).toArray();
          const path = found.map((record) => String(record['action']).replace('approval.', '')).join(' ');
          expect(PATHS[rule]).toContain(path);
          expect(document['state']).toBe(stateAfter(path));
          expect('openKey' in document).toBe(['PENDING', 'APPROVED'].includes(document['state']));
          const uses = permitted.filter((name) => name === String(document._id)).length;
          expect(uses).toBe(document['state'] === 'CONSUMED' ? 1 : 0);
        }
      }),
      { numRuns: 25 },
    );
  },
  60_000,
);

async function act(
  context: Context,
  what: (typeof STEPS)[number],
  plane: string,
  name: string,
  { text, rule }: { readonly text: string; readonly rule: string },
  permitted: string[],
): Promise<void> {
  switch (what) {
    case 'request':
      await requestApproval(context, plane, question(text, { rule }));
      return;
    case 'approve':
      await decideApproval(context, rita, name, { state: 'APPROVED', reason: 'fine' });
      return;
    case 'approve-second':
      await decideApproval(context, rob, name, { state: 'APPROVED', reason: 'fine', windowMs: 60_000 });
      return;
    case 'deny':
      await decideApproval(context, rob, name, { state: 'DENIED', reason: 'no' });
      return;
    case 'approve-own':
      await decideApproval(context, alice, name, { state: 'APPROVED', reason: '' });
      throw new Error('decided on their own request');
    case 'withdraw':
      await withdrawApproval(context, plane, name);
      return;
    case 'consume': {
      const exchange = newName('exchanges');
      const requestDigest = sha256(Buffer.from(text));
      await consumeApproval(
        context,
        plane,
        create(ConsumeApprovalRequestSchema, { name, exchange, requestDigest }),
      );
      permitted.push(name);
      return;
    }
    case 'expire':
      await expireApprovals(context);
      return;
    case 'late':
      store.nowMs += EXPIRES_MS;
  }
}

function stateAfter(path: string): string {
  const last = path.split(' ').at(-1) ?? '';
  const states: Record<string, string> = {
    request: 'PENDING',
    vote: 'PENDING',
    approve: 'APPROVED',
    deny: 'DENIED',
    withdraw: 'WITHDRAWN',
    expire: 'EXPIRED',
    consume: 'CONSUMED',
  };
  return states[last] ?? '';
}
