import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { UpstreamSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import type { Context } from '../../../control-plane/context.ts';
import { loadMaskingKey } from '../../../control-plane/distribution/masking-key.ts';
import { loadSigningKey } from '../../../control-plane/distribution/signing-key.ts';
import { listMasterKeys } from '../../../control-plane/master-key/list.ts';
import { retireMasterKey } from '../../../control-plane/master-key/retire.ts';
import { rotateMasterKey } from '../../../control-plane/master-key/rotate.ts';
import { openContent } from '../../../control-plane/proposal/content.ts';
import type { ControlPlane } from '../../../control-plane/start.ts';
import { findProposal } from '../../../control-plane/storage/approval/proposals.ts';
import { findUpstream } from '../../../control-plane/storage/configuration/upstreams.ts';
import { SEALED, type SealedName } from '../../../control-plane/storage/sealing/sealing.ts';
import { openSecrets } from '../../../control-plane/upstream/secrets.ts';
import { createUpstream } from '../../../control-plane/upstream/upstream.ts';
import { probe } from '../../env/programs.ts';
import { insertTestPolicy } from '../approval/question.ts';
import type { Store } from '../audit/store.ts';
import { bindOf, propose } from '../proposal/proposals.ts';
import { admin, type Configured, KINDS } from '../storage/configuration.ts';
import { type Deployment, openDeployment } from './env.ts';

const SECRETS = {
  credential: 'sk-1',
  clientKey: '',
  proxyCredential: 'user:password',
  secretHeaders: [{ name: 'x-secret', value: 'hidden' }],
};

let deployment: Deployment;
beforeAll(async () => {
  deployment = await openDeployment();
}, 120_000);
afterAll(() => deployment.close());

/** Makes one of everything that has a MAC or is sealed. @returns whether each works */
async function configureAll(context: Context): Promise<() => Promise<Record<string, boolean>>> {
  await insertTestPolicy({ database: context.database } as Store);
  const spec = {
    baseUrl: 'https://first.example.com',
    isDefault: true,
    proxyUrl: 'http://proxy.internal:3128',
  };
  const upstream = create(UpstreamSchema, { spec });
  await createUpstream(context, admin, 'first', upstream, SECRETS as never);
  const ids: [SealedName, Configured][] = [];
  for (const name of Object.keys(SEALED) as SealedName[])
    ids.push([name, await KINDS[name].make(context, `${name.toLowerCase()}-1`)]);
  return async () =>
    Object.fromEntries(await Promise.all(ids.map(async ([name, one]) => [name, await one.works()])));
}

/** Goes on making role bindings by the API of control planes, in turn, until it is stopped. @returns how many were made */
function keepBinding(planes: readonly ControlPlane[], prefix: string): { stop(): Promise<number> } {
  let isStopped = false;
  const clients = planes.map(({ url }) =>
    createClient(
      IdentityService,
      createConnectTransport({
        baseUrl: url,
        httpVersion: '1.1',
        interceptors: [
          (next) => async (request) => {
            const token = await deployment.issuer.token({ groups: ['sworn-admins'] });
            request.header.set('authorization', `Bearer ${token}`);
            return next(request);
          },
        ],
      }),
    ),
  );
  const running = (async () => {
    let made = 0;
    for (; !isStopped; made++) {
      const roleBinding = { group: `${prefix}-${made}`, role: Role.AUDITOR };
      await clients[made % clients.length]?.createRoleBinding({
        roleBindingId: `${prefix}-${made}`,
        roleBinding,
      });
    }
    return made;
  })();
  return {
    stop: () => {
      isStopped = true;
      return running;
    },
  };
}

test('a rotation while control planes run and an admin works', async () => {
  const one = await deployment.start('one');
  await deployment.copy('one', 'two');
  const two = await deployment.start('two');
  const old = await deployment.operate('two', async ({ context, masterKeys }) => {
    await masterKeys.look(context.database);
    const works = await configureAll(context);
    const proposal = await propose(context, bindOf('proposed', 'some-group'), admin);
    const masking = await loadMaskingKey(context);
    const { publicKey } = await loadSigningKey(context, 'receipt');

    const binding = keepBinding([one, two], 'during');
    const said: string[] = [];
    const rotated = await deployment.operate('one', rotateMasterKey, {
      say: (words) => {
        said.push(words);
        if (words.includes(' to have it: copy ')) void deployment.copyKeys('one', 'two');
      },
    });
    const made = await binding.stop();
    expect(made).toBeGreaterThan(5);
    expect(said).toContainEqual(expect.stringMatching(/^waiting for .* to have it: copy .*master-keys/));
    expect(rotated).toMatchObject({ old: [expect.any(String)], passedOver: [] });
    const [old = ''] = rotated.old;
    expect(await deployment.operate('two', listMasterKeys)).toMatchObject({
      keys: [
        { id: rotated.current, state: 'CURRENT', here: true },
        { id: old, state: 'OLD', here: true },
      ],
      behind: {},
    });
    await deployment.operate('two', (operation) => retireMasterKey(operation, old, 0));

    await masterKeys.look(context.database);
    expect(await loadMaskingKey(context)).toEqual(masking);
    expect((await loadSigningKey(context, 'receipt')).publicKey).toEqual(publicKey);
    const upstream = await findUpstream(context.database, 'upstreams/first');
    const { secretHeaders, ...secrets } = openSecrets(context.seal, upstream as NonNullable<typeof upstream>);
    expect(secrets).toEqual({ credential: 'sk-1', clientKey: '', proxyCredential: 'user:password' });
    expect(secretHeaders).toContain('hidden');
    const stored = await findProposal(context.database, proposal.name);
    expect(openContent(context, stored as NonNullable<typeof stored>).reason).toBe('protocol 12');
    const bindings = context.database.db.collection<{ _id: string }>('roleBindings');
    expect(await bindings.countDocuments({ _id: /during-/ })).toBe(made);
    for (const [name, isWorking] of Object.entries(await works()))
      expect([name, isWorking]).toEqual([name, true]);
    return old;
  });

  // Nothing needs the old key: its file may go.
  for (const name of ['one', 'two']) await rm(join(deployment.directory(name), 'master.key'));
  for (const plane of [one, two]) {
    expect(await probe(plane.url, 'ready')).toBe(200);
    await plane.close();
  }
  const after = keepBinding([await deployment.start('one'), await deployment.start('two')], 'after');
  expect(await deployment.operate('one', listMasterKeys)).toMatchObject({
    keys: [{ state: 'CURRENT' }, { id: old, state: 'RETIRED', here: false }],
    behind: {},
  });
  expect(await after.stop()).toBeGreaterThan(0);
  // Nothing was taken for altered on the way.
  expect(deployment.logs.filter((line) => /altered|rolled_back|missing/.test(line))).toEqual([]);
}, 240_000);
