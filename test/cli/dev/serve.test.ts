import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addressFile, findRunning } from '../../../cli/commands/dev/ready.ts';
import { freePort } from '../../../program/free-port.ts';
import { createHome, type Home } from '../env/sworn.ts';

let home: Home;
let directory: string;
let controlPlane: Server;
beforeAll(async () => {
  home = createHome();
  directory = mkdtempSync(join(tmpdir(), 'sworn-serve-'));
  controlPlane = createServer((_request, response) => response.end());
  await new Promise<void>((done) => controlPlane.listen(0, '127.0.0.1', done));
});
afterAll(() => {
  controlPlane.close();
  rmSync(directory, { recursive: true });
  home.remove();
});

/** Notes addresses as a stack does. */
function note(pid: number, port: number): void {
  writeFileSync(addressFile(directory), JSON.stringify({ pid, controlPlane: `http://127.0.0.1:${port}` }));
}
const port = (): number => (controlPlane.address() as AddressInfo).port;
const dev = (...args: string[]) => home.run(['dev', '--directory', directory, ...args]);

test('a second stack in a directory is told of the first one at once', async () => {
  note(process.pid, port());
  const { exitCode, stderr } = await dev();
  expect([exitCode, stderr]).toEqual([
    1,
    `sworn: a stack runs in ${directory} already, as process ${process.pid}\n` +
      '  next: use that one, end it, or name another directory with --directory\n',
  ]);
});

test("one that was killed is in nobody's way, though its file is there", async () => {
  note(process.pid, await freePort());
  expect(await findRunning(directory)).toBeUndefined();
  const { child, ended } = home.start(['--version']);
  await ended;
  note(child.pid ?? 0, port());
  expect(await findRunning(directory)).toBeUndefined();
  note(process.pid, port());
  expect(await findRunning(directory)).toBe(process.pid);
  rmSync(addressFile(directory));
  expect(await findRunning(directory)).toBeUndefined();
});

test('a directory that cannot be made is told by its path', async () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  const { exitCode, stderr } = await home.run(['dev', '--directory', file]);
  expect([exitCode, stderr]).toEqual([
    2,
    `sworn: cannot keep anything in --directory ${file}: it is no directory\n  next: check the path\n`,
  ]);
});

test('faults of a policy are told by file and line, before anything starts', async () => {
  const file = join(directory, 'bad.yaml');
  writeFileSync(
    file,
    'apiVersion: sworn/v1\nkind: Policy\nname: a\nspec:\n  groups: [g]\n  rules:\n    - name: r\n      when: stream = true\n      allow: {}\n',
  );
  const { exitCode, stderr } = await dev('--policy', file);
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringMatching(
      /^sworn: the policies have a fault\n {2}\S+bad\.yaml:8:20 policies\/a spec\.rules\[0\]\.when: .*write ==\n {2}next: .*\n$/,
    ),
  ]);
});
