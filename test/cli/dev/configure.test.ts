import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { createJoinToken } from '../../../cli/commands/dev/configure.ts';
import { planeDirectory } from '../../../cli/commands/dev/settings.ts';
import { startControlPlane, type TestControlPlane } from '../env/control-plane.ts';

let controlPlane: TestControlPlane;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-configure-'));
  controlPlane = await startControlPlane((router) => {
    router.service(PlaneService, { createJoinToken: () => ({ joinToken: 'fresh' }) });
  });
});
afterAll(async () => {
  await controlPlane.close();
  await rm(directory, { recursive: true });
});

test('a plane that was ended before it had joined gets a join token again, one that has joined none', async () => {
  const ask = () => createJoinToken(controlPlane.url, async () => 'token', directory);
  const state = planeDirectory(directory);
  const keep = (identity: object) => writeFile(join(state, 'identity.json'), JSON.stringify(identity));
  await mkdir(state);
  expect(await ask()).toBe('fresh');
  await keep({ privateKey: 'key' });
  expect(await ask()).toBe('fresh');
  await keep({ privateKey: 'key', name: 'planes/dev', snapshotKey: 'key' });
  expect(await ask()).toBeUndefined();
});
