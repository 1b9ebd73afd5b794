import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { CONTROL_PLANE_AUDIENCE } from '../../cli/commands/dev/identity-provider.ts';
import { createHome, type Home } from '../cli/env/sworn.ts';
import { answerText } from '../env/answers.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { raised } from '../env/reading.ts';
import { recordOf } from '../env/record.ts';

/** One that would refuse what has an identifier, and the tools of the provider. */
const NEXT = `apiVersion: sworn/v1
kind: Policy
name: clinicians-next
spec:
  mode: observe
  replaces: clinicians
  groups: [clinicians]
  rules:
    - { name: identified, when: findings.US_SSN > 0, deny: {} }
    - { name: broken, when: 1 / findings.MRN > 0, allow: {} }
  parameters: { store: { force: false } }
`;

let env: Env;
let home: Home;
beforeAll(async () => {
  home = createHome();
  env = await startEnv({ policies: [TEST_POLICY, NEXT] });
  env.provider.behave(answerText('done'));
});
afterAll(async () => {
  await env.close();
  home.remove();
});

async function ask(input: string): Promise<string> {
  const { request_id: id } = await env.openai().responses.create({ model: 'gpt-test', input }).withResponse();
  await recordOf(env, String(id));
  return `exchanges/${id}`;
}

test('a policy that observes is recorded, and changes nothing for the caller', async () => {
  const identified = await ask('Summarise the chart of SSN 219-09-9999.');
  const failing = await ask('What is a chart?');
  const allowed = await ask('MRN: 00482915, what is next?');
  const refused = await raised(env.openai().responses.create({ model: 'gpt-test', input: 'forbidden' }));
  expect(refused).toMatchObject({ code: 'policy_denied' });
  await recordOf(env, String((refused as { requestID?: string }).requestID));

  // No change of the one that observes.
  expect(env.provider.seen.some(({ body }) => body.includes('"store":false'))).toBe(false);

  const { records } = await env.api(AuditService, 'auditor').listRecords({ pageSize: 1_000 });
  const observed = (exchange: string) => {
    const intent = records.find(
      ({ record }) => record?.kind === RecordKind.INTENT && record.exchange === exchange,
    );
    return [intent?.record?.decision, intent?.record?.observed];
  };
  expect(observed(identified)).toMatchObject([
    { action: Action.ALLOW, policy: 'policies/clinicians' },
    { action: Action.DENY, policy: 'policies/clinicians-next', rule: 'identified' },
  ]);
  expect(observed(failing)[1]).toMatchObject({
    action: Action.DENY,
    reason: expect.stringContaining('could not be evaluated'),
  });
  expect(observed(allowed)[1]).toMatchObject({
    action: Action.ALLOW,
    changes: [{ parameter: 'store', change: 'set to false' }],
  });
  const refusal = records.find(({ record }) => record?.kind === RecordKind.REFUSAL)?.record;
  expect(refusal?.observed).toMatchObject({ action: Action.DENY, rule: 'broken' });

  const token = await env.stack.token({ user: 'auditor', audience: CONTROL_PLANE_AUDIENCE });
  const place = { SWORN_CONTROL_PLANE: env.stack.controlPlaneUrl, SWORN_TOKEN: token };
  const list = await home.run(['audit', 'exchanges', '--differs', '-o', 'json'], { env: place });
  // Refused by both of them is no difference.
  expect(JSON.parse(list.stdout).exchanges.map(({ name }: { name: string }) => name)).toEqual([
    allowed,
    failing,
    identified,
  ]);
  const shown = await home.run(['audit', 'show', identified], { env: place });
  expect(shown.stdout).toMatch(/^decision +allow by clinicians\/ordinary$/m);
  expect(shown.stdout).toMatch(/^observed +deny by clinicians-next\/identified$/m);
});
