import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../program/free-port.ts';
import { createHome, type Home } from '../cli/env/sworn.ts';

let home: Home;
beforeAll(() => {
  home = createHome();
});
afterAll(() => home.remove());

test('a plane that waits to join ends at the first signal', async () => {
  const controlPlane = `http://127.0.0.1:${await freePort()}`;
  const { child, sees, ended } = home.start([
    'data-plane',
    ...['--control-plane', controlPlane, '--join-token', 'a-token', '--listen', '127.0.0.1:0'],
    ...['--state-directory', join(home.path, 'plane')],
  ]);
  await sees('Trying again');
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ exitCode: 0, stderr: '' });
});
