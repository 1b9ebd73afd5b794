import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { IdentityService, WhoAmIResponseSchema } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { renewLogin } from '../../../cli/auth/issuer.ts';
import { accessToken } from '../../../cli/auth/token.ts';
import { type IdentityProvider, startIdentityProvider } from '../../../cli/commands/dev/identity-provider.ts';
import { Browser } from '../env/browser.ts';
import { Code, refusal, startControlPlane, type TestControlPlane } from '../env/control-plane.ts';
import { createHome, type Home } from '../env/sworn.ts';

let provider: IdentityProvider;
let directory: string;
let controlPlane: TestControlPlane;
let home: Home;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sworn-idp-'));
  provider = await startIdentityProvider({ directory, port: 0 });
  controlPlane = await startControlPlane((router) =>
    router.service(IdentityService, {
      whoAmI: (_request, context) => {
        const token = (context.requestHeader.get('authorization') ?? '').replace('Bearer ', '');
        if (token === 'machine') return create(WhoAmIResponseSchema, { caller: { subject: 'robot' } });
        if (!token.includes('.'))
          throw refusal(Code.Unauthenticated, Reason.UNAUTHENTICATED, 'the token does not verify');
        const { sub, email, iss } = decodeJwt<{ email: string }>(token);
        return create(WhoAmIResponseSchema, {
          caller: { subject: sub ?? '', email, issuer: iss ?? '' },
          roles: [Role.ADMIN],
        });
      },
    }),
  );
});

afterAll(async () => {
  await controlPlane.close();
  await provider.close();
  rmSync(directory, { recursive: true, force: true });
});

beforeEach(() => {
  home = createHome();
});

afterEach(() => home.remove());

const credentials = () => join(home.path, 'config/sworn/credentials.json');
const readStored = () => JSON.parse(readFileSync(credentials(), 'utf8'));

async function loginInBrowser(): Promise<void> {
  const login = home.start(['login', '--control-plane', controlPlane.url, '--issuer', provider.issuer]);
  const shown = await login.sees('Waiting for you');
  const browser = new Browser();
  await browser.open(/Open\s+(\S+)/.exec(shown)?.[1] ?? '');
  // The code is sent by itself, then confirmed by a button.
  await browser.submit();
  const page = await browser.submit();
  const signIn = /formaction="([^"]*user=admin)"/.exec(page)?.[1];
  await browser.submit({}, signIn);
  const run = await login.ended;
  expect(run.stderr + run.stdout).toContain('Logged in to');
  expect(run.exitCode).toBe(0);
}

test('a person logs in by the device flow, and the token is for the control plane', async () => {
  await loginInBrowser();
  const login = readStored().logins[controlPlane.url];
  expect(decodeJwt(login.accessToken)).toMatchObject({
    aud: 'sworn-control-plane',
    sub: 'admin',
    iss: provider.issuer,
  });
  expect(statSync(credentials()).mode & 0o777).toBe(0o600);
  expect(statSync(join(home.path, 'config/sworn')).mode & 0o777).toBe(0o700);

  // The login's control plane is now the default, and its token is renewed once, however many commands want it.
  expire();
  const env = { XDG_CONFIG_HOME: join(home.path, 'config') };
  const tokens = await Promise.all(
    [1, 2, 3, 4].map(() => accessToken(controlPlane.url, { given: undefined, env })),
  );
  expect(new Set(tokens).size).toBe(1);
  expect(tokens[0]).not.toBe(login.accessToken);
  const whoami = await home.run(['whoami']);
  expect(whoami.stdout).toContain('admin@sworn.example');
  expect(controlPlane.tokens.at(-1)).toBe(tokens[0]);

  // Nobody else's control plane gets it.
  const other = await home.run(['whoami', '--control-plane', 'http://127.0.0.1:1']);
  expect(other.exitCode).toBe(4);

  const refreshToken = readStored().logins[controlPlane.url].renewal.refreshToken;
  expect((await home.run(['logout'])).exitCode).toBe(0);
  expect(readStored()).toEqual({ logins: {} });
  const renewal = {
    issuer: provider.issuer,
    clientId: 'sworn-cli',
    refreshToken,
    resource: '',
    audience: '',
  };
  await expect(renewLogin(renewal)).rejects.toThrow('invalid_grant');
});

function expire(): void {
  const stored = readStored();
  stored.logins[controlPlane.url].expiresAtMs = Date.now() - 1;
  writeFileSync(credentials(), JSON.stringify(stored), { mode: 0o600 });
}

test('Ctrl-C ends the waiting, and nothing else is said to be wrong', async () => {
  const login = home.start(['login', '--control-plane', controlPlane.url, '--issuer', provider.issuer]);
  await login.sees('Waiting for you');
  login.child.kill('SIGINT');
  const run = await login.ended;
  expect(run.exitCode).toBe(130);
  expect(run.stderr).toMatch(/sworn: interrupted\n$/);
});

test('a machine logs in with a token from stdin; one that the control plane refuses is not kept', async () => {
  const refused = await home.run(['login', '--token', '-', '--control-plane', controlPlane.url], {
    stdin: 'wrong\n',
  });
  expect(refused.exitCode).toBe(4);
  expect(refused.stderr).toContain('the token does not verify');
  expect(() => readStored()).toThrow();

  const accepted = await home.run(['login', '--token', '-', '--control-plane', controlPlane.url], {
    stdin: 'machine\n',
  });
  expect(accepted).toMatchObject({ exitCode: 0 });
  expect(accepted.stdout).toContain('robot');
  const token = await home.run(['token']);
  expect(token.stdout).toBe('machine\n');
});

test('a token that lies in the environment does not take the place of the issuer that is named', async () => {
  const refused = await home.run(
    ['login', '--issuer', provider.issuer, '--control-plane', controlPlane.url],
    { env: { SWORN_TOKEN: 'machine' } },
  );
  expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('leave one of them out')]);
});

test('a file of logins that others can read is refused', async () => {
  await home.run(['login', '--token', 'machine', '--control-plane', controlPlane.url]);
  chmodSync(credentials(), 0o644);
  const run = await home.run(['token', '--control-plane', controlPlane.url]);
  expect(run.exitCode).toBe(4);
  expect(run.stderr).toContain('chmod 600');
});

test('an issuer over plain HTTP on another machine is refused, and one that is away is said so', async () => {
  const [plain, away] = await Promise.all([
    home.run(['login', '--issuer', 'http://id.example.org', '--control-plane', controlPlane.url]),
    home.run(['login', '--issuer', 'http://127.0.0.1:1', '--control-plane', controlPlane.url]),
  ]);
  expect(plain.exitCode).toBe(2);
  expect(plain.stderr).toContain('plain HTTP');
  expect(away.exitCode).toBe(5);
  expect(away.stderr).toContain('http://127.0.0.1:1');
  expect(away.stderr).toContain('fetch failed: bad port');
});
