import { randomUUID } from 'node:crypto';
import { createClient } from '@connectrpc/connect';
import OpenAI, { APIError } from 'openai';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { CONTROL_PLANE_AUDIENCE } from '../../cli/commands/dev/identity-provider.ts';
import { controlPlaneSettings } from '../../cli/commands/dev/settings.ts';
import { connect } from '../../cli/connect/transport.ts';
import { type ControlPlane, startControlPlane } from '../../control-plane/start.ts';
import type { DataPlane } from '../../data-plane/start.ts';
import { answerText } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import { startPlane } from '../env/plane.ts';
import { raised } from '../env/reading.ts';
import { copyState } from '../env/state.ts';
import { until } from '../env/until.ts';

let env: Env;
/** Another replica of the control plane, and a plane that knows no other. */
let replica: ControlPlane;
let there: DataPlane;
const over = new AbortController();

beforeAll(async () => {
  const policy = TEST_POLICY.replace('expires: 30m', 'expires: 30m, window: 1h');
  env = await startEnv({ policies: [policy], dataPlane: { holdWhole: 300 } });
  const { stack, database } = env;
  const settings = controlPlaneSettings(stack.directory, stack.mongodbUri, stack.issuer, 0);
  const logger = pino({ level: 'silent' });
  const stateDirectory = await copyState(settings.stateDirectory, 'replica');
  replica = await startControlPlane(
    { ...settings, stateDirectory, mongodbDatabase: database },
    { logger, isDevelopment: true },
  );
  there = await startPlane(env, { controlPlane: new URL(replica.url), holdWhole: 300 });
});
afterAll(async () => {
  over.abort();
  await there?.close();
  await replica?.close();
  await env?.close();
});
beforeEach(() => env.provider.behave(answerText('done')));

const BULK = { model: 'gpt-test', input: 'a bulk request' };
const thereAs = (user: string) =>
  new OpenAI({
    baseURL: `${there.url}/v1`,
    apiKey: () => env.stack.token({ user, groups: ['clinicians'] }),
    maxRetries: 0,
  });
const hereAs = (user: string) => env.openai(user, { groups: ['clinicians'] });

/** Asks the replica that the first plane does not know. */
function apiThere() {
  const token = () => env.stack.token({ user: 'reviewer', audience: CONTROL_PLANE_AUDIENCE });
  const { transport } = connect({ url: replica.url, ca: undefined, token, signal: over.signal });
  return createClient(ApprovalService, transport);
}

/** Asks until the answer is an error with this code, or none for ''. */
async function soon(code: string, ask: () => Promise<unknown>): Promise<void> {
  await until(code === '' ? 'an answer' : code, async () => {
    const error: unknown = await ask().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return error instanceof APIError ? error.code === code : error === undefined && code === '';
  });
}

test('what is asked here and approved there goes on at either plane, once', async () => {
  const ask = (client: OpenAI) =>
    client.responses.create({ ...BULK, input: 'a bulk request of two regions' });
  expect(await raised(ask(hereAs('clinician')))).toMatchObject({ code: 'approval_pending' });
  const { name } = await pendingApproval(env);
  await apiThere().approveApproval({ name });
  expect((await ask(thereAs('clinician'))).output_text).toBe('done');
  expect(await raised(ask(hereAs('clinician')))).toMatchObject({ code: 'approval_pending' });
  const again = await pendingApproval(env);
  await env.api(ApprovalService, 'reviewer').denyApproval({ name: again.name });
});

test('what is held here waits while its control plane starts anew, and goes on when it is approved there', async () => {
  const stream = hereAs('clinician').responses.stream({ ...BULK, input: 'a bulk request that waits' });
  const { name } = await pendingApproval(env);
  await env.stack.stopControlPlane();
  await apiThere().approveApproval({ name });
  await env.stack.startControlPlane();
  expect((await stream.finalResponse()).output_text).toBe('done');
});

test('a grant and its end count on both planes', async () => {
  const ask = (client: OpenAI) => client.responses.create({ ...BULK, input: `bulk ${randomUUID()}` });
  expect(await raised(ask(thereAs('night-shift')))).toMatchObject({ code: 'approval_pending' });
  const { name } = await pendingApproval(env, 'night-shift');
  const reviewer = apiThere();
  await reviewer.approveApproval({ name, window: { seconds: 3_600n } });
  for (const client of [hereAs('night-shift'), thereAs('night-shift')]) await soon('', () => ask(client));
  const { grants } = await reviewer.listGrants({});
  await reviewer.revokeGrant({ name: grants[0]?.name ?? '' });
  for (const client of [hereAs('night-shift'), thereAs('night-shift')]) {
    await soon('approval_pending', () => ask(client));
  }
});

test('who is revoked is refused on both planes', async () => {
  const ask = (client: OpenAI) => client.responses.create({ model: 'gpt-test', input: 'hello' });
  for (const client of [hereAs('leaver'), thereAs('leaver')]) await ask(client);
  const target = { subject: 'leaver' };
  await env.api(IdentityService, 'admin').createRevocation({ target, reason: 'has left' });
  for (const client of [hereAs('leaver'), thereAs('leaver')]) await soon('revoked', () => ask(client));
  await ask(thereAs('clinician'));
});
