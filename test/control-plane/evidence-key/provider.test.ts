import { randomBytes } from 'node:crypto';
import { chmod, cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createIntervalKey } from '#core/evidence/seal/interval-key.ts';
import { withMemory } from '../../../control-plane/evidence-key/cache.ts';
import { createFileKeys } from '../../../control-plane/evidence-key/file.ts';
import { createKmsKeys } from '../../../control-plane/evidence-key/kms.ts';
import { openEvidenceKeys } from '../../../control-plane/evidence-key/open.ts';
import type { EvidenceKey, KeyProvider } from '../../../control-plane/evidence-key/provider.ts';
import { openTestKeys, type TestKeys } from '../../env/evidence-keys.ts';
import { startKms, type TestKms } from '../../env/kms.ts';

let kms: TestKms;
let keys: TestKeys;
beforeAll(async () => {
  kms = await startKms();
  for (const [name, value] of Object.entries(kms.env)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await kms.close();
});
beforeEach(async () => {
  keys = await openTestKeys();
  kms.isUp = true;
  kms.asked.length = 0;
});
afterEach(() => keys.close());

const SECRET = randomBytes(32);

/** An interval key, sealed to this evidence key as planes do. */
async function sealTo({ id, publicKey }: EvidenceKey): Promise<string> {
  const x = Buffer.from(publicKey).toString('base64url');
  return (await createIntervalKey(SECRET, { kty: 'OKP', crv: 'X25519', x, kid: id })).jwe;
}

const files = (): string => join(keys.directory, 'evidence-keys');
const providers: [string, () => KeyProvider][] = [
  ['bare files', () => createFileKeys(keys.directory)],
  ['AWS KMS', () => createKmsKeys(keys.directory, kms.key)],
];

describe.each(providers)('evidence keys in %s', (_what, open) => {
  test('are made, kept, and open what was sealed to each of them, also after a start', async () => {
    const first = await open().create(new Date(1_000));
    const second = await open().create(new Date(2_000));
    const provider = open();
    expect(await provider.list()).toEqual([first, second]);
    for (const key of [first, second]) {
      expect(Buffer.from(await provider.unwrap(await sealTo(key)))).toEqual(SECRET);
      const x = Buffer.from(key.publicKey).toString('base64url');
      expect(key.id).toBe(await calculateJwkThumbprint({ kty: 'OKP', crv: 'X25519', x }));
    }
  });

  test('have a file each, for their owner only; one that others may read is refused', async () => {
    const { id } = await open().create(new Date());
    expect(await readdir(files())).toEqual([`${id}.json`]);
    const path = join(files(), `${id}.json`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(files())).mode & 0o777).toBe(0o700);
    await chmod(path, 0o644);
    await expect(open().list()).rejects.toThrow(/open to others/);
  });

  test('that are copied here while the program runs are found', async () => {
    const elsewhere = await openTestKeys();
    const key = await open().create(new Date());
    await cp(files(), join(elsewhere.directory, 'evidence-keys'), { recursive: true });
    await rm(files(), { recursive: true });
    const provider = open();
    const jwe = await sealTo(key);
    await expect(provider.unwrap(jwe)).rejects.toMatchObject({ code: 'missing', id: key.id });
    await cp(join(elsewhere.directory, 'evidence-keys'), files(), { recursive: true });
    expect(Buffer.from(await provider.unwrap(jwe))).toEqual(SECRET);
    await elsewhere.close();
  });

  test('of a file with another key, or none, are refused', async () => {
    const provider = open();
    const [one, two] = [await provider.create(new Date()), await provider.create(new Date())];
    const text = await readFile(join(files(), `${one.id}.json`), 'utf8');
    await writeFile(join(files(), `${two.id}.json`), text);
    await expect(open().list()).rejects.toThrow(/not the file of that evidence key/);
    await writeFile(join(files(), `${two.id}.json`), '{"id": "secret words');
    await expect(open().list()).rejects.not.toThrow(/secret words/);
    // With the name of the one and the key of the other.
    await writeFile(join(files(), `${two.id}.json`), text.replace(one.id, two.id));
    await expect(open().list()).rejects.toThrow();
  });
});

