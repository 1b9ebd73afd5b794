import { create } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { expect, test } from 'vitest';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { type Approval, ApprovalSchema, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { holdForApproval } from '../../../data-plane/approval/hold.ts';
import type { Control } from '../../../data-plane/control/control.ts';
import { Decisions } from '../../../data-plane/control/decisions.ts';
import { CLIENT_GONE, type Exchange } from '../../../data-plane/exchange.ts';

const target = readTarget('POST', '/responses') as Target;
const body = Buffer.from('{"model":"m","input":"x"}');
const exchange = {
  arrival: { id: '1', signal: new AbortController().signal },
  received: { target, body, content: readRequest(target, body) },
  session: { name: 'sessions/1' },
  snapshot: { revision: 1n },
  verdict: { decision: { policy: 'policies/a', rule: 'b' } },
  findings: {},
} as unknown as Exchange;
const times = { headersMs: 1_000, commentMs: 1_000, wholeMs: 1_000, controlMs: 1_000 };
const answer = { beginStream: () => {}, comment: () => {} };

/** What becomes of a request that was approved, where the control plane then says this of its use. */
function useRefused(reason: Reason, metadata: { [key: string]: string }) {
  const approval = create(ApprovalSchema, { name: 'approvals/1', state: State.APPROVED });
  const detail = { desc: ErrorDetailSchema, value: { reason, metadata } };
  const control = {
    requestApproval: async () => approval,
    consumeApproval: async () => {
      throw new ConnectError('refused', Code.FailedPrecondition, undefined, [detail]);
    },
  } as unknown as Control;
  return holdForApproval(control, exchange, new Uint8Array(), answer, times, () => {});
}

test.each([
  ['EXPIRED', 'approval_expired', 'No reviewer decided on this request in time'],
  ['CONSUMED', 'approval_unavailable', 'was used or withdrawn; send it again'],
  ['WITHDRAWN', 'approval_unavailable', 'was used or withdrawn; send it again'],
])('an approval that is %s when it is to be used: %s', async (state, code, message) => {
  const held = useRefused(Reason.APPROVAL_NOT_USABLE, { state });
  await expect(held).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});

test('what else goes wrong with its use says that approvals cannot be used now', async () => {
  const held = useRefused(Reason.NOT_FOUND, {});
  await expect(held).rejects.toMatchObject({
    code: 'approval_unavailable',
    message: expect.stringContaining('cannot be asked for or used right now'),
  });
});

test('the question of a caller who leaves while it is put is withdrawn', async () => {
  const gone = new AbortController();
  const put = Promise.withResolvers<Approval>();
  const withdrawn: string[] = [];
  const control = {
    requestApproval: (_: unknown, signal: AbortSignal) => {
      signal.addEventListener('abort', () => put.reject(signal.reason));
      return put.promise;
    },
    decided: (name: string, signal: AbortSignal) => new Decisions().wait(name, signal),
    withdrawApproval: (name: string) => withdrawn.push(name),
  } as unknown as Control;
  const leaving = { ...exchange, arrival: { ...exchange.arrival, signal: gone.signal } };
  const held = holdForApproval(control, leaving, new Uint8Array(), answer, times, () => {});
  gone.abort(CLIENT_GONE);
  put.resolve(create(ApprovalSchema, { name: 'approvals/1', state: State.PENDING }));
  await expect(held).rejects.toBe(CLIENT_GONE);
  expect(withdrawn).toEqual(['approvals/1']);
});
