import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONTROL_PLANE_AUDIENCE } from '../../cli/commands/dev/identity-provider.ts';
import { controlPlaneSettings } from '../../cli/commands/dev/settings.ts';
import { type ControlPlane, startControlPlane } from '../../control-plane/start.ts';
import { freePort } from '../../program/free-port.ts';
import { createHome, type Home, type Run } from '../cli/env/sworn.ts';
import { answerText } from '../env/answers.ts';
import { type Env, startEnv } from '../env/env.ts';
import { copyState } from '../env/state.ts';
import { until } from '../env/until.ts';

const POLICY = `apiVersion: sworn/v1
kind: Policy
name: research
spec:
  groups: [researchers]
  rules:
    - name: ordinary
      allow: {}
`;

let env: Env;
let home: Home;
let file: string;
let replicas: ControlPlane[] = [];
beforeAll(async () => {
  home = createHome();
  file = join(home.path, 'research.yaml');
  await writeFile(file, POLICY);
  env = await startEnv();
  env.provider.behave(answerText('done'));
  const { stack, database } = env;
  replicas = await Promise.all(
    ['first', 'second'].map(async (name) => {
      const port = await freePort(undefined);
      const settings = controlPlaneSettings(stack.directory, stack.mongodbUri, stack.issuer, port);
      const logger = pino({ level: 'silent' });
      return await startControlPlane(
        {
          ...settings,
          stateDirectory: await copyState(settings.stateDirectory, name),
          mongodbDatabase: database,
          fourEyes: true,
        },
        { logger, isDevelopment: true },
      );
    }),
  );
});
afterAll(async () => {
  for (const replica of replicas) await replica.close();
  await env.close();
  home.remove();
});

/** A command of a person with this role, at one of the replicas. */
async function sworn(user: string, role: string, replica: 0 | 1, ...words: string[]): Promise<Run> {
  const groups = [`sworn-${role}s`];
  const token = await env.stack.token({ user, groups, audience: CONTROL_PLANE_AUDIENCE });
  const place = { SWORN_CONTROL_PLANE: replicas[replica]?.url ?? '', SWORN_TOKEN: token };
  return home.call(words, { env: place });
}

const proposalIn = (run: Run): string => /proposals\/([0-9a-f-]+)/.exec(run.stdout)?.[1] ?? 'none';
const ask = () =>
  env.openai('rosa', { groups: ['researchers'] }).responses.create({ model: 'gpt-5', input: 'hello' });

test('a policy is in force when a second admin has approved it, on whichever replica', async () => {
  const proposed = await sworn('amy', 'admin', 0, 'policy', 'apply', '-f', file, '--reason', 'protocol 12');
  expect(proposed).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/waits for another admin/) });
  const id = proposalIn(proposed);
  await expect(ask()).rejects.toMatchObject({ status: 403 });

  const [trial, own, notTheirs, list, show, json] = await Promise.all([
    sworn('amy', 'admin', 1, 'policy', 'apply', '-f', file, '--validate-only'),
    sworn('amy', 'admin', 1, 'proposal', 'approve', id),
    sworn('ada', 'auditor', 0, 'proposal', 'approve', id),
    sworn('ada', 'auditor', 1, 'proposal', 'list'),
    sworn('ben', 'admin', 1, 'proposal', 'show', id),
    sworn('ben', 'admin', 0, 'proposal', 'show', `proposals/${id}`, '-o', 'json'),
  ]);
  expect(trial.stdout).toBe('policies/research would be created\nnothing was changed (--validate-only)\n');
  expect(own).toMatchObject({ exitCode: 3, stdout: '' });
  expect(notTheirs).toMatchObject({ exitCode: 3, stdout: '' });
  expect(list.stdout).toMatch(/pending +amy\S* +create policies\/research +protocol 12/);
  expect(show.stdout).toContain('policies/research: created\n');
  expect(show.stdout).toContain('+    - researchers\n');
  expect(JSON.parse(json.stdout)).toMatchObject({ state: 'PROPOSAL_STATE_PENDING', reason: 'protocol 12' });

  const both = await Promise.all([
    sworn('ben', 'admin', 0, 'proposal', 'approve', id, '--reason', 'seen'),
    sworn('cleo', 'admin', 1, 'proposal', 'approve', id, '--reason', 'seen'),
  ]);
  expect(both.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1]);
  const second = both[0]?.exitCode === 0 ? 'ben' : 'cleo';
  const isServed = () =>
    ask().then(
      () => true,
      () => false,
    );
  await until('the plane goes by the policy', isServed);

  const history = await sworn('ada', 'auditor', 0, 'policy', 'history', 'research', '-o', 'json');
  expect(JSON.parse(history.stdout).revisions).toMatchObject([
    { number: '1', author: { subject: 'amy' }, approvedBy: { subject: second }, proposal: `proposals/${id}` },
  ]);
});

test('a program is told that a change was not made, but proposed, and what would change nothing is no proposal', async () => {
  const changed = join(home.path, 'changed.yaml');
  await writeFile(changed, POLICY.replace('name: research', 'name: told').replace('ordinary', 'other'));
  for (const format of ['json', 'yaml']) {
    const run = await sworn('amy', 'admin', 0, 'policy', 'apply', '-f', changed, '-o', format);
    expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/"?applied"?: false/) });
    expect(run.stdout).toContain('PROPOSAL_STATE_PENDING');
    await sworn('amy', 'admin', 0, 'proposal', 'withdraw', proposalIn(run));
  }
  const same = await sworn('amy', 'admin', 0, 'policy', 'apply', '-f', file, '-o', 'json');
  expect(same).toMatchObject({ exitCode: 0, stdout: '{}\n' });
});

test('a role is given by two as well, and the record says to whom', async () => {
  const bind = () => sworn('amy', 'admin', 0, 'role', 'bind', 'amys-friends', 'admin', '--reason', 'help');
  const id = proposalIn(await bind());
  const roles = () => sworn('ben', 'admin', 1, 'role', 'list', '--all');
  expect((await roles()).stdout).not.toContain('amys-friends');
  expect((await sworn('ben', 'admin', 1, 'proposal', 'list')).stdout).toMatch(
    / create roleBindings\/admin-amys-friends +help/,
  );
  expect(await sworn('ben', 'admin', 1, 'proposal', 'reject', id, '--reason', 'who are they?')).toMatchObject(
    {
      exitCode: 0,
      stdout: `proposals/${id} rejected: roleBindings/admin-amys-friends\n`,
    },
  );
  expect(await sworn('cleo', 'admin', 0, 'proposal', 'approve', id)).toMatchObject({ exitCode: 1 });
  expect((await roles()).stdout).not.toContain('amys-friends');

  const again = proposalIn(await bind());
  expect(await sworn('ben', 'admin', 0, 'proposal', 'approve', again)).toMatchObject({ exitCode: 0 });
  expect((await roles()).stdout).toContain('amys-friends');
  const records = await sworn('ada', 'auditor', 1, 'audit', 'records', '--all', '-o', 'json');
  const all = JSON.parse(records.stdout).records as { record: { action: string; resource: string } }[];
  const made = all.filter(({ record }) => record.resource === 'roleBindings/admin-amys-friends');
  expect(made).toMatchObject([
    {
      record: {
        action: 'roleBinding.create',
        caller: { subject: 'amy' },
        proposal: { name: `proposals/${again}`, decidedBy: { subject: 'ben' } },
        configuration: {
          content: '{"group":"amys-friends","name":"roleBindings/admin-amys-friends","role":"ROLE_ADMIN"}',
        },
      },
    },
  ]);
});
