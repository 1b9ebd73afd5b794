import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { type Authority, createAuthority } from '../env/authority.ts';
import { createHome, type Home } from './env/sworn.ts';

let home: Home;
let authority: Authority;
let ca: string;

beforeAll(async () => {
  home = createHome();
  authority = await createAuthority('tests');
  ca = join(home.path, 'ca.pem');
  writeFileSync(ca, authority.certificate);
});
afterAll(() => home.remove());

/** Runs commands against a control plane whose certificate is for this host: loopback, where none is said. */
async function withServer(host: string | undefined, action: (url: string) => Promise<void>): Promise<void> {
  const routes = connectNodeAdapter({
    routes: (router) => router.service(IdentityService, { whoAmI: () => ({ caller: { subject: 'ana' } }) }),
  });
  const server = createSecureServer({ ...(await authority.issueServer(host)), allowHTTP1: true }, routes);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await action(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await new Promise((resolve) => server.close(resolve));
}

const run = (url: string, ...args: string[]) =>
  home.run([...args, '--control-plane', url], { env: { SWORN_TOKEN: 'tok' } });

test('a certificate of an authority that nobody knows is refused, and how to name it is said', async () => {
  await withServer(undefined, async (url) => {
    for (const command of [['whoami'], ['audit', 'key']]) {
      const refused = await run(url, ...command);
      expect(refused.exitCode).toBe(5);
      expect(refused.stderr).toContain('issued by no authority that this machine knows');
      expect(refused.stderr).toContain('next: --ca FILE');
    }
    const trusted = await run(url, 'whoami', '--ca', ca);
    expect([trusted.exitCode, trusted.stdout]).toEqual([0, expect.stringContaining('ana')]);
  });
});

test('a file of roots in which there are none is named', async () => {
  const file = join(home.path, 'plane.yaml');
  writeFileSync(file, 'region: eu-central');
  const refused = await run('https://127.0.0.1:1', 'whoami', '--ca', file);
  expect([refused.exitCode, refused.stderr]).toEqual([
    2,
    expect.stringContaining(`cannot read the certificate authority ${file}: it has no certificate in PEM`),
  ]);
});

test('that a control plane speaks no TLS is said', async () => {
  const server = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const command of [['whoami'], ['audit', 'key']]) {
    const refused = await run(url, ...command);
    expect([refused.exitCode, refused.stderr]).toEqual([
      5,
      expect.stringContaining('speaks no TLS\n  next: '),
    ]);
  }
  server.close();
});

test('so is one for another host', async () => {
  await withServer('elsewhere.example', async (url) => {
    const refused = await run(url, 'whoami', '--ca', ca);
    expect(refused.exitCode).toBe(5);
    expect(refused.stderr).toContain('its certificate is for another name');
  });
});
