import { APIError } from 'openai';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import type { RevocationTarget } from '#proto/sworn/identity/v1/revocation_pb.ts';
import { answerText } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv } from '../env/env.ts';
import { pausingAnswer } from '../env/pausing.ts';
import { raised } from '../env/reading.ts';
import { recordOf } from '../env/record.ts';
import { until } from '../env/until.ts';

const HELLO = { model: 'gpt-test', input: 'hello' };
let env: Env;

beforeAll(async () => {
  env = await startEnv();
});
afterAll(() => env.close());
beforeEach(() => env.provider.behave(answerText('done')));

const identity = () => env.api(IdentityService, 'admin');

async function revoke(
  target: Partial<Omit<RevocationTarget, '$typeName' | '$unknown'>>,
): Promise<() => Promise<unknown>> {
  const { revocation } = await identity().createRevocation({ target, reason: 'a test' });
  return () => identity().deleteRevocation({ name: revocation?.name ?? '' });
}

/** Asks until the plane has the configuration that refuses it, and then once more: the last one may have been under way. */
async function refusedSoon(ask: () => Promise<unknown>): Promise<APIError> {
  await until('a refusal', async () => {
    const thrown = await ask().catch((error: unknown) => error);
    return thrown instanceof APIError;
  });
  const refusal = await ask().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(APIError);
  return refusal as APIError;
}

/** Asks until the plane has the configuration that lets it through. */
async function answeredSoon<T>(ask: () => Promise<T>): Promise<T> {
  let answer: T | undefined;
  await until('an answer', async () => {
    answer = await ask().catch(() => undefined);
    return answer !== undefined;
  });
  return answer as T;
}

test('a caller is refused, others are not, and both are again as before when it is deleted', async () => {
  const ask = (user: string) => env.openai(user).responses.create(HELLO);
  const end = await revoke({ email: 'CLINICIAN@sworn.example' });
  const error = await refusedSoon(() => ask('clinician'));
  expect(error).toMatchObject({ status: 403, code: 'revoked' });
  const record = await recordOf(env, String(error.requestID));
  expect(record.outcome).toMatchObject({ status: OutcomeStatus.REFUSED, errorCode: 'revoked' });
  expect(record.caller?.subject).not.toBe('');
  const other = await env.openai('someone-else', { groups: ['clinicians'] }).responses.create(HELLO);
  expect(other.output_text).toBe('done');
  await end();
  await answeredSoon(() => ask('clinician'));
});

test('a stream that runs is ended with an error, and the provider is let go', async () => {
  const { behaviour, goOn } = pausingAnswer('one two three four five');
  env.provider.behave(behaviour);
  const stream = await env.openai().responses.create({ ...HELLO, stream: true });
  const events = stream[Symbol.asyncIterator]();
  await events.next();
  const end = await revoke({ email: 'clinician@sworn.example' });
  const error = await raised(
    (async () => {
      for (let next = await events.next(); next.done !== true; ) next = await events.next();
    })(),
  );
  expect(error.code).toBe('revoked');
  goOn();
  await end();
});

test('a request that waits for a reviewer is refused, and its approval withdrawn', async () => {
  await answeredSoon(() => env.openai().responses.create(HELLO));
  const asking = raised(env.openai().responses.create({ ...HELLO, input: 'a bulk request', stream: true }));
  const approval = await pendingApproval(env);
  const end = await revoke({ email: 'clinician@sworn.example' });
  expect(await asking).toMatchObject({ status: 403, code: 'revoked' });
  await until('the withdrawal', async () => {
    const { approvals } = await env.api(ApprovalService, 'auditor').listApprovals({});
    return approvals.some(({ name, state }) => name === approval.name && state === State.WITHDRAWN);
  });
  await end();
});

test('a session is refused to its caller alone', async () => {
  const ask = (session: string, user: string) =>
    env
      .openai(user, { groups: ['clinicians'] })
      .responses.create(HELLO, { headers: { 'X-Sworn-Session': session } })
      .withResponse();
  const { request_id: id } = await answeredSoon(() => ask('ward-7', 'nurse'));
  const { session } = await recordOf(env, String(id));
  const end = await revoke({ session });
  expect(await refusedSoon(() => ask('ward-7', 'nurse'))).toMatchObject({ status: 403, code: 'revoked' });
  await ask('ward-8', 'nurse');
  await ask('ward-7', 'someone-else');
  await end();
});

test('the control plane refuses at once, and nobody locks themselves out', async () => {
  const end = await revoke({ email: 'auditor@sworn.example' });
  await expect(env.api(IdentityService, 'auditor').whoAmI({})).rejects.toThrow(/revoked/);
  await end();
  await env.api(IdentityService, 'auditor').whoAmI({});
  await expect(revoke({ email: 'admin@sworn.example' })).rejects.toThrow(/yourself/);
  await expect(revoke({ issuer: 'https://idp.example' })).rejects.toThrow(/name a subject/);
});
