import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { startControlPlane, type TestControlPlane } from './env/control-plane.ts';
import { createHome, type Home, type Run } from './env/sworn.ts';

const MAIN = new URL('../../cli/main.ts', import.meta.url).pathname;

let controlPlane: TestControlPlane;
let home: Home;
let asked = 0;
/** A slow export has begun. */
const begun = Promise.withResolvers<void>();

beforeAll(async () => {
  home = createHome();
  controlPlane = await startControlPlane((router) => {
    router.service(AuditService, {
      async *exportExchanges({ filter }, context) {
        if (filter?.caller === 'slow') {
          yield { exchange: { name: 'exchanges/first' } };
          begun.resolve();
          await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
        }
        if (filter?.caller !== 'all') return;
        for (let at = 0; at < 4_000; at++) yield { exchange: { name: `exchanges/${at}` } };
      },
      // Its beginning has no time; then it stays open until its reader goes.
      async *exportEvidence(_request, context) {
        asked += 1;
        yield { piece: { case: 'begin', value: { origin: 'log' } } };
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      },
    });
  });
});
afterAll(async () => {
  await controlPlane.close();
  home.remove();
});

const run = (...args: string[]): Promise<Run> =>
  home.call(args, { env: { SWORN_CONTROL_PLANE: controlPlane.url, SWORN_TOKEN: 'token' } });

test('a bundle that cannot be written is asked of nobody', async () => {
  const taken = join(home.path, 'taken');
  mkdirSync(taken);
  for (const path of [taken, join(home.path, 'nowhere/log.bundle')]) {
    const { exitCode, stderr } = await run('audit', 'export', '--bundle', path);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`cannot write ${path}`)]);
  }
  expect(asked).toBe(0);
});

test('a bundle that fails while evidence still comes ends the command, and leaves no file', async () => {
  const { exitCode, stderr } = await run('audit', 'export', '--bundle', join(home.path, 'log.bundle'));
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('time')]);
  expect(asked).toBe(1);
  expect(readdirSync(home.path).filter((name) => name.startsWith('log.bundle'))).toEqual([]);
});

test('an export that its disk has no room for says which file, and leaves none', async () => {
  const path = join(home.path, 'large');
  // Of 512 or 1,024 bytes: the first 256 KB, of more than 1 MB, are written.
  const limited = 'ulimit -f 256 && exec "$0" "$@"';
  const env = {
    ...process.env,
    HOME: home.path,
    SWORN_CONTROL_PLANE: controlPlane.url,
    SWORN_TOKEN: 'token',
  };
  const args = ['audit', 'export', '--out', path, '--caller', 'all'];
  const failed = await promisify(execFile)('bash', ['-c', limited, process.execPath, MAIN, ...args], {
    env,
  }).catch((error: { code: number; stderr: string }) => error);
  expect(failed).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`cannot write ${path}: it may not be so large`),
  });
  expect(readdirSync(home.path).filter((name) => name.startsWith('large'))).toEqual([]);
});

test('an export that is interrupted leaves no file that looks whole', async () => {
  const path = join(home.path, 'slow');
  const env = { SWORN_CONTROL_PLANE: controlPlane.url, SWORN_TOKEN: 'token' };
  const exporting = home.start(['audit', 'export', '--out', path, '--caller', 'slow'], { env });
  await begun.promise;
  exporting.child.kill('SIGINT');
  expect(await exporting.ended).toMatchObject({ exitCode: 130, stderr: 'sworn: interrupted\n' });
  expect(readdirSync(home.path).filter((name) => name.startsWith('slow'))).toEqual([]);
});

test('a file that is there stays as it is, unless --force is given', async () => {
  const there = join(home.path, 'there');
  writeFileSync(there, 'of another case');
  for (const option of ['--out', '--bundle']) {
    const { exitCode, stderr } = await run('audit', 'export', option, there);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(`${there} is there already[^]*--force`)]);
  }
  expect(asked).toBe(1);
  expect(readFileSync(there, 'utf8')).toBe('of another case');
  const { exitCode } = await run('audit', 'export', '--out', there, '--force');
  expect([exitCode, readFileSync(there, 'utf8')]).toEqual([0, '']);
});
