import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Role, RoleBindingSchema } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { listMasterKeys } from '../../../control-plane/master-key/list.ts';
import type { Operation } from '../../../control-plane/master-key/operation.ts';
import { retireMasterKey } from '../../../control-plane/master-key/retire.ts';
import { rotateMasterKey } from '../../../control-plane/master-key/rotate.ts';
import { findRoles, insertRoleBinding } from '../../../control-plane/storage/configuration/role-bindings.ts';
import { StoreError } from '../../../control-plane/storage/error.ts';
import { sayAlive, sayGone } from '../../../control-plane/storage/replicas.ts';
import { createHome, type Home } from '../../cli/env/sworn.ts';
import { until } from '../../env/until.ts';
import { storeRecords } from '../log/env.ts';
import { type Deployment, openDeployment } from './env.ts';

let deployment: Deployment;
let home: Home;
beforeAll(() => {
  home = createHome();
});
afterAll(() => home.remove());
beforeEach(async () => {
  deployment = await openDeployment();
  return () => deployment.close();
}, 120_000);

const list = (name = 'one') => deployment.operate(name, listMasterKeys);
const states = async () => (await list()).keys.map(({ state }) => state);
const keyFiles = () => readdir(join(deployment.directory('one'), 'master-keys'));

/** Makes enough for several batches. */
function fill(count: number): Promise<void> {
  return deployment.operate('one', async ({ context, masterKeys }: Operation) => {
    await masterKeys.look(context.database);
    const { database } = context;
    const createTime = timestampFromDate(new Date());
    await database.transaction(async (session) => {
      for (let at = 0; at < count; at++) {
        const binding = {
          name: `roleBindings/binding-${at}`,
          group: `group-${at}`,
          role: Role.AUDITOR,
          etag: '1',
          createTime,
        };
        await insertRoleBinding(database, create(RoleBindingSchema, binding), session);
      }
    });
    const writer = { plane: `control-plane/${randomBytes(4).toString('hex')}`, epoch: 1n };
    for (let at = 0; at < 5; at++) await storeRecords(database, writer, 500);
  });
}

/** Whether all role bindings count, whichever key they are of. */
const allCount = (count: number) =>
  deployment.operate('one', async ({ context, masterKeys }) => {
    await masterKeys.look(context.database);
    const groups = Array.from({ length: count }, (_, at) => `group-${at}`);
    for (const group of groups)
      expect([group, await findRoles(context.database, [group])]).toEqual([group, new Set([Role.AUDITOR])]);
  });

/** Begins a rotation beside a second control plane, which does not get the key; and ends it. */
async function interruptWaiting(): Promise<void> {
  await deployment.start('one');
  await deployment.copy('one', 'two');
  await deployment.start('two');
  const stop = new AbortController();
  const waiting = deployment.operate('one', rotateMasterKey, {
    signal: stop.signal,
    say: (words) => words.includes('waiting for') && stop.abort(),
  });
  await expect(waiting).rejects.toThrow('aborted');
}

test('one that is interrupted while it waits for a control plane goes on with the key that it has made', async () => {
  await interruptWaiting();
  expect(await states()).toEqual(['NEW', 'CURRENT']);
  const files = await keyFiles();
  expect(files).toHaveLength(1);
  // Nothing was sealed with it: it can also be given up.
  await deployment.copyKeys('one', 'two');
  const { current } = await deployment.operate('one', rotateMasterKey);
  expect(files).toEqual([`${current}.key`]);
  expect(await states()).toEqual(['CURRENT', 'OLD']);
  expect((await list()).behind).toEqual({});
});

test('a key that waits can be given up, and another one is made', async () => {
  await interruptWaiting();
  const [given] = (await list()).keys;
  await deployment.operate('one', (operation) => retireMasterKey(operation, given?.id ?? ''));
  const other = await deployment.operate('one', rotateMasterKey, {
    say: (words) => words.includes('copy') && void deployment.copyKeys('one', 'two'),
  });
  expect(other.current).not.toBe(given?.id);
  expect(await states()).toEqual(['CURRENT', 'RETIRED', 'OLD']);
});

