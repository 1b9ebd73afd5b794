import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { CONTROL_PLANE_AUDIENCE } from '../../cli/commands/dev/identity-provider.ts';
import { createHome, type Home, type Run } from '../cli/env/sworn.ts';
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

async function sworn(user: string, ...words: string[]): Promise<Run> {
  const token = await env.stack.token({ user, audience: CONTROL_PLANE_AUDIENCE });
  const place = { SWORN_CONTROL_PLANE: env.stack.controlPlaneUrl, SWORN_TOKEN: token };
  return await home.call(words, { env: place });
}

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

  const list = await sworn('auditor', 'audit', 'exchanges', '--differs', '-o', 'json');
  // Refused by both of them is no difference.
  expect(JSON.parse(list.stdout).exchanges.map(({ name }: { name: string }) => name)).toEqual([
    allowed,
    failing,
    identified,
  ]);
  const shown = await sworn('auditor', 'audit', 'show', identified);
  expect(shown.stdout).toMatch(/^decision +allow by clinicians\/ordinary$/m);
  expect(shown.stdout).toMatch(/^observed +deny by clinicians-next\/identified$/m);
});

/** How often the content of an exchange was read. */
async function reads(exchange: string): Promise<number> {
  const { records } = await env.api(AuditService, 'auditor').listRecords({ pageSize: 1_000 });
  return records.filter(({ record }) => record?.action === 'content.read' && record.resource === exchange)
    .length;
}

test('policies are tried on what was recorded, and that this was read is on record', async () => {
  env.provider.behave(answerText('Ana Alvarez was seen on 03/04/2026.'));
  const asked = await ask('Who is next?');
  const file = join(home.path, 'clinicians.yaml');
  await writeFile(
    file,
    TEST_POLICY.replace('when: patterns.forbidden\n      deny', 'when: findings.US_SSN > 0\n      deny') +
      '  mask: { entities: { DATE: none } }\n',
  );
  const before = await reads(asked);
  const simulated = await sworn('auditor', 'policy', 'simulate', '-f', file, '-o', 'json');
  const { exchanges, summary } = JSON.parse(simulated.stdout);
  expect(exchanges.map(({ change }: { change: string }) => change)).toEqual([
    'denied',
    'same',
    'same',
    'allowed',
    'same',
  ]);
  expect(exchanges[4]).toMatchObject({
    exchange: asked,
    caller: { issuer: env.stack.issuer, subject: 'clinician', groups: ['clinicians'] },
    startTime: expect.stringMatching(/^\d{4}-.*Z$/),
    was: { action: 'allow', changes: [] },
    masked: { answer: {} },
    unmasked: { answer: { DATE: 1 } },
  });
  expect(summary).toMatchObject({ exchanges: 5, denied: 1, allowed: 1, same: 3, unmasked: 1, unknown: 0 });
  expect(simulated.stdout).not.toContain('219-09-9999');

  const table = await sworn('auditor', 'policy', 'simulate', '-f', file, '--limit', '1');
  expect(table.stdout).toMatch(/denied +allow by clinicians\/ordinary +deny by clinicians\/forbidden: /);
  expect(table.stderr).toContain('the first 1 exchanges');

  await writeFile(file, `${TEST_POLICY.trimEnd()}\n  parameters: { store: { force: false } }\n`);
  const changed = await sworn('auditor', 'policy', 'simulate', '-f', file);
  expect(changed.stdout).toMatch(/changed +allow by \S+ +allow by clinicians\/ordinary: store set to false/);

  expect(await reads(asked)).toBe(before + 3);
  expect(await sworn('admin', 'policy', 'simulate', '-f', file)).toMatchObject({ exitCode: 3, stdout: '' });
  await writeFile(file, 'kind: Policy');
  expect(await sworn('auditor', 'policy', 'simulate', '-f', file)).toMatchObject({ exitCode: 1, stdout: '' });
});

test('of a request that those that observe have nothing to do with, nothing is shown', async () => {
  const stranger = await raised(
    env.openai('stranger').responses.create({ model: 'gpt-test', input: 'hello' }),
  );
  const other = await recordOf(env, String((stranger as { requestID?: string }).requestID));
  const same = await sworn('auditor', 'audit', 'show', other.name);
  expect(same.stdout).toMatch(/^decision +deny$/m);
  expect(same.stdout).not.toContain('observed');
});
