import { afterAll, beforeAll, expect, test } from 'vitest';
import { LimitScope } from '#proto/sworn/policy/v1/policy_pb.ts';
import { UsageUnit } from '#proto/sworn/usage/v1/usage_pb.ts';
import { UsageService } from '#proto/sworn/usage/v1/usage_service_pb.ts';
import { startControlPlane, type TestControlPlane } from './env/control-plane.ts';
import { createHome, type Home } from './env/sworn.ts';

let controlPlane: TestControlPlane;
let home: Home;
const asked: string[] = [];

beforeAll(async () => {
  home = createHome();
  controlPlane = await startControlPlane((router) => {
    router.service(UsageService, {
      listUsage: ({ policy }) => {
        asked.push(policy);
        const counter = { policy: 'policies/ward', everySeconds: 86_400n };
        return {
          usage: [
            {
              counter: { ...counter, limit: 'budget', per: LimitScope.POLICY, unit: UsageUnit.COST_MICROS },
              used: 12_340_000n,
              allowed: 250_500_000n,
            },
            {
              counter: {
                ...counter,
                limit: 'daily',
                per: LimitScope.CALLER,
                subject: 'ana\x1b[2J',
                unit: UsageUnit.TOKENS,
              },
              used: 7n,
            },
          ],
        };
      },
    });
  });
});
afterAll(async () => {
  await controlPlane.close();
  home.remove();
});

const run = (...args: string[]) =>
  home.call(args, { env: { SWORN_CONTROL_PLANE: controlPlane.url, SWORN_TOKEN: 'token' } });

test('usage is listed in its unit, and a limit that is gone is said to be', async () => {
  const { stdout, exitCode } = await run('usage', 'list', '--policy', 'ward');
  expect(exitCode).toBe(0);
  expect(asked).toEqual(['policies/ward']);
  expect(stdout).not.toContain('\x1b');
  expect(stdout).toMatch(/ward +budget +policy +12\.34 +250\.50 +cost +1d\n/);
  expect(stdout).toMatch(/ward +daily +caller +ana\S* +7 +no limit now +tokens +1d\n/);
});

test('as JSON it is what the API says', async () => {
  const { stdout } = await run('usage', 'list', '--output', 'json');
  expect(JSON.parse(stdout).usage[0]).toMatchObject({ used: '12340000', allowed: '250500000' });
});

test('commands that are run in one process, as many as tests run, leave nothing of which Node would warn a later one', async () => {
  for (let count = 0; count < 12; count++) {
    expect(await run('usage', 'list')).toMatchObject({ exitCode: 0, stderr: '' });
  }
});
