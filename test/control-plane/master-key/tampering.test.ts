import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Long } from 'mongodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { createRoleBinding } from '../../../control-plane/identity/role-binding.ts';
import { listMasterKeys } from '../../../control-plane/master-key/list.ts';
import type { Operation } from '../../../control-plane/master-key/operation.ts';
import { retireMasterKey } from '../../../control-plane/master-key/retire.ts';
import { rotateMasterKey } from '../../../control-plane/master-key/rotate.ts';
import { findRoles } from '../../../control-plane/storage/configuration/role-bindings.ts';
import type { Database } from '../../../control-plane/storage/database.ts';
import { PLAIN_TYPES } from '../../../control-plane/storage/plain-types.ts';
import type { RecordDocument } from '../../../control-plane/storage/record/records.ts';
import { AlteredError } from '../../../control-plane/storage/sealing/altered.ts';
import { canonicalBytes } from '../../../control-plane/storage/sealing/canonical.ts';
import { isReceived } from '../../../control-plane/storage/sealing/record-mac.ts';
import { createSeal, type Seal } from '../../../control-plane/storage/sealing/seal.ts';
import { macOf } from '../../../control-plane/storage/sealing/sealing.ts';
import { putRaw, rawDocument } from '../../env/alter.ts';
import { storeRecords } from '../log/env.ts';
import { admin } from '../storage/configuration.ts';
import { type Deployment, openDeployment } from './env.ts';

let deployment: Deployment;
beforeEach(async () => {
  deployment = await openDeployment();
  await (await deployment.start('one')).close();
}, 120_000);
afterEach(() => deployment.close());

const operate = <T>(run: (operation: Operation) => Promise<T>): Promise<T> =>
  deployment.operate('one', async (operation) => {
    await operation.masterKeys.look(operation.context.database);
    return await run(operation);
  });
const rotate = () => deployment.operate('one', rotateMasterKey);
const retire = (id: string) => deployment.operate('one', (operation) => retireMasterKey(operation, id, 0));
/** What somebody can do who has seen the first master key, and writes to the database. */
const seen = async (): Promise<Seal> =>
  createSeal(await readFile(join(deployment.directory('one'), 'master.key')));
const bind = (id: string) =>
  operate(({ context }) =>
    createRoleBinding(context, admin, id, { group: `${id}-group`, role: Role.AUDITOR }),
  );
const roles = (id: string) =>
  operate(async ({ context }) => [...(await findRoles(context.database, [`${id}-group`]))]);
const ringOf = ({ db }: Database) => db.collection<{ _id: string }>('masterKeys');
const recordsOf = ({ db }: Database) => db.collection<RecordDocument>('records', PLAIN_TYPES);

