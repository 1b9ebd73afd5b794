import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONTROL_PLANE_AUDIENCE } from '../../cli/commands/dev/identity-provider.ts';
import { createHome, type Home, type Run } from '../cli/env/sworn.ts';
import { type Env, startEnv } from '../env/env.ts';

const policy = (groups: string, rule: string) => `apiVersion: sworn/v1
kind: Policy
name: research
spec:
  groups: [${groups}]
  rules:
    - name: ${rule}
      allow: {}
`;

let env: Env;
let home: Home;
let file: string;
beforeAll(async () => {
  home = createHome();
  file = join(home.path, 'research.yaml');
  env = await startEnv();
});
afterAll(async () => {
  await env.close();
  home.remove();
});

async function sworn(user: string, ...words: string[]): Promise<Run> {
  const token = await env.stack.token({ user, audience: CONTROL_PLANE_AUDIENCE });
  const place = { SWORN_CONTROL_PLANE: env.stack.controlPlaneUrl, SWORN_TOKEN: token };
  return home.call(['policy', ...words], { env: place });
}

async function apply(text: string, reason: string): Promise<void> {
  await writeFile(file, text);
  const run = await sworn('admin', 'apply', '-f', file, '--reason', reason);
  expect(run).toMatchObject({ exitCode: 0 });
}

test('the command line shows what a policy said, who changed it and why, and goes back to it', async () => {
  await apply(policy('researchers', 'ordinary'), 'protocol 12 begins');
  await apply(policy('researchers, students', 'ordinary'), 'students join');

  const [history, json, diff, first, lines, none, notTheirs] = await Promise.all([
    sworn('auditor', 'history', 'research'),
    sworn('auditor', 'history', 'policies/research', '-o', 'json'),
    sworn('auditor', 'diff', 'research'),
    sworn('auditor', 'diff', 'research', '--to', '1'),
    sworn('auditor', 'diff', 'research', '--from', '2', '--to', '1', '-o', 'json'),
    sworn('auditor', 'diff', 'research', '--to', '7', '-o', 'json'),
    sworn('auditor', 'rollback', 'research', '--to', '1', '-o', 'json'),
  ]);
  expect(history.stdout.split('\n').map((line) => line.split(/ {2,}/))).toMatchObject([
    ['REVISION', 'TIME', 'CHANGE', 'BY', 'APPROVED BY', 'REASON'],
    ['2', expect.any(String), 'changed', expect.stringContaining('admin'), 'students join'],
    ['1', expect.any(String), 'created', expect.stringContaining('admin'), 'protocol 12 begins'],
    [''],
  ]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    revisions: [
      { number: '2', spec: { groups: ['researchers', 'students'] }, reason: 'students join' },
      { number: '1', spec: { groups: ['researchers'] }, reason: 'protocol 12 begins' },
    ],
    nextPageToken: '',
  });
  const changed = (text: readonly string[]) => text.filter((line) => /^[-+]/.test(line));
  expect(diff.stdout).toMatch(/^policies\/research: revision 1 and 2\n/);
  expect(first.stdout).toMatch(/^policies\/research: revision 1, the first\n\+apiVersion/);
  expect(changed(diff.stdout.split('\n'))).toEqual(['+    - students']);
  expect(changed(JSON.parse(lines.stdout).lines)).toEqual(['-    - students']);
  expect(none).toMatchObject({ exitCode: 1, stdout: '' });
  expect(JSON.parse(none.stderr).error).toMatchObject({ code: 'not_found' });
  expect(notTheirs).toMatchObject({ exitCode: 3, stdout: '' });

  const back = await sworn('admin', 'rollback', 'research', '--to', '1', '--reason', 'too many read it');
  expect(back.stdout).toBe('policies/research says again what it said in revision 1, as revision 3\n');
  const equal = await sworn('auditor', 'diff', 'research', '--from', '1', '--to', '3');
  expect(equal.stdout).toBe('policies/research: revision 1 and 3\nno difference\n');
  const same = await sworn('admin', 'rollback', 'research', '--to', '1');
  expect(same.stdout).toBe(
    'policies/research says already what it said in revision 1: nothing was changed\n',
  );
  expect(await sworn('admin', 'delete', 'research', '--reason', 'protocol 12 has ended')).toMatchObject({
    exitCode: 0,
  });
  const again = await sworn('admin', 'rollback', 'research', '--to', '2', '--output', 'json');
  expect(JSON.parse(again.stdout)).toMatchObject({
    revision: '5',
    spec: { groups: ['researchers', 'students'] },
  });
  const all = await sworn('auditor', 'history', 'research', '-o', 'json');
  const said = JSON.parse(all.stdout).revisions as { reason: string; spec: unknown }[];
  expect(said.map(({ reason, spec }) => [reason, spec === null || spec === undefined])).toEqual([
    ['', false],
    ['protocol 12 has ended', true],
    ['too many read it', false],
    ['students join', false],
    ['protocol 12 begins', false],
  ]);
});
