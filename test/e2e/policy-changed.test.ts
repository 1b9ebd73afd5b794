import { APIError } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { putPolicies } from '../env/policies.ts';
import { recordOf } from '../env/record.ts';

let env: Env;
beforeAll(async () => {
  env = await startEnv();
});
afterAll(() => env.close());

test.each([
  {
    what: 'how long it waits',
    from: 'expires: 30m',
    to: 'expires: 29m',
    code: 'approval_denied',
    rule: 'bulk',
  },
  {
    what: 'a rule that denies',
    from: '  rules:',
    to: '  rules:\n    - { name: closed, when: patterns.bulk, deny: {} }',
    code: 'policy_denied',
    rule: 'closed',
  },
])('a held request whose policy changed is refused as the new one wants: $what', async (change) => {
  await putPolicies(env, TEST_POLICY);
  const asking = env
    .openai()
    .responses.create({ model: 'gpt-test', input: 'a bulk request', stream: true })
    .catch((thrown: unknown) => thrown);
  const asked = await pendingApproval(env);
  await putPolicies(env, TEST_POLICY.replace(change.from, change.to));

  // Nobody has to try to approve it.
  const error = (await asking) as APIError;
  expect(error).toBeInstanceOf(APIError);
  expect(error).toMatchObject({ status: 403, code: change.code });
  expect(error.headers?.get('x-should-retry')).toBe('false');
  expect(error.message).toContain(change.rule === 'closed' ? 'rule closed' : 'Policy changed while');
  expect(env.provider.seen).toEqual([]);
  const approving = env.api(ApprovalService, 'reviewer').approveApproval({ name: asked.name });
  await expect(approving).rejects.toThrow('policies/clinicians has changed since it was asked');
  await recordOf(env, String(error.requestID));
  const { records } = await env.api(AuditService, 'auditor').listRecords({ exchange: asked.exchange });
  const outcome = records.find(({ record }) => record?.kind === RecordKind.OUTCOME)?.record;
  expect(outcome?.decision?.rule).toBe(change.rule);
});