test('what was altered before a rotation is no more right after it, and is said', async () => {
  await bind('sound');
  await bind('altered');
  await operate(async ({ context: { database } }) => {
    const document = await rawDocument(database, 'roleBindings', 'roleBindings/altered');
    await putRaw(database, 'roleBindings', { ...document, role: 'ADMIN' });
    await storeRecords(database, { plane: 'planes/one', epoch: 1n }, 3);
    const [first, second, third] = await recordsOf(database)
      .find({ plane: 'planes/one' })
      .sort({ seq: 1 })
      .toArray();
    // One is put into another place; of one what it is found by is changed, and what it says is as it was.
    await recordsOf(database).updateOne({ _id: first?._id ?? '' }, { $set: { receiveTime: new Date(1) } });
    await recordsOf(database).updateOne(
      { _id: second?._id ?? '' },
      { $set: { digest: third?.digest ?? new Uint8Array() } },
    );
  });
  const { old, passedOver } = await rotate();
  expect(passedOver).toEqual(['roleBindings/altered', expect.stringMatching(/^records\//)]);
  expect(await retire(old[0] ?? '')).toEqual(passedOver);
  expect([await roles('sound'), await roles('altered')]).toEqual([[Role.AUDITOR], []]);
  await operate(async ({ context: { database } }) => {
    const found = await recordsOf(database).find({ plane: 'planes/one' }).sort({ seq: 1 }).toArray();
    expect(found.map((record) => isReceived(database.seal, record))).toEqual([false, true, true]);
    const document = await rawDocument(database, 'roleBindings', 'roleBindings/sound');
    await putRaw(database, 'roleBindings', { ...document, role: 'ADMIN' });
  });
  // And what is altered afterwards is found.
  expect(await roles('sound')).toEqual([]);
});

test('with a key that is retired nobody writes anything that counts, and nothing comes back', async () => {
  await bind('before');
  const old = await seen();
  const forged = {
    _id: 'roleBindings/forged',
    group: 'forged-group',
    role: 'ADMIN',
    createTime: new Date(),
  };
  const put = (document: { _id: string }) =>
    operate(({ context: { database } }) =>
      putRaw(database, 'roleBindings', {
        ...document,
        mac: Buffer.from(macOf(old, 'roleBindings', document)),
      }),
    );
  const before = await operate(({ context: { database } }) =>
    rawDocument(database, 'roleBindings', 'roleBindings/before'),
  );
  const rotated = await rotate();
  await put(forged);
  // Until it is retired: that is why one should not wait.
  expect(await roles('forged')).toEqual([Role.ADMIN]);
  await operate(({ context: { database } }) =>
    database.db.collection<{ _id: string }>('roleBindings').deleteOne({ _id: 'roleBindings/forged' }),
  );
  await retire(rotated.old[0] ?? '');
  await put(forged);
  await operate(({ context: { database } }) => putRaw(database, 'roleBindings', before));
  expect([await roles('forged'), await roles('before')]).toEqual([[], []]);
});

test.each<[string, (database: Database, old: Seal) => Promise<unknown>]>([
  ['is gone', (database) => ringOf(database).deleteOne({ _id: 'ring' })],
  [
    'is one that was made with the old key, in which that is in force again',
    async (database, old) => {
      const stored = await ringOf(database).findOne({ _id: 'ring' }, PLAIN_TYPES);
      const keys = (stored as unknown as { keys: { id: string; state: string }[] }).keys.map((key, at) => ({
        ...key,
        state: at === 0 ? 'CURRENT' : 'OLD',
      }));
      const fields = { generation: Long.fromNumber(99), keys };
      const mac = Buffer.from(old.mac(canonicalBytes(['masterKeys', fields])));
      return await ringOf(database).replaceOne({ _id: 'ring' }, { ...fields, mac } as never);
    },
  ],
  [
    'has a key more',
    (database) =>
      ringOf(database).updateOne({ _id: 'ring' }, {
        $push: { keys: { id: '00'.repeat(8), state: 'OLD' } },
      } as never),
  ],
])('where the ring %s, nothing goes on, and its operator mends it', async (_what, tamper) => {
  await bind('before');
  const old = await seen();
  const rotated = await rotate();
  await operate(({ context: { database } }) => tamper(database, old));
  await expect(deployment.start('one')).rejects.toThrow(AlteredError);
  await expect(rotate()).rejects.toThrow('masterKeys/ring was changed');
  await writeFile(join(deployment.directory('one'), 'configuration.trust'), '');
  await (await deployment.start('one')).close();
  expect(await roles('before')).toEqual([Role.AUDITOR]);
  expect((await deployment.operate('one', listMasterKeys)).keys).toMatchObject([
    { id: rotated.current, state: 'CURRENT' },
    { id: rotated.old[0], state: 'OLD' },
  ]);
  // Another control plane, which has not been told to trust anything, goes on with it.
  await deployment.start('one');
});

test('a ring from before a key was retired does not bring it back', async () => {
  const rotated = await rotate();
  const before = await operate(({ context: { database } }) =>
    ringOf(database).findOne({ _id: 'ring' }, { promoteLongs: false }),
  );
  await retire(rotated.old[0] ?? '');
  await operate(({ context: { database } }) => ringOf(database).replaceOne({ _id: 'ring' }, before as never));
  await expect(deployment.start('one')).rejects.toThrow('masterKeys/ring was changed');
});

test('a database of before a rotation is put back: with its key beside the new one, and the word of its operator', async () => {
  await bind('before');
  const dump = await operate(async ({ context: { database } }) => {
    const collections = await database.db.collections();
    return await Promise.all(
      collections.map(
        async (one) =>
          [
            one.collectionName,
            await database.db.collection(one.collectionName, { promoteLongs: false }).find().toArray(),
          ] as const,
      ),
    );
  });
  const rotated = await rotate();
  const path = join(deployment.directory('one'), 'master.key');
  const first = await readFile(path);
  await retire(rotated.old[0] ?? '');
  await rm(path);
  await operate(async ({ context: { database } }) => {
    for (const one of await database.db.collections()) await one.deleteMany({});
    for (const [name, documents] of dump)
      if (documents.length > 0) await database.db.collection(name).insertMany(documents);
  });
  await expect(deployment.start('one')).rejects.toThrow('has no master.key; copy it');
  await writeFile(path, first, { mode: 0o600 });
  await expect(deployment.start('one')).rejects.toThrow('masterKeys/ring was changed');
  await writeFile(join(deployment.directory('one'), 'configuration.trust'), '');
  // The log is older as well, which its own page tells about.
  await (await deployment.start('one')).close();
  const again = await rotate();
  expect([again.current, again.passedOver]).toEqual([rotated.current, []]);
  await retire(again.old[0] ?? '');
  expect(await roles('before')).toEqual([Role.AUDITOR]);
});
