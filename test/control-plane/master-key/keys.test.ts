import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { createRoleBinding } from '../../../control-plane/identity/role-binding.ts';
import { retireMasterKey } from '../../../control-plane/master-key/retire.ts';
import { rotateMasterKey } from '../../../control-plane/master-key/rotate.ts';
import { findRoles } from '../../../control-plane/storage/configuration/role-bindings.ts';
import { sayAlive, sayGone } from '../../../control-plane/storage/replicas.ts';
import { createMasterKey, keyOfMac, keyOfSealed } from '../../../control-plane/storage/sealing/key.ts';
import { masterKeyFiles } from '../../../control-plane/storage/sealing/master-key.ts';
import { MasterKeyError, SealError, sealWith } from '../../../control-plane/storage/sealing/seal.ts';
import { admin } from '../storage/configuration.ts';
import { type Deployment, openDeployment } from './env.ts';

const first = createMasterKey(randomBytes(32), true);
const later = createMasterKey(randomBytes(32), false);
const text = Buffer.from('what it is of');

describe('a seal of two keys', () => {
  const keys = [first, later];
  const seal = sealWith({
    current: () => later,
    find: (named) => keys.find(({ id }, at) => (named === 'first' ? at === 0 : id === named.id)),
    firstId: () => first.id,
  });

  test('makes all with the one in force, and takes what either made', () => {
    expect([keyOfSealed(seal.seal(text, 'a')), keyOfMac(seal.mac(text))]).toEqual([
      { id: later.id },
      { id: later.id },
    ]);
    for (const key of keys) {
      expect(Buffer.from(seal.open(key.seal(text, 'a'), 'a'))).toEqual(text);
      expect(seal.isMac(key.mac(text), text)).toBe(true);
      expect(seal.isMac(key.mac(text), Buffer.from('another'))).toBe(false);
      expect([seal.isMacCurrent(key.mac(text)), seal.isSealCurrent(key.seal(text, 'a'))]).toEqual([
        key === later,
        key === later,
      ]);
    }
  });

  test('takes nothing that names another key than the one that made it', () => {
    const mac = later.mac(text);
    const other = createMasterKey(randomBytes(32), false).mac(text);
    expect(seal.isMac(Buffer.concat([other.subarray(0, 8), mac.subarray(8)]), text)).toBe(false);
    expect(seal.isMac(mac.subarray(8), text)).toBe(false);
    expect(seal.isMac(Buffer.concat([mac.subarray(0, 8), first.mac(text)]), text)).toBe(false);
    expect(seal.isMac(new Uint8Array(), text)).toBe(false);
    const sealed = later.seal(text, 'a');
    for (const cut of [
      sealed.subarray(0, 8),
      sealed.subarray(0, 20),
      sealed.subarray(0, 40),
      Buffer.concat([Buffer.of(1), sealed.subarray(9)]),
    ])
      expect(() => seal.open(cut, 'a')).toThrow(SealError);
  });
});

describe('the files of a deployment', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await openDeployment();
    await (await deployment.start('one')).close();
    await deployment.copy('one', 'two');
  }, 120_000);
  afterAll(() => deployment.close());

  test('one that was read is not needed again while the process runs', async () => {
    const path = join(deployment.directory('one'), 'master.key');
    await deployment.operate('one', async ({ context, masterKeys }) => {
      await masterKeys.look(context.database);
      await rename(path, `${path}.away`);
      await masterKeys.look(context.database).finally(() => rename(`${path}.away`, path));
      expect(masterKeys.missing).toEqual([]);
    });
  });

  test('a key that another replica puts in force, and that is not here, is missed, and nothing that it made is taken for altered', async () => {
    const stop = new AbortController();
    await deployment.operate('one', async (operation) => {
      const { db } = operation.context.database;
      await sayAlive(db, { _id: 'another', host: 'elsewhere', masterKeys: [], current: '' });
      const waiting = rotateMasterKey({ ...operation, signal: stop.signal, say: () => stop.abort() });
      await expect(waiting).rejects.toThrow();
      await sayGone(db, 'another');
    });
    await deployment.operate('two', async ({ context, masterKeys }) => {
      await masterKeys.look(context.database);
      expect(masterKeys.missing).toHaveLength(1);
      await deployment.operate('one', async (operation) => {
        await rotateMasterKey(operation);
        const binding = { group: 'new-group', role: Role.AUDITOR };
        await createRoleBinding(operation.context, admin, 'new', binding);
      });
      const words = `master key ${masterKeys.missing[0]} is not in ${deployment.directory('two')}/master-keys/${masterKeys.missing[0]}.key`;
      await expect(findRoles(context.database, ['new-group'])).rejects.toThrow(words);
      await expect(masterKeys.look(context.database)).rejects.toThrow(MasterKeyError);
      // From then on nothing is sealed either, not even with the key that it has.
      const more = { group: 'more', role: Role.AUDITOR };
      await expect(createRoleBinding(context, admin, 'more', more)).rejects.toThrow(words);
      await deployment.copyKeys('one', 'two');
      expect(await findRoles(context.database, ['new-group']).catch((error: Error) => error.name)).toBe(
        'MasterKeyError',
      );
      await masterKeys.look(context.database);
      expect(await findRoles(context.database, ['new-group'])).toEqual(new Set([Role.AUDITOR]));
    });
  });

  test('what names a key that came since the last look is judged after the next one, and what names none then is altered', async () => {
    await deployment.operate('one', async ({ context, masterKeys }) => {
      await masterKeys.look(context.database);
      const { seal } = masterKeys;
      const forged = later.mac(text);
      expect(() => seal.isMac(forged, text)).toThrow(MasterKeyError);
      expect(() => seal.isMac(forged, text)).toThrow(MasterKeyError);
      await masterKeys.look(context.database);
      expect(seal.isMac(forged, text)).toBe(false);
      const mac = await deployment.operate('one', async (operation) => {
        // Goes on with the rotation of before; then another one.
        const { old } = await rotateMasterKey(operation);
        for (const id of old) await retireMasterKey(operation, id, 0);
        await rotateMasterKey(operation);
        return operation.masterKeys.seal.mac(text);
      });
      expect(() => seal.isMac(mac, text)).toThrow(MasterKeyError);
      await masterKeys.look(context.database);
      expect(seal.isMac(mac, text)).toBe(true);
    });
  });

  test('are for their owner alone, and each is of the key that it is named by', async () => {
    const directory = join(deployment.directory('one'), 'files');
    await mkdir(directory, { mode: 0o700 });
    const files = masterKeyFiles(directory);
    const made = await files.create();
    expect((await stat(files.pathOf(made.id))).mode & 0o777).toBe(0o600);
    expect(await files.list()).toEqual([made.id]);
    await chmod(files.pathOf(made.id), 0o644);
    await expect(files.read(made.id)).rejects.toThrow('chmod 600');
    await chmod(files.pathOf(made.id), 0o600);
    await writeFile(files.pathOf(made.id), randomBytes(32));
    await expect(files.read(made.id)).rejects.toThrow('has another master key');
    await writeFile(files.pathOf(made.id), randomBytes(31));
    await expect(files.read(made.id)).rejects.toThrow('is not a master key: it has 31 bytes');
    expect(await files.read('../../one')).toBeUndefined();
  });
});
