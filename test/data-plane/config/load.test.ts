import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { SettingsError } from '#core/settings/settings.ts';
import { loadSettings } from '../../../data-plane/config/load.ts';
import { startControl } from '../../../data-plane/control/control.ts';
import { makeCertificate } from '../../env/certificate.ts';
import { JOIN_TOKEN, PlaneServer } from '../control/plane-server.ts';
import { silent } from '../spool/env.ts';

let server: PlaneServer;
let directory: string;
beforeEach(async () => {
  server = new PlaneServer();
  await server.start();
  directory = await mkdtemp(join(tmpdir(), 'sworn-config-'));
});
afterEach(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

const stateDirectory = () => join(directory, 'plane');
const load = (joinToken: string, env: Record<string, string> = {}) =>
  loadSettings({
    flags: { controlPlane: server.url.href, stateDirectory: stateDirectory(), joinToken },
    env,
    file: undefined,
  });
const start = async (joinToken: string | undefined) => {
  const control = await startControl({
    controlPlane: server.url,
    joinToken,
    stateDirectory: stateDirectory(),
    maxStalenessMs: 60_000,
    detector: createDetector(),
    version: '1.2.3',
    logger: silent,
  });
  await control.close({ deadlineMs: 0 });
  return control.plane;
};

describe('the join token', () => {
  test('is read by a plane that has yet to join', async () => {
    const file = join(directory, 'token');
    await writeFile(file, `${JOIN_TOKEN}\n`);
    expect((await load(`file://${file}`)).joinToken).toBe(JOIN_TOKEN);
    expect((await load('env://TOKEN', { TOKEN: JOIN_TOKEN })).joinToken).toBe(JOIN_TOKEN);
  });

  test.each(['file:///nowhere/token', 'env://TOKEN'])(
    'from %s may be gone once the plane has joined, not before',
    async (gone) => {
      await expect(load(gone)).rejects.toThrow(SettingsError);
      await expect(load(gone)).rejects.toThrow(/joinToken: .*(cannot be read|is not set)/);
      const plane = await start(JOIN_TOKEN);
      const { joinToken } = await load(gone);
      expect(await start(joinToken)).toBe(plane);
    },
  );

  test('is still needed where the plane has a key and was never told its name', async () => {
    await expect(start('unknown')).rejects.toMatchObject({ code: 'join_token_refused' });
    await expect(load('file:///nowhere/token')).rejects.toThrow(SettingsError);
  });

  test('an identity that the system does not give is not taken for a damaged one', async () => {
    await mkdir(join(stateDirectory(), 'identity.json'), { recursive: true });
    const { joinToken } = await load('file:///nowhere/token');
    await expect(start(joinToken)).rejects.toThrow(/^EISDIR/);
  });

  test('hides no identity that cannot be read', async () => {
    await start(JOIN_TOKEN);
    await writeFile(join(stateDirectory(), 'identity.json'), '{');
    const { joinToken } = await load('file:///nowhere/token');
    await expect(start(joinToken)).rejects.toMatchObject({ code: 'state_unreadable' });
  });
});

describe('labels', () => {
  const labelled = (labels: string) =>
    loadSettings({
      flags: {
        controlPlane: server.url.href,
        stateDirectory: stateDirectory(),
        joinToken: JOIN_TOKEN,
        labels,
      },
      env: {},
      file: undefined,
    });

  test('are names with values', async () => {
    expect((await labelled('env=prod,site.name=north wing')).labels).toEqual({
      env: 'prod',
      'site.name': 'north wing',
    });
  });

  test.each(['env', '=prod', 'env=', 'env=a,env=b', '1=a', 'a=b=c'])(
    '%s is refused: it must not count as absent',
    async (labels) => {
      await expect(labelled(labels)).rejects.toThrow(/labels: /);
    },
  );
});

describe('what bound tokens need', () => {
  const loaded = (flags: Record<string, string>) => {
    const sources = { env: {}, file: undefined };
    return loadSettings({ ...sources, flags: { controlPlane: server.url.href, ...flags } });
  };

  test('public URLs are bases, without a slash at the end', async () => {
    const publicUrl = 'https://gateway.example.org/,http://10.0.0.7:8400,https://front.example.org/sworn';
    expect((await loaded({ publicUrl })).publicUrl).toEqual([
      'https://gateway.example.org',
      'http://10.0.0.7:8400',
      'https://front.example.org/sworn',
    ]);
    expect((await loaded({})).publicUrl).toEqual([]);
  });

  test.each(['gateway.example.org', 'wss://a.example', 'https://a.example?b', 'https://u:p@a.example'])(
    'the public URL %s is refused',
    async (publicUrl) => {
      await expect(loaded({ publicUrl })).rejects.toThrow(/publicUrl: .* must /);
    },
  );

  test('roots of client certificates are of use with TLS only', async () => {
    const tlsClientCa = join(directory, 'clients.pem');
    const tlsKey = join(directory, 'key.pem');
    const { cert, key } = await makeCertificate();
    await writeFile(tlsClientCa, cert);
    await writeFile(tlsKey, key);
    await expect(loaded({ tlsClientCa })).rejects.toThrow(/tlsClientCa: /);
    const tls = { tlsCert: tlsClientCa, tlsKey };
    expect((await loaded({ tlsClientCa, ...tls })).tlsClientCa).toBe(cert);
    await expect(loaded({ ...tls, tlsClientCa: '/nowhere' })).rejects.toThrow(/cannot be read/);
  });
});

describe('the budget of bytes', () => {
  const loaded = (flags: Record<string, string>) =>
    loadSettings({ env: {}, file: undefined, flags: { controlPlane: server.url.href, ...flags } });

  test('is as it is set, or enough for the largest body', async () => {
    expect((await loaded({ bodyBudget: '4096', maxBody: '1024' })).bodyBudget).toBe(4_096);
    const { bodyBudget, maxBody } = await loaded({ maxBody: '60000000' });
    expect(bodyBudget).toBeGreaterThanOrEqual(4 * maxBody);
  });

  test('may not be so small that the largest body never goes through', async () => {
    await expect(loaded({ bodyBudget: '4095', maxBody: '1024' })).rejects.toThrow(/bodyBudget.*4095/);
    await expect(loaded({ bodyBudget: '8191', maxBody: '2048' })).rejects.toThrow(/four times maxBody, 8192/);
  });
});

describe('what is wrong', () => {
  const loaded = (flags: Record<string, string>) => loadSettings({ env: {}, file: undefined, flags });

  test('is said all at once, wherever it is found out', async () => {
    const loading = loaded({
      listen: '8401',
      maxBody: 'x',
      labels: 'foo',
      publicUrl: 'bar',
      joinToken: 'env://NO',
    });
    const { faults } = await loading.then(
      () => ({ faults: [] }),
      (error: SettingsError) => error,
    );
    expect(faults.map((fault) => fault.split(/[: ]/)[0])).toEqual([
      ...['listen', 'controlPlane', 'maxBody', 'publicUrl', 'labels', 'joinToken'],
    ]);
  });

  test('is a file of roots in which there are none', async () => {
    const file = join(directory, 'plane.yaml');
    await writeFile(file, 'region: eu-central');
    for (const key of ['controlPlaneCa', 'tlsClientCa']) {
      await expect(loaded({ controlPlane: server.url.href, [key]: file })).rejects.toThrow(
        `${key}: ${file} has no certificate in PEM`,
      );
    }
  });
});
