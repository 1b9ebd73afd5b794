import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const BIN = new URL('../../bin', import.meta.url).pathname;
const PACKAGE = `node-${process.platform}-${process.arch}`;

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sworn-node-'));
  cpSync(BIN, join(directory, 'bin'), { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
  writeFileSync(join(directory, 'which.js'), "console.log('own')");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Installs a Node that says that it is the pinned one. */
function pin(version: string): void {
  const home = join(directory, 'node_modules', PACKAGE);
  mkdirSync(join(home, 'bin'), { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ version, bin: { node: 'bin/node' } }));
  writeFileSync(join(home, 'bin/node'), '#!/bin/sh\necho pinned\n');
  chmodSync(join(home, 'bin/node'), 0o755);
}

/** Runs bin/node.js under a Node that says that it is of this version. */
function run(own: string) {
  const says = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'${own}'}})`;
  const args = ['--import', says, join(directory, 'bin/node.js'), join(directory, 'which.js')];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, stdout: stdout.trim(), stderr };
}

test.skipIf(process.platform !== 'linux').each([
  ['24.21.0', '22.0.0', 'pinned'],
  ['24.9.0', '24.9.0', 'pinned'],
  ['24.0.0', '24.9.0', 'own'],
  ['24.8.0', '26.0.0', 'own'],
  [undefined, '24.21.0', 'own'],
])('of a pinned %s and an own %s the %s one runs', (pinned, own, which) => {
  if (pinned !== undefined) pin(pinned);
  expect(run(own)).toEqual({ status: 0, stdout: which, stderr: '' });
});

test.skipIf(process.platform !== 'linux').each([
  ['24.0.0', '24.8.0', 'this is 24.8.0, and the one that is installed beside it 24.0.0.'],
  [undefined, '20.1.0', 'this is 20.1.0, and the pinned one is not installed.'],
])('of a pinned %s and an own %s none runs, and it is said what to do', (pinned, own, said) => {
  if (pinned !== undefined) pin(pinned);
  const { status, stderr } = run(own);
  expect(status).toBe(1);
  expect(stderr).toContain(`Sworn needs Node 24.9 or newer; ${said}`);
  expect(stderr).toContain('install Node 24.9 or newer (https://nodejs.org)');
});
