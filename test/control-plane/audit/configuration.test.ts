import { createHash } from 'node:crypto';
import { create, fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Record, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { NotifierSchema } from '#proto/sworn/notification/v1/notifier_pb.ts';
import { UpstreamSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { configurationOf } from '../../../control-plane/audit/configuration.ts';
import type { Context } from '../../../control-plane/context.ts';
import { createIssuer, removeIssuer, updateIssuer } from '../../../control-plane/identity/issuer.ts';
import { createRoleBinding, removeRoleBinding } from '../../../control-plane/identity/role-binding.ts';
import { createNotifier, removeNotifier } from '../../../control-plane/notification/notifier.ts';
import { createUpstream, removeUpstream, updateUpstream } from '../../../control-plane/upstream/upstream.ts';
import { person } from './call.ts';
import { openStore, type Store } from './store.ts';

const SECRETS = ['sk-not-to-be-seen', 'whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0'];
const admin = person('amy', ['sworn-admins']);
const NONE = { credential: '', clientKey: '', proxyCredential: '', secretHeaders: [] };
let store: Store;
let context: Context;
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
}, 120_000);
afterAll(() => store.close());

/** What the records of a resource say, each: action, content as JSON, secrets, whether it was removed. */
async function said(resource: string): Promise<unknown[]> {
  const documents = await store.database.db
    .collection('records')
    .find({ resource })
    .sort({ _id: 1 })
    .toArray();
  for (const document of documents) {
    const bytes: Buffer = document['bytes'].buffer;
    for (const secret of SECRETS) expect(bytes.toString('latin1')).not.toContain(secret);
  }
  return documents
    .map((document): Record => fromBinary(RecordSchema, document['bytes'].buffer))
    .map(({ action, configuration }) => {
      const { content = '', secrets, removed, contentSha256 = new Uint8Array() } = configuration ?? {};
      expect(Buffer.from(contentSha256)).toEqual(createHash('sha256').update(content).digest());
      return [action, JSON.parse(content), secrets, removed];
    });
}

test('a role binding: to whom it gives what', async () => {
  const name = 'roleBindings/office';
  await createRoleBinding(context, admin, 'office', { group: 'privacy-office', role: Role.AUDITOR });
  await removeRoleBinding(context, admin, name, '');
  const content = { group: 'privacy-office', name, role: 'ROLE_AUDITOR' };
  expect(await said(name)).toEqual([
    ['roleBinding.create', content, [], false],
    ['roleBinding.delete', content, [], true],
  ]);
});

test('an issuer: whose tokens are taken, and for what', async () => {
  const name = 'issuers/main';
  const spec = { issuerUrl: 'https://id.example.org', gatewayAudiences: ['g'], groupsClaim: 'groups' };
  await createIssuer(context, admin, 'main', create(IssuerSchema, { spec }));
  const update = create(IssuerSchema, { name, spec: { issuerUrl: 'https://evil.example.net' } });
  await updateIssuer(context, undefined, update, undefined);
  await removeIssuer(context, admin, name, '');
  const moved = { name, spec: { ...spec, issuerUrl: 'https://evil.example.net' } };
  expect(await said(name)).toEqual([
    ['issuer.create', { name, spec }, [], false],
    ['issuer.update', moved, [], false],
    ['issuer.delete', moved, [], true],
  ]);
});

test('an upstream: where prompts go; that it has a new credential, but not which', async () => {
  const name = 'upstreams/main';
  const upstream = create(UpstreamSchema, { spec: { baseUrl: 'https://api.example.org/v1' } });
  await createUpstream(context, admin, 'main', upstream, { ...NONE, credential: SECRETS[0] ?? '' });
  const update = create(UpstreamSchema, { name, spec: { organization: 'org-1' } });
  await updateUpstream(context, admin, update, undefined, NONE);
  const secretHeaders = [{ name: 'x-key', value: SECRETS[0] ?? '' }];
  await updateUpstream(context, admin, create(UpstreamSchema, { name }), undefined, {
    ...NONE,
    secretHeaders,
  });
  await removeUpstream(context, admin, name, '');
  const spec = { baseUrl: 'https://api.example.org/v1', isDefault: true };
  const changed = { name, spec: { ...spec, organization: 'org-1' } };
  expect(await said(name)).toEqual([
    ['upstream.create', { name, spec }, ['credential'], false],
    ['upstream.update', changed, [], false],
    ['upstream.update', { ...changed, secretHeaders: ['x-key'] }, ['secretHeaders'], false],
    ['upstream.delete', { ...changed, secretHeaders: ['x-key'] }, [], true],
  ]);
});

test('a notifier: who is told of what', async () => {
  const name = 'notifiers/pager';
  const channel = { case: 'webhook' as const, value: { url: 'https://hooks.example.org/sworn' } };
  const notifier = create(NotifierSchema, { spec: { channel, events: ['alarm'] } });
  await createNotifier(context, admin, 'pager', notifier, SECRETS[1] ?? '');
  await removeNotifier(context, admin, name, '');
  const content = { name, spec: { events: ['alarm'], webhook: { url: 'https://hooks.example.org/sworn' } } };
  expect(await said(name)).toEqual([
    ['notifier.create', content, ['secret'], false],
    ['notifier.delete', content, [], true],
  ]);
});

test('what is longer than 16 KiB is in the record by its digest', () => {
  const caCertificates = 'x'.repeat(16 * 1024);
  const change = configurationOf(UpstreamSchema, create(UpstreamSchema, { spec: { caCertificates } }));
  expect(change.content).toBe('');
  const content = JSON.stringify({ spec: { caCertificates } });
  expect(Buffer.from(change.contentSha256)).toEqual(createHash('sha256').update(content).digest());
});
