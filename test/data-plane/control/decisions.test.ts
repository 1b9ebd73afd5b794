import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ApprovalSchema, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { Decisions } from '../../../data-plane/control/decisions.ts';

const never = new AbortController().signal;
const REVIEWER = { issuer: 'https://login.example.com', subject: '17', email: 'someone@example.com' };

test('who waits is told what was decided, and nothing of the people in it stays in memory', async () => {
  const decisions = new Decisions();
  const name = 'approvals/1';
  const waiting = decisions.wait(name, never);
  const votes = [{ reviewer: REVIEWER, reason: 'Too many.' }];
  const whole = {
    name,
    state: State.DENIED,
    reason: 'Too many.',
    caller: REVIEWER,
    decidedBy: REVIEWER,
    votes,
  };
  decisions.receive(create(ApprovalSchema, whole));
  const decision = { name, state: State.DENIED, reason: 'Too many.', policyChanged: false };
  expect(await waiting).toEqual(decision);
  expect(await decisions.wait(name, never)).toEqual(decision);
});
