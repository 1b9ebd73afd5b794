import { create } from '@bufbuild/protobuf';
import type { ConnectError } from '@connectrpc/connect';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';
import type { Person } from '../../../control-plane/api/identity.ts';
import { createPersonAuthenticator } from '../../../control-plane/identity/authenticate.ts';
import { createIssuer, removeIssuer, updateIssuer } from '../../../control-plane/identity/issuer.ts';
import { createRoleBinding, removeRoleBinding } from '../../../control-plane/identity/role-binding.ts';
import { FORGERIES } from '../../oidc/forged.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';
import { type Env, ROOT, startEnv } from './env.ts';

let env: Env;
let issuer: TestIssuer;
let authenticate: (token: string) => Promise<Person>;

beforeAll(async () => {
  env = await startEnv();
}, 120_000);
afterAll(() => env.close());

beforeEach(async () => {
  issuer = await startIssuer();
  authenticate = createPersonAuthenticator(env.context);
  await createIssuer(env.context, ROOT, 'idp', issuer.trusted());
});
afterEach(async () => {
  await removeIssuer(env.context, ROOT, 'issuers/idp', '');
  await issuer.close();
});

/** Changes what is accepted from the issuer. */
async function trust(spec: Parameters<TestIssuer['trusted']>[0]): Promise<void> {
  const { spec: changed } = issuer.trusted(spec);
  const update = create(IssuerSchema, { name: 'issuers/idp', ...(changed && { spec: changed }) });
  await updateIssuer(env.context, ROOT, update, undefined);
}

/** The `cause` that a refused token's error names. */
async function causeOf(token: string): Promise<string | undefined> {
  const error = await authenticate(token).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(reasonOf(error)).toBe(Reason.UNAUTHENTICATED);
  return (error as ConnectError).findDetails(ErrorDetailSchema)[0]?.metadata['cause'];
}

describe('a token that is right', () => {
  test('tells who it is and which roles their groups give now', async () => {
    const claims = { email: 'a@example.com', azp: 'cli', realm: { groups: ['g-reviewers', 'g-others'] } };
    await trust({ groupsClaim: 'realm.groups' });
    const token = await issuer.token(claims);
    expect((await authenticate(token)).roles).toEqual(new Set());
    const wanted = { group: 'g-reviewers', role: Role.REVIEWER };
    await createRoleBinding(env.context, ROOT, 'reviewers', wanted);
    const { caller, roles } = await authenticate(token);
    expect(caller).toMatchObject({
      issuer: issuer.url,
      subject: 'alice',
      email: 'a@example.com',
      groups: ['g-reviewers', 'g-others'],
      client: 'cli',
    });
    expect(roles).toEqual(new Set([Role.REVIEWER]));
    await removeRoleBinding(env.context, ROOT, 'roleBindings/reviewers', '');
    expect((await authenticate(token)).roles).toEqual(new Set());
  });

  test.each(['RS256', 'EdDSA'])('may be signed with %s', async (alg) => {
    await issuer.rotate(alg);
    expect((await authenticate(await issuer.token())).caller.subject).toBe('alice');
  });
});

describe('a token that is refused', () => {
  test.each(FORGERIES)('as it is one of those $what', async ({ code, make }) => {
    for (const token of make(issuer, 'sworn-control-plane')) expect(await causeOf(await token)).toBe(code);
    expect((await authenticate(await issuer.token())).caller.subject).toBe('alice');
  });

  test('as it is empty', async () => {
    expect(await causeOf('')).toBe('invalid_token');
  });

  test('when its issuer no longer uses its algorithm', async () => {
    const token = await issuer.token();
    await authenticate(token);
    await trust({ algorithms: ['RS256'] });
    expect(await causeOf(token)).toBe('invalid_token');
  });

  test('when its issuer is no longer trusted, at once', async () => {
    const token = await issuer.token();
    await authenticate(token);
    await removeIssuer(env.context, ROOT, 'issuers/idp', '');
    expect(await causeOf(token)).toBe('untrusted_issuer');
    await createIssuer(env.context, ROOT, 'idp', issuer.trusted({ controlPlaneAudiences: [] }));
    expect(await causeOf(token)).toBe('wrong_audience');
  });

  test('when the keys of its issuer cannot be had; the log says so and has no token', async () => {
    const token = await issuer.token({ email: 'secret@example.com' });
    issuer.answer = (_path, response) => response.writeHead(503).end();
    expect(await causeOf(token)).toBe('issuer_unavailable');
    expect(env.logs.join()).toContain('issuer_unavailable');
    expect(env.logs.join()).not.toContain('secret@example.com');
    expect(env.logs.join()).not.toContain(token.split('.')[2]);
  });
});
