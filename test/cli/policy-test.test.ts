import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHome, type Home, type Run } from './env/sworn.ts';

let home: Home;
/** Any command that looked at it would refuse it: nothing here needs a control plane. */
const env = { SWORN_CONTROL_PLANE: 'http://control.example.org' };
const LIBRARY = new URL('../../examples/policy-library', import.meta.url).pathname;
const sworn = (...args: string[]): Promise<Run> => home.call(['policy', ...args], { env });

beforeAll(() => {
  home = createHome();
});
afterAll(() => home.remove());

test('test: the library is as expected; a case that is not is told, and ends it with 1', async () => {
  const folder = join(home.path, 'policies');
  mkdirSync(folder);
  const cases = readFileSync(join(LIBRARY, 'research-deidentified.test.yaml'), 'utf8');
  writeFileSync(
    join(folder, 'research-deidentified.yaml'),
    readFileSync(join(LIBRARY, 'research-deidentified.yaml')),
  );
  writeFileSync(
    join(folder, 'research-deidentified.test.yaml'),
    cases.replace('rule: identified,', 'rule: other,'),
  );
  writeFileSync(join(folder, 'broken.txt'), 'kind: PolicyTest\ncases: [{}]\n');
  const [good, bad, json, broken, validated] = await Promise.all([
    sworn('test', LIBRARY),
    sworn('test', folder),
    sworn('test', folder, '--output', 'json'),
    sworn('test', join(folder, 'broken.txt')),
    sworn('validate', '-f', folder),
  ]);
  expect(good).toMatchObject({ exitCode: 0, stderr: '' });
  expect(good.stdout).toMatch(/\n\d+ cases, all as expected\n$/);
  expect(bad).toMatchObject({ exitCode: 1 });
  expect(bad.stdout).toContain('rule: expected other, got identified');
  expect(bad.stderr).toContain('1 of 7 cases failed');
  const { cases: told, failed } = JSON.parse(json.stdout);
  expect(failed).toBe(1);
  expect(told.filter(({ ok }: { ok: boolean }) => !ok)).toMatchObject([
    {
      name: 'a number that identifies is refused',
      differences: [{ what: 'rule', expected: 'other', actual: 'identified' }],
    },
  ]);
  expect(broken).toMatchObject({ exitCode: 1, stdout: '' });
  expect(broken.stderr).toContain('broken.txt:2:9 cases cases[0]: a case needs a name');
  // The cases are no policies.
  expect(validated).toMatchObject({ exitCode: 0, stdout: 'policies/research-deidentified is valid\n' });
});

test('explain: says what decides, what does not, and what was read', async () => {
  const clinician = ['--group', 'clinicians', '--email', 'ada@hospital.example'];
  const prompt = ['--prompt', 'Compare MRN: 00123456 with MRN: 00654321.'];
  const [people, programs, unread] = await Promise.all([
    sworn('explain', '-f', LIBRARY, ...clinician, ...prompt),
    sworn('explain', '-f', LIBRARY, ...clinician, ...prompt, '--output', 'json'),
    sworn('explain', '-f', LIBRARY, ...clinician, '--call', 'POST /videos'),
  ]);
  expect(people.exitCode).toBe(0);
  // The page shows exactly this.
  expect(readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8')).toContain(people.stdout);
  expect(JSON.parse(programs.stdout)).toMatchObject({
    action: 'requireApproval',
    rule: 'several-patients',
    policies: [
      { policy: 'policies/break-glass', applies: false, misfit: 'groups' },
      { applies: true, rules: [{ holds: false }, { holds: true, values: { 'distinct.MRN': '2' } }] },
      { policy: 'policies/hipaa-baseline', applies: true, rules: [] },
      { applies: false },
    ],
  });
  expect(unread).toMatchObject({ exitCode: 2 });
  expect(unread.stderr).toContain('Sworn does not serve POST /videos');
});

test('explain says what the caller is told, as the plane says it', async () => {
  const asked = ['explain', '-f', LIBRARY, '--group', 'nobody', '--prompt', 'hello'];
  const [people, programs] = await Promise.all([sworn(...asked), sworn(...asked, '--output', 'json')]);
  const told = [
    'No policy allows this request: no rule decides in the policies that apply: hipaa-baseline.',
    'Your groups: nobody; route: responses.create; model: gpt-5. Ask an admin for a policy that allows this.',
  ].join(' ');
  expect(JSON.parse(programs.stdout)).toMatchObject({ action: 'deny', message: told });
  expect(people.stdout.replaceAll(/\s+/g, ' ')).toContain(`told ${told}`);
});

test('a file that is empty, or no UTF-8, is said to be', async () => {
  const [empty, latin] = [join(home.path, 'empty.yaml'), join(home.path, 'latin.yaml')];
  writeFileSync(empty, '');
  writeFileSync(latin, Buffer.from('name: M\xfcller\n', 'latin1'));
  const [cases, policies] = await Promise.all([sworn('test', empty), sworn('validate', '-f', latin)]);
  expect(cases).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('the text is empty') });
  expect(policies).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is not UTF-8 text') });
});
