import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNoteKey, formatNoteKey } from '#core/evidence/note/key.ts';
import { SettingsError } from '#core/settings/settings.ts';
import { loadSettings } from '../../../control-plane/config/load.ts';
import { makeCertificate } from '../../env/certificate.ts';

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
    const [tlsCert, tlsKey] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    const tls = await makeCertificate();
    await writeFile(tlsCert, tls.cert);
    await writeFile(tlsKey, tls.key);
    expect((await load({ ...open, tlsCert, tlsKey })).tls).toEqual(tls);
    expect(await faultsOf(load({ ...open, tlsCert, tlsKey: '/nowhere/key' }))).toContain(
      'tlsKey: /nowhere/key cannot be read',
    );
    expect(await faultsOf(load({ ...open, tlsCert: 'a' }))).toContain('one is of no use without the other');
    expect((await load({ mongodbUri: URI, listen: '[::1]:1' })).listen.host).toBe('::1');
  });

  test('takes certificates with their key only, before anything starts', async () => {
    const [text, cert, key] = ['text', 'a.pem', 'a.key'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    const [ours, theirs] = [await makeCertificate(), await makeCertificate()];
    await writeFile(text, 'listen: 127.0.0.1:1\n');
    await writeFile(cert, ours.cert);
    await writeFile(key, theirs.key);
    const faults = (tlsCert: string, tlsKey: string) => faultsOf(load({ mongodbUri: URI, tlsCert, tlsKey }));
    expect(await faults(text, key)).toBe(
      `tlsCert: ${text} has no certificate in PEM: -----BEGIN CERTIFICATE-----`,
    );
    expect(await faults(text, text)).toContain(`tlsKey: ${text} has no private key in PEM`);
    expect(await faults(cert, key)).toContain(`tlsKey: ${key} is not the key of`);
    await writeFile(cert, ours.cert.slice(0, 200));
    expect(await faults(cert, '/nowhere/key')).toMatch(
      /tlsCert: .* has a certificate that is damaged\n.*tlsKey: .* cannot be read/,
    );
  });

  test('says everything that is wrong at once, wherever it is found out', async () => {
    const fault = await faultsOf(
      load({
        mongodbUri: 'foo',
        listen: '0.0.0.0:9',
        issuer: 'bar',
        smtpUrl: 'x',
        logLevel: 'loud',
        checkpointInterval: '5',
        fourEyes: 'maybe',
        logOrigin: 'a b',
      }),
    );
    const lines = fault.split('\n  ');
    expect(lines[0]).toBe('9 settings are wrong:');
    for (const start of [
      ...['checkpointInterval (from', 'fourEyes (from', 'logLevel (from', 'listen: 0.0.0.0 is not loopback'],
      ...[
        'mongodbUri: the value is no',
        'issuer: "bar"',
        'smtpUrl: the value is no',
        'smtpUrl, mailFrom: one',
      ],
      'logOrigin: "a b"',
    ]) {
      expect(lines.filter((line) => line.startsWith(start))).toHaveLength(1);
    }
    // What has a fault already is not said to be missing, and nothing is concluded from it.
    expect(
      await faultsOf(load({ mongodbUri: 'env://NO_SUCH', smtpUrl: 'env://NO_MAIL', mailFrom: 'a@b' })),
    ).toBe(
      '2 settings are wrong:\n  mongodbUri: env://NO_SUCH: the variable is not set\n' +
        '  smtpUrl: env://NO_MAIL: the variable is not set',
    );
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
