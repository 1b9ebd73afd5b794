import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { createPersonAuthenticator } from '../../../control-plane/identity/authenticate.ts';
import { bootstrapIdentity } from '../../../control-plane/identity/bootstrap.ts';
import { startIssuer, type TestIssuer } from '../../oidc/issuer.ts';
import { type Env, startEnv } from './env.ts';

let env: Env;
let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startIssuer();
  env = await startEnv({ issuer: issuer.url });
  await bootstrapIdentity(env.context);
}, 120_000);
afterAll(async () => {
  await env.close();
  await issuer.close();
});

async function logins(subject: string) {
  const found = await env.context.database.db.collection('records').find({ action: 'login' }).toArray();
  return found
    .map((document) => fromBinary(RecordSchema, document['bytes'].buffer))
    .filter(({ caller }) => caller?.subject === subject);
}

const token = (sub: string) => issuer.token({ sub, groups: [], aud: 'sworn-control-plane' });

test('a login is recorded once for each token, however often and wherever it is used', async () => {
  const replicas = [env.context, await env.replica()].map(createPersonAuthenticator);
  const first = await token('ana');
  await Promise.all(Array.from({ length: 8 }, (_, index) => replicas[index % 2]?.(first)));
  await replicas[0]?.(first);
  // A replica that starts later looks it up.
  await createPersonAuthenticator(await env.replica())(first);
  const [login, ...more] = await logins('ana');
  expect(more).toEqual([]);
  expect(login).toMatchObject({ kind: RecordKind.ACTION, action: 'login' });
  expect(login?.resource).toMatch(/^tokens\/[0-9a-f]{32}$/);
  await replicas[1]?.(await issuer.token({ sub: 'ana', groups: [], jti: 'another' }));
  expect(await logins('ana')).toHaveLength(2);
});

test('the store has nothing that could be used as the token, and a token that is refused is no login', async () => {
  const authenticate = createPersonAuthenticator(env.context);
  const good = await token('ben');
  await authenticate(good);
  const stored = JSON.stringify(await env.context.database.db.collection('logins').find().toArray());
  expect(stored).not.toContain(good.split('.')[2]);
  const nowS = Math.floor(Date.now() / 1000);
  const old = await issuer.token({ sub: 'eve', groups: [], exp: nowS - 60 });
  await expect(authenticate(old)).rejects.toThrow();
  expect(await logins('eve')).toEqual([]);
});

test('nobody is let in whose login cannot be recorded', async () => {
  const broken = { ...env.context, now: () => new Date(Date.now()) };
  const authenticate = createPersonAuthenticator({
    ...broken,
    database: {
      ...broken.database,
      transaction: () => Promise.reject(new Error('the store refuses')),
    },
  });
  await expect(authenticate(await token('zoe'))).rejects.toThrow('the store refuses');
});
