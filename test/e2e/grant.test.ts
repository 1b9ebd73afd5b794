import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { answerText } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { raised } from '../env/reading.ts';
import { recordOf } from '../env/record.ts';
import { until } from '../env/until.ts';

const BULK = { model: 'gpt-test', input: 'a bulk request' };
let env: Env;

beforeAll(async () => {
  const policy = TEST_POLICY.replace('expires: 30m', 'expires: 30m, window: 1h');
  env = await startEnv({ policies: [policy], dataPlane: { holdWhole: 300 } });
  env.provider.behave(answerText('done'));
});
afterAll(() => env.close());

test('a grant lets its caller go on by the same rule, nobody else, and no longer than until it is revoked', async () => {
  const reviewer = env.api(ApprovalService, 'reviewer');
  const stream = env.openai().responses.stream(BULK);
  const { name } = await pendingApproval(env);
  await reviewer.approveApproval({ name, reason: 'on call', window: { seconds: 3_600n } });
  await stream.finalResponse();
  const { grants } = await reviewer.listGrants({});
  expect(grants).toMatchObject([{ approval: name, policy: 'policies/clinicians', rule: 'bulk' }]);

  const ask = (user: string, input: string) =>
    env
      .openai(user, { groups: ['clinicians'] })
      .responses.create({ ...BULK, input })
      .withResponse();
  let id = '';
  await until('the grant on the plane', async () => {
    id = await ask('clinician', 'another bulk request').then(
      (answer) => String(answer.request_id),
      () => '',
    );
    return id !== '';
  });
  await recordOf(env, id);
  const { records } = await env.api(AuditService, 'auditor').listRecords({ exchange: `exchanges/${id}` });
  const intent = records.find(({ record }) => record?.kind === RecordKind.INTENT)?.record;
  const byGrant = { approval: name, grant: grants[0]?.name };
  expect(intent).toMatchObject(byGrant);
  const { exchange } = await env.api(AuditService, 'auditor').getExchange({ name: `exchanges/${id}` });
  const votes = [{ reviewer: { subject: 'reviewer' }, reason: 'on call' }];
  expect(exchange).toMatchObject({ ...byGrant, approvalDecision: { name, votes, prompt: [] } });
  expect(await raised(ask('someone-else', 'a bulk request'))).toMatchObject({ code: 'approval_pending' });
  expect(await raised(ask('clinician', 'a forbidden request'))).toMatchObject({ code: 'policy_denied' });

  await reviewer.revokeGrant({ name: grants[0]?.name ?? '' });
  await until('the end of the grant on the plane', async () => {
    const error = await ask('clinician', 'one more bulk request').then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return (error as { code?: string } | undefined)?.code === 'approval_pending';
  });
});
