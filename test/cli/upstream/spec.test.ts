import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Authentication } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { readSecrets } from '../../../cli/commands/upstream/secret.ts';
import { readSpec, type SpecOptions, withSpec } from '../../../cli/commands/upstream/spec.ts';
import { makeCertificate } from '../../env/certificate.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-spec-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** What the options that were typed say. */
function read(...words: string[]) {
  const command = withSpec(new Command().exitOverride().configureOutput({ writeErr: () => {} }));
  return readSpec(command.parse(words, { from: 'user' }).opts<SpecOptions>());
}

describe('the options of an upstream', () => {
  test('that are not given change nothing', async () => {
    expect(await read()).toEqual({ spec: {}, paths: [] });
  });

  test('prices are of tokens of the prompt, of those from the cache where they are said, and of the answer', async () => {
    const { spec, paths } = await read('--price', 'gpt-5-mini*=0.25/0.025/2', '--price', 'a=b=1.25/10');
    expect(spec.prices).toEqual([
      { model: 'gpt-5-mini*', input: '0.25', cachedInput: '0.025', output: '2' },
      { model: 'a=b', input: '1.25', output: '10' },
    ]);
    expect(paths).toEqual(['spec.prices']);
    expect((await read('--price', '')).spec.prices).toEqual([]);
    for (const price of ['gpt', 'gpt=1', '=1/2', 'gpt=1/2/3/4', 'gpt=1/-2', 'gpt=1/x']) {
      await expect(read('--price', price)).rejects.toThrow('--price takes');
    }
  });

  test('become its fields, each with its path', async () => {
    const file = join(directory, 'roots.pem');
    const { cert } = await makeCertificate();
    await writeFile(file, cert);
    const { spec, paths } = await read(
      ...['--auth', 'api-key', '--ca-file', file, '--proxy', 'http://proxy.example:3128', '--http2'],
      ...[
        '--header',
        'x-a: b: c',
        '--max-queued',
        '0',
        '--idle-timeout',
        '2m',
        '--model',
        'gpt-*',
        '--default',
      ],
      ...['--allow-plaintext', '--region', 'eu-1', '--region', 'eu-2', '--model-name', 'gpt-5-mini=notes=eu'],
    );
    expect(spec).toEqual({
      authentication: Authentication.API_KEY,
      headers: [{ name: 'x-a', value: 'b: c' }],
      caCertificates: cert,
      proxyUrl: 'http://proxy.example:3128',
      idleTimeout: { seconds: 120n },
      maxQueued: 0,
      http2: true,
      allowPlaintext: true,
      models: ['gpt-*'],
      modelNames: [{ model: 'gpt-5-mini', sentAs: 'notes=eu' }],
      regions: ['eu-1', 'eu-2'],
      isDefault: true,
    });
    // One that takes a key has no use for a token endpoint any more.
    expect(paths).toEqual([...Object.keys(spec).map((key) => `spec.${PATHS[key]}`), 'spec.oauth']);
  });

  test('take something away where they are empty', async () => {
    const words = ['--proxy', '', '--ca-file', '', '--client-cert-file', '', '--model', '', '--no-http2'];
    expect(await read(...words)).toEqual({
      spec: { caCertificates: '', clientCertificate: '', proxyUrl: '', models: [], http2: false },
      paths: ['ca_certificates', 'client_certificate', 'proxy_url', 'http2', 'models'].map(
        (path) => `spec.${path}`,
      ),
    });
  });

  test('name an Entra tenant, or any token endpoint', async () => {
    const entra = await read('--auth', 'client-secret', '--entra-tenant', 'a/b', '--client-id', 'c');
    expect(entra.spec.oauth).toEqual({
      tokenUrl: 'https://login.microsoftonline.com/a%2Fb/oauth2/v2.0/token',
      clientId: 'c',
      scope: 'https://cognitiveservices.azure.com/.default',
    });
    const other = await read('--token-url', 'https://id.example/token', '--client-id', 'c', '--scope', 's');
    expect(other.spec.oauth).toEqual({ tokenUrl: 'https://id.example/token', clientId: 'c', scope: 's' });
  });

  test.each([
    [['--entra-tenant', 'a', '--token-url', 'https://id.example', '--client-id', 'c'], 'not both'],
    [['--entra-tenant', 'a'], '--client-id is missing'],
    [['--client-id', 'c'], 'go with --entra-tenant'],
    [['--header', 'no colon'], 'name: value'],
    [['--ca-file', '/nowhere/roots.pem'], 'cannot read the roots'],
    [['--ca-file', import.meta.filename], 'it has no certificate in PEM'],
    [['--client-cert-file', import.meta.filename], 'it has no certificate in PEM'],
    [['--idle-timeout', 'soon'], 'must be a duration'],
    [['--max-concurrent', '-1'], 'whole number'],
    [['--auth', 'basic'], 'Allowed choices'],
    [['--model-name', 'gpt-5='], 'model=name'],
  ])('are refused: %j', async (words, message) => {
    await expect((async () => read(...words))()).rejects.toThrow(message);
  });
});

const PATHS: Readonly<Record<string, string>> = {
  authentication: 'authentication',
  headers: 'headers',
  caCertificates: 'ca_certificates',
  proxyUrl: 'proxy_url',
  idleTimeout: 'idle_timeout',
  maxQueued: 'max_queued',
  http2: 'http2',
  allowPlaintext: 'allow_plaintext',
  models: 'models',
  modelNames: 'model_names',
  regions: 'regions',
  isDefault: 'is_default',
};

test('secrets come from files, the environment and stdin, and never from the command line', async () => {
  const file = join(directory, 'key.pem');
  await writeFile(file, 'KEY\n');
  const env = { A: 'sk-a', B: 'user:pass word' };
  const secretHeader = ['X-Key=env:B', 'x-gone='];
  const sources = {
    credentialFrom: 'env:A',
    clientKeyFrom: `file:${file}`,
    proxyCredentialFrom: 'env:B',
    secretHeader,
  };
  expect(await readSecrets(sources, env)).toEqual({
    credential: 'sk-a',
    clientKey: 'KEY',
    proxyCredential: 'user:pass word',
    secretHeaders: [
      { name: 'X-Key', value: 'user:pass word' },
      { name: 'x-gone', value: '' },
    ],
  });
  expect(await readSecrets({}, env)).toEqual({
    credential: '',
    clientKey: '',
    proxyCredential: '',
    secretHeaders: [],
  });
  for (const text of ['X-Key: sk-typed-secret', 'X-Key=sk-typed-secret']) {
    const failure = await readSecrets({ secretHeader: [text] }, env).catch((error: Error) => error);
    expect(String(failure)).toContain('--secret-header takes');
    expect(String(failure)).not.toContain('typed');
  }
  const both = readSecrets({ credentialFrom: 'stdin', clientKeyFrom: 'stdin' }, env);
  await expect(both).rejects.toThrow('only one secret can come from stdin');
  const typed = await readSecrets({ proxyCredentialFrom: 'user:secret' }, env).catch((error: Error) => error);
  expect(String(typed)).toContain('--proxy-credential-from takes');
  expect(String(typed)).not.toContain('secret');
  const absent = readSecrets({ credentialFrom: 'env:NONE' }, env);
  await expect(absent).rejects.toMatchObject({ hint: 'export NONE, or give file:PATH or stdin' });
});
