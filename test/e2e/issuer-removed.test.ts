import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import {
  GATEWAY_AUDIENCE,
  type IdentityProvider,
  startIdentityProvider,
} from '../../cli/commands/dev/identity-provider.ts';
import { requestToken } from '../../cli/commands/dev/request-token.ts';
import { answerText } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv } from '../env/env.ts';
import { pausingAnswer } from '../env/pausing.ts';
import { raised } from '../env/reading.ts';
import { recordOf } from '../env/record.ts';
import { connectTo } from '../env/sockets.ts';
import { until } from '../env/until.ts';

const HELLO = { model: 'gpt-test', input: 'hello' };
/** Of the other issuer. */
const USER = 'guest';
let env: Env;
let directory: string;
let other: IdentityProvider;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-issuer-'));
  [env, other] = await Promise.all([startEnv(), startIdentityProvider({ directory, port: 0 })]);
});
afterAll(async () => {
  await env?.close();
  await other?.close();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  env.provider.behave(answerText('done'));
  const spec = { issuerUrl: other.issuer, gatewayAudiences: [GATEWAY_AUDIENCE] };
  await identity().createIssuer({ issuerId: 'other', issuer: { spec } });
  await until('the plane trusts the other issuer', () =>
    openai()
      .responses.create(HELLO)
      .then(
        () => true,
        () => false,
      ),
  );
});
afterEach(() => removeIssuer().catch(() => undefined));

const identity = () => env.api(IdentityService, 'admin');
const removeIssuer = () => identity().deleteIssuer({ name: 'issuers/other' });
const token = () =>
  requestToken(other.issuer, other.secret, {
    user: USER,
    groups: ['clinicians'],
    audience: GATEWAY_AUDIENCE,
  });
const openai = () => new OpenAI({ baseURL: env.stack.openaiBaseUrl, apiKey: token, maxRetries: 0 });

test('a stream that runs ends when its issuer is removed, others go on', async () => {
  const { behaviour, goOn } = pausingAnswer('one two three four five');
  env.provider.behave(behaviour);
  const [cut, kept] = await Promise.all(
    [openai(), env.openai()].map((client) => client.responses.create({ ...HELLO, stream: true })),
  );
  const rest = async (stream: typeof cut) => {
    let last = '';
    for await (const event of stream as NonNullable<typeof cut>) last = event.type;
    return last;
  };
  const cutting = raised(rest(cut));
  const keeping = rest(kept);
  await removeIssuer();
  const error = await cutting;
  expect(error.code).toBe('untrusted_issuer');
  goOn();
  expect(await keeping).toBe('response.completed');
});

test('a request that waits for a reviewer is refused, and its approval withdrawn', async () => {
  const asking = raised(openai().responses.create({ ...HELLO, input: 'a bulk request', stream: true }));
  const approval = await pendingApproval(env, USER);
  const before = env.provider.seen.length;
  await removeIssuer();
  const error = await asking;
  expect(error).toMatchObject({ status: 401, code: 'untrusted_issuer' });
  await until('the withdrawal', async () => {
    const { approvals } = await env.api(ApprovalService, 'auditor').listApprovals({});
    return approvals.some(({ name, state }) => name === approval.name && state === State.WITHDRAWN);
  });
  expect(env.provider.seen.length).toBe(before);
  const record = await recordOf(env, String(error.requestID));
  expect(record.outcome).toMatchObject({
    status: OutcomeStatus.REFUSED,
    errorCode: 'untrusted_issuer',
  });
});

test('a WebSocket on which nothing is asked is closed', async () => {
  const caller = await connectTo(env, '/v1/responses', { token: await token() });
  await removeIssuer();
  expect(await caller.closed).toBe(1008);
});