test('one that is interrupted while it seals anew leaves nothing that does not count, and goes on', async () => {
  const plane = await deployment.start('one');
  await fill(120);
  const stop = new AbortController();
  // After the first batch of role bindings: the others wait.
  const interrupted = deployment.operate('one', rotateMasterKey, {
    signal: stop.signal,
    say: (words) => words.startsWith('signingKeys') && stop.abort(),
  });
  await expect(interrupted).rejects.toThrow('aborted');
  const { behind } = await list();
  expect(behind['roleBindings']).toBeGreaterThan(100);
  expect(behind['records']).toBeGreaterThan(2_000);
  await allCount(120);
  await plane.close();
  await deployment.start('one');
  await allCount(120);
  const { old, passedOver } = await deployment.operate('one', rotateMasterKey);
  expect([old.length, passedOver, (await list()).behind]).toEqual([1, [], {}]);
  await deployment.operate('one', (operation) => retireMasterKey(operation, old[0] ?? '', 0));
  await allCount(120);
  expect(deployment.logs.filter((line) => /altered|rolled_back|missing/.test(line))).toEqual([]);
});

test('the command, killed while it seals anew, and told again', async () => {
  await deployment.start('one');
  await fill(120);
  const { mongodbUri, mongodbDatabase, stateDirectory } = deployment.settings('one');
  const place = [
    '--mongodb-uri',
    mongodbUri,
    '--mongodb-database',
    mongodbDatabase,
    '--state-directory',
    stateDirectory,
  ];
  // Without the launcher, which would hand no SIGKILL on.
  const main = new URL('../../../control-plane/master-key/main.ts', import.meta.url).pathname;
  const killed = spawn(process.execPath, [main, 'rotate', ...place], { stdio: ['ignore', 'ignore', 'pipe'] });
  killed.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => text.includes('maskingKeys: ') && killed.kill('SIGKILL'));
  expect(await once(killed, 'close')).toEqual([null, 'SIGKILL']);
  expect((await list()).behind['records']).toBeGreaterThan(2_000);
  await allCount(120);
  const again = await home.run(['master-key', 'rotate', ...place]);
  expect(again.exitCode).toBe(0);
  const [, current = ''] = /^masterKeys\/([0-9a-f]{16}) is current\n$/.exec(again.stdout) ?? [];
  expect(again.stderr).toMatch(
    /nothing hangs on masterKeys\/[0-9a-f]{16} any more; end it with: sworn master-key retire/,
  );
  const listed = await home.run(['master-key', 'list', ...place]);
  expect(listed.stdout).toMatch(
    new RegExp(`^KEY +STATE +HERE +MADE\\n${current} +CURRENT +yes +\\S+ \\S+Z\\n[0-9a-f]{16} +OLD +yes\\n$`),
  );
  expect(listed.stderr).toContain('nothing is on older keys');
  const json = JSON.parse((await home.run(['master-key', 'list', '-o', 'json', ...place])).stdout);
  expect(json).toMatchObject({
    masterKeys: [{ id: current, state: 'CURRENT', here: true }, { state: 'OLD' }],
    behind: {},
  });
  const inForce = await home.run(['master-key', 'retire', current, ...place]);
  expect([inForce.exitCode, inForce.stderr]).toEqual([
    1,
    expect.stringContaining('is in force; make another one first: sworn master-key rotate'),
  ]);
  const unknown = await home.run(['master-key', 'retire', '0123456789abcdef', ...place]);
  expect([unknown.exitCode, unknown.stderr]).toEqual([
    1,
    expect.stringContaining('there is no master key 0123456789abcdef; see: sworn master-key list'),
  ]);
});

