import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { listMasterKeys } from '../../../control-plane/master-key/list.ts';
import { retireMasterKey } from '../../../control-plane/master-key/retire.ts';
import { rotateMasterKey } from '../../../control-plane/master-key/rotate.ts';
import { findRoles } from '../../../control-plane/storage/configuration/role-bindings.ts';
import { createSeal } from '../../../control-plane/storage/sealing/seal.ts';
import { macOf } from '../../../control-plane/storage/sealing/sealing.ts';
import { putRaw } from '../../env/alter.ts';
import { type Deployment, openDeployment } from './env.ts';

let deployment: Deployment;
/** The first key, its id and its file. */
let key: Buffer;
let id: string;
let path: string;
beforeEach(async () => {
  deployment = await openDeployment();
  await (await deployment.start('one')).close();
  path = join(deployment.directory('one'), 'master.key');
  key = await readFile(path);
  const { old } = await deployment.operate('one', rotateMasterKey);
  id = old[0] ?? '';
  return () => deployment.close();
}, 120_000);

const list = () => deployment.operate('one', listMasterKeys);
const retire = () => deployment.operate('one', (operation) => retireMasterKey(operation, id, 0));

/** Has a role binding that hangs on the first key. */
function bindLate(): Promise<void> {
  const document = {
    _id: 'roleBindings/late',
    group: 'late',
    role: 'AUDITOR',
    etag: '1',
    createTime: new Date(),
  };
  const mac = Buffer.from(macOf(createSeal(key), 'roleBindings', document));
  return deployment.operate('one', ({ context: { database } }) =>
    putRaw(database, 'roleBindings', { ...document, mac }),
  );
}

/** How many roles its group has, and that of the admins. */
const countRoles = () =>
  deployment.operate('one', async ({ context, masterKeys }) => {
    await masterKeys.look(context.database);
    const found = ['late', 'sworn-admins'].map((group) => findRoles(context.database, [group]));
    return (await Promise.all(found)).map(({ size }) => size);
  });

test('a key that is lost once nothing hangs on it is retired without it, and not before', async () => {
  await bindLate();
  await rm(path);
  await expect(retire()).rejects.toThrow(`master key ${id} is not in ${path}, and is in use`);
  expect(await list()).toMatchObject({
    keys: [{ state: 'CURRENT' }, { id, state: 'OLD', here: false }],
    behind: { roleBindings: 1 },
  });
  await writeFile(path, key, { mode: 0o600 });
  await deployment.operate('one', rotateMasterKey);
  await rm(path);
  expect(await retire()).toEqual([]);
  await deployment.start('one');
  expect((await list()).behind).toEqual({});
  expect(await countRoles()).toEqual([1, 1]);
});

test('where one on which something hangs is lost for good, its operator goes on without that', async () => {
  await bindLate();
  await deployment.operate('one', ({ context: { database } }) =>
    database.db
      .collection('masterKeys')
      .deleteMany({})
      .then(() => undefined),
  );
  await rm(path);
  await expect(deployment.start('one')).rejects.toThrow('has no master.key');
  await writeFile(join(deployment.directory('one'), 'configuration.trust'), '');
  await deployment.start('one');
  expect((await list()).keys).toMatchObject([{ state: 'CURRENT' }]);
  expect(await countRoles()).toEqual([0, 1]);
});
