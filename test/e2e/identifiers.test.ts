import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { answerText } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv } from '../env/env.ts';
import { pausingAnswer } from '../env/pausing.ts';
import { putPolicies } from '../env/policies.ts';
import { raised, textOf } from '../env/reading.ts';
import { recordOf } from '../env/record.ts';

/** Codes of studies begin with these letters; more than one in a prompt waits for a reviewer. */
const policy = (letters: string, rules = '') => `
apiVersion: sworn/v1
kind: Policy
name: trials
spec:
  groups: [clinicians]
  identifiers:
    STUDY_CODE: { pattern: '\\b${letters}~\\d{4}\\b', description: Codes of our trials. }
  rules:
    ${rules}
    - name: several
      when: findings.STUDY_CODE > 1
      requireApproval: { reviewers: [privacy-office] }
    - name: ordinary
      allow: {}
  mask: { entities: { STUDY_CODE: numbered } }
`;
const TEXT = 'First box~0001, then bag~0002, and box~0001 again.';
const MASKED_X = 'First [STUDY_CODE_1], then bag~0002, and [STUDY_CODE_1] again.';
const MASKED_Y = 'First box~0001, then [STUDY_CODE_1], and box~0001 again.';
const HELLO = { model: 'gpt-test', input: 'Which studies?' };

let env: Env;
beforeAll(async () => {
  env = await startEnv({ policies: [policy('box')], dataPlane: { holdWhole: 400 } });
});
afterAll(() => env.close());

const apply = (yaml: string) => putPolicies(env, yaml);

async function answered(): Promise<string> {
  env.provider.behave(answerText(TEXT));
  return (await env.openai().responses.create(HELLO)).output_text;
}

test('a policy finds and masks its own identifiers, streamed and not, and the record counts them', async () => {
  env.provider.behave(answerText(TEXT));
  const answer = await env.openai().responses.create(HELLO);
  expect(answer.output_text).toBe(MASKED_X);
  expect((await recordOf(env, String(answer._request_id))).responseFindings).toMatchObject({ STUDY_CODE: 2 });
  env.provider.behave(answerText(TEXT, 1));
  expect(await textOf(await env.openai().responses.create({ ...HELLO, stream: true }))).toBe(MASKED_X);
});

test('conditions count them: a prompt with several waits for a reviewer', async () => {
  env.provider.behave(answerText('done'));
  const ask = (input: string) => env.openai().responses.create({ ...HELLO, input });
  expect((await ask('about box~0001')).output_text).toBe('done');
  const error = await raised(ask('about box~0001 and box~0002'));
  expect(error).toMatchObject({ code: 'approval_pending' });
  const asked = await pendingApproval(env);
  expect(asked.findings).toEqual({ STUDY_CODE: 2 });
  await env.api(ApprovalService, 'reviewer').approveApproval({ name: asked.name });
  expect((await ask('about box~0001 and box~0002')).output_text).toBe('done');
});

test('a change counts from the next request on, and never in a stream that runs', async () => {
  await apply(policy('box'));
  expect(await answered()).toBe(MASKED_X);
  const pausing = pausingAnswer(TEXT);
  env.provider.behave(pausing.behaviour);
  const running = await env.openai().responses.create({ ...HELLO, stream: true });
  await apply(policy('bag'));
  expect(await answered()).toBe(MASKED_Y);
  pausing.goOn();
  expect(await textOf(running)).toBe(MASKED_X);
  expect(await answered()).toBe(MASKED_Y);
});

test('a change while a request is held counts for it, too', async () => {
  const denied = "- { name: none, when: findings.STUDY_CODE > 0, deny: { message: 'No studies.' } }";
  const held = '- { name: held, when: stream, requireApproval: { reviewers: [privacy-office] } }';
  await apply(policy('cup', held));
  env.provider.behave(answerText('done'));
  const input = 'about pen~0001';
  const asking = env
    .openai('second', { groups: ['clinicians'] })
    .responses.create({ ...HELLO, input, stream: true });
  const outcome = raised(asking.then(textOf));
  const asked = await pendingApproval(env, 'second');
  expect(asked.findings).toEqual({});
  // Another policy: an approval is void when the one that asked for it changes.
  await apply(policy('pen', denied).replace('name: trials', 'name: no-studies'));
  expect(await raised(env.openai().responses.create({ ...HELLO, input }))).toMatchObject({
    code: 'policy_denied',
  });
  const seen = env.provider.seen.length;
  await env.api(ApprovalService, 'reviewer').approveApproval({ name: asked.name });
  expect(await outcome).toMatchObject({ code: 'policy_denied' });
  expect(env.provider.seen).toHaveLength(seen);
});

test('a pattern that is too complex changes nothing, and the fault has its place', async () => {
  const spec = {
    groups: ['clinicians'],
    rules: [{ name: 'a', action: { case: 'allow' as const, value: {} } }],
  };
  const wrong = {
    name: 'policies/wrong',
    spec: { ...spec, identifiers: { CODE: { pattern: '[ab]{1,9}a[ab]{90}' } } },
  };
  await expect(env.api(PolicyService, 'admin').applyPolicies({ policies: [wrong] })).rejects.toThrow(
    '1 fault',
  );
  const { policies } = await env.api(PolicyService, 'admin').listPolicies({});
  expect(policies.map(({ name }) => name)).not.toContain('policies/wrong');
});