test('two commands at once make one key', async () => {
  await deployment.start('one');
  const [one, other] = await Promise.all([
    deployment.operate('one', rotateMasterKey),
    deployment.operate('one', rotateMasterKey),
  ]);
  expect(one.current).toBe(other.current);
  expect(await keyFiles()).toEqual([`${one.current}.key`]);
  expect(await states()).toEqual(['CURRENT', 'OLD']);
});

test('a key is not retired while a control plane seals with it, nor before all is over that it sealed', async () => {
  await (await deployment.start('one')).close();
  const { current, old } = await deployment.operate('one', rotateMasterKey);
  const [id = ''] = old;
  const retire = (say?: Operation['say'], signal?: AbortSignal) =>
    deployment.operate('one', (operation) => retireMasterKey(operation, id, 4_000), {
      ...(say && { say }),
      ...(signal && { signal }),
    });
  await deployment.operate('one', ({ context }) =>
    sayAlive(context.database.db, { _id: 'late', host: 'elsewhere', masterKeys: [id, current], current: id }),
  );
  const stop = new AbortController();
  const said: string[] = [];
  const waiting = retire((words) => {
    said.push(words);
    stop.abort();
  }, stop.signal);
  await expect(waiting).rejects.toThrow('aborted');
  expect(said).toEqual(['waiting for the control plane on elsewhere (late) to seal with it']);
  expect(await states()).toEqual(['CURRENT', 'OLD']);
  await deployment.operate('one', ({ context }) => sayGone(context.database.db, 'late'));
  await retire();
  const [newer, older] = (await list()).keys;
  const betweenMs = (older?.retireTime?.getTime() ?? 0) - (newer?.useTime?.getTime() ?? 0);
  expect(betweenMs).toBeGreaterThan(4_000);
});

test('a key that is gone too early is told by its id and place, and nothing is lost', async () => {
  const plane = await deployment.start('one');
  const { old, current } = await deployment.operate('one', rotateMasterKey);
  await fill(1);
  await plane.close();
  await deployment.copy('one', 'aside');
  const gone = async (file: string, id: string) => {
    await rm(join(deployment.directory('one'), file));
    const words = `master key ${id} is not in ${join(deployment.directory('one'), file)}, and is in use; copy the file`;
    await expect(deployment.start('one')).rejects.toThrow(words);
    await expect(deployment.start('one')).rejects.toThrow(StoreError);
    await expect(deployment.operate('one', rotateMasterKey)).rejects.toThrow(words);
    await deployment.copyFile('aside', 'one', file);
  };
  await gone('master.key', old[0] ?? '');
  await gone(`master-keys/${current}.key`, current);
  await deployment.start('one');
  await allCount(1);
  expect((await list()).behind).toEqual({});
});

test('a control plane without the key in force judges nothing, seals nothing, and goes on once it is there', async () => {
  await deployment.start('one');
  await deployment.copy('one', 'two');
  const two = await deployment.start('two');
  // As of a process that stood still for a while: nobody waits for it.
  await deployment.operate('one', async (operation) => {
    const replicas = operation.context.database.db.collection('replicas');
    let isOver = false;
    const rotation = rotateMasterKey(operation).finally(() => {
      isOver = true;
    });
    const forgotten = until('the rotation is over', async () => {
      if (!isOver) await replicas.deleteMany({});
      return isOver;
    });
    await Promise.all([rotation, forgotten]);
  });
  await until(
    'the second one is not ready',
    async () => (await fetch(`${two.url}/healthz/ready`)).status === 503,
  );
  await until('it says why', () =>
    deployment.logs.some((line) => /master key [0-9a-f]{16} is not in .*two.master-keys/.test(line)),
  );
  await deployment.copyKeys('one', 'two');
  await until(
    'the second one is ready',
    async () => (await fetch(`${two.url}/healthz/ready`)).status === 200,
  );
  expect(
    deployment.logs.filter((line) => /configuration_altered|record_altered|rolled_back/.test(line)),
  ).toEqual([]);
});
