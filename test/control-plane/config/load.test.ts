import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNoteKey, formatNoteKey } from '#core/evidence/note/key.ts';
import { SettingsError } from '#core/settings/settings.ts';
import { loadSettings } from '../../../control-plane/config/load.ts';

const URI = 'mongodb://user:hunter2@db/?replicaSet=rs0';
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-config-'));
});
afterAll(() => rm(directory, { recursive: true }));

const load = (flags: Record<string, string | boolean>, env: Record<string, string> = {}, file?: string) =>
  loadSettings({ flags, env, file });

async function faultsOf(loading: Promise<unknown>): Promise<string> {
  const error = await loading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SettingsError);
  return (error as SettingsError).message;
}

describe('loadSettings', () => {
  test('reads the YAML file and the secret that it points to', async () => {
    await writeFile(join(directory, 'uri'), `${URI}\n`);
    const file = join(directory, 'good.yaml');
    await writeFile(
      file,
      `mongodbUri: file://${join(directory, 'uri')}\nadminGroups: [ops, root]\ndrainDeadline: 5s\n`,
    );
    const settings = await load({}, { SWORN_DRAIN_DEADLINE: '6s' }, file);
    expect(settings).toMatchObject({ mongodbUri: URI, adminGroups: ['ops', 'root'], drainDeadline: 6_000 });
  });

  test('says that a store is needed', async () => {
    expect(await faultsOf(load({}))).toMatch(
      /^mongodbUri: is not set; give --mongodb-uri .*SWORN_MONGODB_URI/,
    );
  });

  test('shows no password of a wrong connection string', async () => {
    const fault = await faultsOf(load({ mongodbUri: 'postgres://user:hunter2@db' }));
    expect(fault).toContain('is no MongoDB connection string');
    expect(fault).not.toContain('hunter2');
  });

  test('serves plaintext on loopback only, unless told', async () => {
    const open = { mongodbUri: URI, listen: '0.0.0.0:8480' };
    expect(await faultsOf(load(open))).toContain('0.0.0.0 is not loopback');
    expect((await load({ ...open, allowPlaintext: true })).allowPlaintext).toBe(true);
    await writeFile(join(directory, 'pem'), 'PEM');
    const pem = join(directory, 'pem');
    expect((await load({ ...open, tlsCert: pem, tlsKey: pem })).tls).toEqual({ cert: 'PEM', key: 'PEM' });
    expect(await faultsOf(load({ ...open, tlsCert: pem, tlsKey: '/nowhere/key' }))).toContain(
      'tlsKey: /nowhere/key cannot be read',
    );
    expect(await faultsOf(load({ ...open, tlsCert: 'a' }))).toContain('one is of no use without the other');
    expect((await load({ mongodbUri: URI, listen: '[::1]:1' })).listen.host).toBe('::1');
  });

  test('takes an issuer by https, or by http on loopback', async () => {
    expect((await load({ mongodbUri: URI, issuer: 'http://127.0.0.1:9000' })).issuer).toBe(
      'http://127.0.0.1:9000',
    );
    expect(await faultsOf(load({ mongodbUri: URI, issuer: 'http://login.example' }))).toContain('issuer');
  });

  test('says which file cannot be read', async () => {
    expect(await faultsOf(load({}, {}, join(directory, 'absent.yaml')))).toContain(
      'absent.yaml: cannot be read',
    );
    const missing = await faultsOf(load({ mongodbUri: 'file:///nowhere/uri' }));
    expect(missing).toBe('mongodbUri: /nowhere/uri cannot be read (ENOENT)');
    expect(await faultsOf(load({ mongodbUri: 'env://NO_SUCH' }))).toContain('the variable is not set');
  });

  test('reads witnesses: a verifier key, a plus, an address', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const vkey = formatNoteKey(createNoteKey('witness.example.org/w1', publicKey, 'cosignature'));
    const witnesses = `${vkey}+https://witness.example.org:8490/sub,${vkey}+http://127.0.0.1:1`;
    const settings = await load({ mongodbUri: URI, witnesses });
    expect(settings.witnesses.map(({ key, url }) => `${formatNoteKey(key)} ${url.href}`)).toEqual([
      `${vkey} https://witness.example.org:8490/sub`,
      `${vkey} http://127.0.0.1:1/`,
    ]);
    const ofLog = formatNoteKey(createNoteKey('log.example.org', publicKey));
    for (const wrong of [vkey, `${vkey}+ftp://x`, `x+https://x`, `${ofLog}+https://x`]) {
      expect(await faultsOf(load({ mongodbUri: URI, witnesses: wrong }))).toContain(`witnesses: "${wrong}"`);
    }
  });

  test('takes no name for the log that no key may have', async () => {
    expect(await faultsOf(load({ mongodbUri: URI, logOrigin: 'a b' }))).toContain('logOrigin: "a b"');
  });
});

describe('settings of notifications', () => {
  const mail = { mongodbUri: URI, mailFrom: 'sworn@example.org' };

  test('an SMTP server by URL, with its usual port and what is escaped in its password', async () => {
    const smtpUrl = 'smtp://sworn:p%40ss%25@mail.example.org';
    expect((await load({ ...mail, smtpUrl })).smtp).toEqual({
      host: 'mail.example.org',
      port: 587,
      isSecure: false,
      user: 'sworn',
      password: 'p@ss%',
      from: 'sworn@example.org',
    });
    const secure = await load({ ...mail, smtpUrl: 'smtps://[::1]:4650' });
    expect(secure.smtp).toMatchObject({ host: '::1', port: 4650, isSecure: true, user: '' });
    expect((await load({ mongodbUri: URI })).smtp).toBeUndefined();
  });

  test('what is wrong is said without the password', async () => {
    const fault = await faultsOf(load({ ...mail, smtpUrl: 'http://sworn:hunter2@mail.example.org' }));
    expect(fault).toContain('smtpUrl: the value is no smtp://');
    expect(fault).not.toContain('hunter2');
    expect(await faultsOf(load(mail))).toContain('one is of no use without the other');
    const address = { mongodbUri: URI, smtpUrl: 'smtp://mail.example.org', mailFrom: 'a@b\r\nBcc: c@d' };
    expect(await faultsOf(load(address))).toContain('is not an e-mail address');
  });

  test('links are https, and have the place of the name', async () => {
    const consoleUrl = 'https://console.example.org/{name}';
    expect((await load({ mongodbUri: URI, consoleUrl })).consoleUrl).toBe(consoleUrl);
    for (const wrong of ['https://console.example.org/', 'http://console.example.org/{name}', '{name}'])
      expect(await faultsOf(load({ mongodbUri: URI, consoleUrl: wrong }))).toContain('consoleUrl: ');
  });
});
