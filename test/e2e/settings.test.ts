import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseNoteKey } from '#core/evidence/note/key.ts';
import { freePort } from '../../program/free-port.ts';
import { createHome, type Home } from '../cli/env/sworn.ts';
import { TestLog } from '../witness/env.ts';

let home: Home;
beforeAll(() => {
  home = createHome();
});
afterAll(() => home.remove());

describe('a program that cannot run says why and ends', () => {
  test('wrong settings: all faults at once, with their places, and exit code 2', async () => {
    const file = join(home.path, 'wrong.yaml');
    await writeFile(file, 'listen: nowhere\nmaxBody: 3\nmaxbody: 4\njoinToken: file:///nowhere/token\n');
    const broken = join(home.path, 'broken.yaml');
    await writeFile(broken, 'adminGroups: [a\nmongodbUri: mongodb://sworn:hunter2@db\n');
    const env = { SWORN_LOG_LEVEL: 'loud', SWORN_MAX_STALENESS: '1s' };
    const none = join(home.path, 'none.yaml');
    const open = ['--listen', '0.0.0.0:8400', '--tls-cert', 'cert.pem'];
    const detector = ['--external-detector', 'http://203.0.113.2:5002'];
    const runs = await Promise.all([
      home.run(['control-plane', '--drain-deadline', 'soon']),
      home.run(['data-plane', '--config', file, '--hold-whole', '9h'], { env }),
      home.run(['data-plane', '--colour']),
      home.run(['data-plane', '--control-plane', 'http://203.0.113.1', ...open, ...detector]),
      home.run(['control-plane', '--mongodb-uri', 'env://NOT_THERE', '--config', none]),
      home.run(['control-plane', '--config', broken]),
      home.run(['witness', '--witness-name', 'a b', '--log-keys', 'x', '--listen', '0.0.0.0:8490']),
      home.run(['master-key', 'list']),
      home.run(['master-key', 'rotate', '--colour']),
      home.run(['master-key', 'retire', '--mongodb-uri', 'mongodb://db']),
      home.run(['master-key', 'renew']),
    ]);
    const named = [
      ['mongodbUri', '--drain-deadline'],
      [
        ...['listen', 'maxBody', 'maxbody', 'SWORN_LOG_LEVEL', 'SWORN_MAX_STALENESS'],
        ...['--hold-whole', '--control-plane', file],
      ],
      ['--colour'],
      ['tlsCert', 'controlPlane', 'externalDetector'],
      ['none.yaml'],
      ['broken.yaml: cannot be read', 'at line 2, column 1'],
      ['listen', 'witnessName', 'logKeys'],
      ['mongodbUri'],
      ['--colour', 'sworn master-key rotate --help'],
      ["'id'"],
      ['renew'],
    ];
    for (const [index, run] of runs.entries()) {
      expect(run).toMatchObject({ exitCode: 2, stdout: '' });
      for (const name of named[index] ?? []) expect(run.stderr).toContain(name);
      expect(run.stderr).not.toMatch(/ {4}at |hunter2/);
    }
  });

  test('a state directory that cannot be used is named, with what the system says and the option', async () => {
    const file = join(home.path, 'a-file');
    await writeFile(file, '');
    const within = ['--state-directory', join(file, 'state'), '--listen', '127.0.0.1:0'];
    const runs = await Promise.all([
      home.run(['control-plane', '--mongodb-uri', 'mongodb://127.0.0.1:9/', ...within]),
      home.run(['data-plane', '--control-plane', 'http://127.0.0.1:9', '--join-token', 'any', ...within]),
      home.run(['witness', '--witness-name', 'w', '--log-keys', new TestLog().vkey, ...within]),
    ]);
    for (const { exitCode, stderr } of runs) {
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringMatching(
          `state directory ${file}/state cannot be used: ENOTDIR: .*--state-directory\n$`,
        ),
      ]);
    }
  });

  test.each([
    'control-plane',
    'data-plane',
    'witness',
    'master-key list',
    'master-key rotate',
    'master-key retire',
  ])('the help of %s fits a terminal', async (program) => {
    const { exitCode, stdout } = await home.run([...program.split(' '), '--help']);
    expect([exitCode, stdout.split('\n').filter((line) => line.length > 100)]).toEqual([0, []]);
    expect(stdout).toContain('Examples:');
  });

  test('a witness runs until it is told to stop, and says its verifier key', async () => {
    const state = join(home.path, 'witness');
    const log = new TestLog();
    const words = [
      '--witness-name',
      'witness.example.org/w1',
      '--log-keys',
      log.vkey,
      '--state-directory',
      state,
    ];
    const running = home.start(['witness', '--listen', '127.0.0.1:0', ...words]);
    await running.sees('"msg":"serving"');
    const vkey = (await readFile(join(state, 'witness.vkey'), 'utf8')).trimEnd();
    expect(parseNoteKey(vkey)).toMatchObject({ name: 'witness.example.org/w1', type: 'cosignature' });
    running.child.kill('SIGTERM');
    const run = await running.ended;
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain(vkey);
  });

  test('a plane that never joined, with no token to join: exit code 1, and what to do', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const state = join(home.path, 'unjoined');
    const run = await home.run(['data-plane', '--control-plane', url, '--state-directory', state]);
    expect(run).toMatchObject({ exitCode: 1 });
    expect(run.stderr).toContain('sworn plane join-token');
  });
});
