import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { OutcomeStatus, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { RevocationTargetSchema } from '#proto/sworn/identity/v1/revocation_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import type { Context } from '../../../control-plane/context.ts';
import { createIssuer, removeIssuer } from '../../../control-plane/identity/issuer.ts';
import { createRevocation, removeRevocation } from '../../../control-plane/identity/revocation.ts';
import { createRoleBinding, removeRoleBinding } from '../../../control-plane/identity/role-binding.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';
import { openStore, type Store } from '../audit/store.ts';
import { append, newName } from '../audit/writer.ts';
import { ROOT } from '../identity/env.ts';
import { type Served, serve } from '../identity/serve.ts';

let store: Store;
let issuer: TestIssuer;
/** Serves the streams; changes are made on another replica. */
let served: Served;
let other: Context;
const session = newName('sessions');
const GROUPS = ['g-reviewers', 'g-auditors'];

beforeAll(async () => {
  store = await openStore();
  store.nowMs = Math.ceil(Date.now() / 1_000) * 1_000;
  issuer = await startIssuer();
  other = store.replica();
  const context = store.replica();
  served = await serve(context);
  await createRoleBinding(other, ROOT, 'admins', { group: 'g-admins', role: Role.ADMIN });
  const writer = store.writer();
  const place = { exchange: newName('exchanges'), session };
  const outcome = { status: OutcomeStatus.COMPLETED };
  const frames = [{ offsetUs: 3_600_000_000n, data: Buffer.from('an hour later') }];
  await append(context, writer.plane, [
    writer.write({ ...place, kind: RecordKind.INTENT, time: timestampFromMs(store.nowMs) }),
    writer.write(
      { ...place, kind: RecordKind.OUTCOME, outcome, time: timestampFromMs(store.nowMs) },
      { content: { case: 'delivery', value: { contentType: 'text/plain', frames } } },
    ),
  ]);
}, 120_000);
afterAll(async () => {
  await served.close();
  await issuer.close();
  await store.close();
});
beforeEach(async () => {
  // What is made anew is newer than the record of its end.
  store.nowMs += 1_000;
  await createIssuer(other, ROOT, 'idp', issuer.trusted());
  await createRoleBinding(other, ROOT, 'reviewers', { group: 'g-reviewers', role: Role.REVIEWER });
  await createRoleBinding(other, ROOT, 'auditors', { group: 'g-auditors', role: Role.AUDITOR });
});
afterEach(async () => {
  vi.useRealTimers();
  issuer.answer = undefined;
  store.nowMs += 1_000;
  for (const name of ['reviewers', 'auditors']) {
    await removeRoleBinding(other, ROOT, `roleBindings/${name}`, '').catch(() => undefined);
  }
  await removeIssuer(other, ROOT, 'issuers/idp', '').catch(() => undefined);
});

/** A stream that has begun, and how it ends: by its reason and cause. */
async function open(kind: 'approvals' | 'replay', groups = GROUPS, lifetimeS = 300) {
  const token = await issuer.token({ groups, exp: store.nowMs / 1_000 + lifetimeS });
  const { approval, audit } = served.client(async () => token);
  const stream =
    kind === 'approvals' ? approval.watchApprovals({}) : audit.replaySession({ name: session, speed: 1 });
  const messages = stream[Symbol.asyncIterator]() as AsyncIterator<unknown>;
  await messages.next();
  const end = async (): Promise<object> => {
    try {
      while (!(await messages.next()).done);
      return { end: 'as if it were complete' };
    } catch (error) {
      const failure = ConnectError.from(error);
      const detail = failure.findDetails(ErrorDetailSchema)[0];
      return { code: failure.code, reason: detail?.reason, cause: detail?.metadata['cause'] };
    }
  };
  return { ended: end() };
}

const unauthenticated = (cause: string) => ({
  code: Code.Unauthenticated,
  reason: Reason.UNAUTHENTICATED,
  cause,
});

test.each(['approvals', 'replay'] as const)('a revocation ends %s that are under way', async (kind) => {
  const { ended } = await open(kind);
  const target = create(RevocationTargetSchema, { subject: 'alice' });
  const { name } = await createRevocation(other, ROOT, { target, reason: 'left' });
  try {
    expect(await ended).toEqual(unauthenticated('revoked'));
  } finally {
    await removeRevocation(other, ROOT, name);
  }
});

test('so does the end of their token', async () => {
  const { ended } = await open('replay');
  store.nowMs += 3_600_000;
  expect(await ended).toEqual(unauthenticated('expired_token'));
});

test('so does the end of trust in their issuer', async () => {
  const { ended } = await open('approvals');
  await removeIssuer(other, ROOT, 'issuers/idp', '');
  expect(await ended).toEqual(unauthenticated('untrusted_issuer'));
});

test('so does a role that is taken away', async () => {
  const { ended } = await open('replay', ['g-auditors']);
  await removeRoleBinding(other, ROOT, 'roleBindings/auditors', '');
  expect(await ended).toMatchObject({ code: Code.PermissionDenied, reason: Reason.ROLE_REQUIRED });
});

test('also where another role lets them in: what they are shown followed from the first', async () => {
  const { ended } = await open('approvals');
  await removeRoleBinding(other, ROOT, 'roleBindings/auditors', '');
  expect(await ended).toMatchObject({ code: Code.PermissionDenied, reason: Reason.ROLE_REQUIRED });
});

test('while nobody can tell whether they may, they go on for half a minute', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { ended } = await open('replay', GROUPS, 7_200);
  issuer.answer = (_path, response) => response.writeHead(503).end();
  const asked = issuer.fetches;
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  // Its keys are too old to be used by then. The second time, it has been asked for whole seconds before.
  for (const [times, laterMs] of [660_000, 3_000].entries()) {
    store.nowMs += laterMs;
    await expect.poll(() => issuer.fetches, { timeout: 20_000 }).toBeGreaterThan(asked + times);
  }
  expect(isOver).toBe(false);
  vi.advanceTimersByTime(31_000);
  expect(await ended).toEqual(unauthenticated('issuer_unavailable'));
});