describe('AWS KMS', () => {
  test('encrypts what lies in the file, for that key only, and is asked once a start', async () => {
    const bare = await createFileKeys(keys.directory).create(new Date());
    const bareText = JSON.parse(await readFile(join(files(), `${bare.id}.json`), 'utf8'));
    const provider = createKmsKeys(keys.directory, kms.key);
    const key = await provider.create(new Date());
    const text = await readFile(join(files(), `${key.id}.json`), 'utf8');
    expect(Object.keys(bareText)).toContain('privateKey');
    expect(JSON.parse(text)).toMatchObject({ kmsKey: kms.key });
    expect(text).not.toContain('privateKey');
    expect(kms.asked).toEqual(['Encrypt']);
    const restarted = createKmsKeys(keys.directory, kms.key);
    await restarted.list();
    for (let count = 0; count < 3; count++) await restarted.unwrap(await sealTo(key));
    // The key from before KMS was used opens as well.
    expect(Buffer.from(await restarted.unwrap(await sealTo(bare)))).toEqual(SECRET);
    expect(kms.asked).toEqual(['Encrypt', 'Decrypt']);
    await expect(createFileKeys(keys.directory).list()).rejects.toMatchObject({
      code: 'unavailable',
      id: key.id,
    });
  });

  test('that does not answer, or refuses, is said by name alone', async () => {
    const provider = createKmsKeys(keys.directory, kms.key);
    const { id } = await provider.create(new Date());
    kms.isUp = false;
    const away = createKmsKeys(keys.directory, kms.key).list();
    await expect(away).rejects.toMatchObject({ code: 'unavailable', id });
    await expect(provider.create(new Date())).rejects.toMatchObject({ code: 'unavailable' });
    kms.isUp = true;
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'another');
    const refused = createKmsKeys(keys.directory, kms.key).list();
    await expect(refused).rejects.toThrow(/InvalidSignatureException/);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', kms.env['AWS_SECRET_ACCESS_KEY'] ?? '');
    expect(await readdir(files())).toEqual([`${id}.json`]);
  });
});

describe('the memory of interval keys', () => {
  /** A provider that counts what it is asked, and gives the bytes that it keeps. */
  function counting() {
    const given: Uint8Array[] = [];
    const provider: KeyProvider = {
      place: 'nowhere',
      list: async () => [],
      create: () => Promise.reject(new Error('not here')),
      async unwrap() {
        const bytes = new Uint8Array(32).fill(7);
        given.push(bytes);
        return bytes;
      },
    };
    return { given, provider };
  }

  test('asks once for each, gives copies, and clears what it drops', async () => {
    const { given, provider } = counting();
    const memory = withMemory(provider, { maxKeys: 2, lifetimeMs: 60_000 });
    (await memory.unwrap('a')).fill(0);
    expect(await memory.unwrap('a')).toEqual(new Uint8Array(32).fill(7));
    expect(given).toHaveLength(1);
    await memory.unwrap('b');
    await memory.unwrap('c');
    expect(given[0]).toEqual(new Uint8Array(32));
    expect(given[2]).toEqual(new Uint8Array(32).fill(7));
    await memory.unwrap('a');
    expect(given).toHaveLength(4);
  });

  test('forgets when the time is over, whether or not it is asked again', async () => {
    vi.useFakeTimers();
    try {
      const { given, provider } = counting();
      const memory = withMemory(provider, { maxKeys: 2, lifetimeMs: 60_000 });
      await memory.unwrap('a');
      vi.advanceTimersByTime(59_999);
      expect(given[0]).toEqual(new Uint8Array(32).fill(7));
      vi.advanceTimersByTime(1);
      expect(given[0]).toEqual(new Uint8Array(32));
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the warning of bare files', () => {
  const loopback = { host: '127.0.0.1', port: 0 };
  const network = { host: '0.0.0.0', port: 0 };
  test.each([
    ['a development stack on loopback', true, loopback, undefined, 0],
    ['a development stack on a network', true, network, undefined, 1],
    ['a program of its own', false, loopback, undefined, 1],
    ['a program with KMS', false, network, 'alias/sworn', 0],
  ])('for %s', (_what, isDevelopment, listen, evidenceKmsKey, count) => {
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(line) });
    openEvidenceKeys({ stateDirectory: keys.directory, evidenceKmsKey, listen }, isDevelopment, logger);
    expect(lines.filter((line) => line.includes('"event":"evidence_key_bare"'))).toHaveLength(count);
  });
});
