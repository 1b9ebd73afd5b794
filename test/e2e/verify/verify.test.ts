import { spawnSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Evidence, startEvidence } from './evidence.ts';

const SECOND = new URL('../../evidence/second_verifier.py', import.meta.url).pathname;
const hasPython = spawnSync('python3', ['-c', 'import cryptography']).status === 0;

let evidence: Evidence;
let logKey: string;
let all: string;
beforeAll(async () => {
  evidence = await startEvidence();
  logKey = (await evidence.audit('key')).stdout.trim();
  all = join(evidence.folder, 'all.bundle');
});
afterAll(() => evidence.close());

const verified = async (...words: string[]) => {
  const { exitCode, stdout, stderr } = await evidence.audit('verify', ...words, '--output', 'json');
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};

describe('a record that nobody touched', () => {
  test('verifies, from the leaves to the commitments', async () => {
    const kept = join(evidence.folder, 'checkpoint');
    await writeFile(kept, (await evidence.audit('checkpoint')).stdout);
    const key = ['--log-key', logKey, '--evidence-key', evidence.evidenceKey, '--checkpoint', kept];
    const report = await verified(...key);
    expect(report).toMatchObject({ verified: true, faultCount: 0, faults: [], scope: 'all records' });
    expect(report.records).toBe(report.size);
    expect(report.payloads.verified).toBeGreaterThanOrEqual(5);
    expect(report.payloads.opened).toBe(report.payloads.verified);
    expect((await verified('--no-payloads')).payloads).toBeNull();
  });

  test('is one private file that verifies by itself', async () => {
    const exported = await evidence.audit('export', '--bundle', all);
    expect([exported.exitCode, exported.stdout]).toEqual([0, '']);
    expect(exported.stderr).toMatch(/^\d+ records, \d+ payloads in /);
    expect((await stat(all)).mode & 0o777).toBe(0o600);
    const { exitCode, stdout, stderr } = await evidence.audit('verify', '--bundle', all, '--log-key', logKey);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^key +as given$/m);
    expect(stdout).toMatch(/^result +verified$/m);
    // Nothing of the content, and no network: the address of the control plane leads nowhere.
    expect(await readFile(all, 'latin1')).not.toMatch(/219-09-9999|How is he/);
    const report = await verified(
      '--bundle',
      all,
      '--evidence-key',
      evidence.evidenceKey,
      '--control-plane',
      'http://127.0.0.1:1',
    );
    expect(report.payloads).toMatchObject({ opened: report.payloads.verified, unopened: 0 });
  });

  test.skipIf(!hasPython)(
    'verifies by the second verifier, too (skipped without python3 and cryptography)',
    async () => {
      const args = [SECOND, '--log-key', logKey, '--evidence-key', evidence.evidenceKey, all];
      const { status, stdout, stderr } = spawnSync('python3', args, { encoding: 'utf8' });
      expect([status, stdout, stderr]).toEqual([0, '[]\n', '']);
    },
  );

  test('that it was exported is in the record', async () => {
    const { stdout } = await evidence.audit('records', '--all', '--output', 'json');
    const actions = (JSON.parse(stdout).records as { record: { action: string; resource: string } }[])
      .map(({ record: { action, resource } }) => `${action} ${resource}`)
      .filter((action) => action.includes('.export'));
    expect(actions).toEqual(['payload.export log', 'evidence.export log', 'payload.export log']);
  });
});

describe('a part of it', () => {
  test.each<[string, string[], number]>([
    ['session', [], 1],
    ['time', ['--since', '1h'], 5],
    ['caller', ['--caller', 'clinician'], 5],
    ['policy', ['--policy', 'clinicians'], 5],
    ['entity', ['--entity', 'US_SSN'], 4],
    ['nothing', ['--entity', 'IMEI'], 0],
    ['flags', ['--break-glass', '--differs', '--trace', 'traces/none'], 0],
  ])('by %s has proofs, and no more than was asked for', async (what, words, least) => {
    const filter = what === 'session' ? ['--session', await sessionOf()] : words;
    const file = join(evidence.folder, `${what}.bundle`);
    expect((await evidence.audit('export', ...filter, '--bundle', file)).exitCode).toBe(0);
    const report = await verified(
      '--bundle',
      file,
      '--log-key',
      logKey,
      '--evidence-key',
      evidence.evidenceKey,
    );
    expect(report.scope).toBe('a part of the records');
    expect(report.records).toBeLessThan(report.size);
    if (least === 0) expect(report.records).toBe(0);
    else expect(report.records).toBeGreaterThanOrEqual(least);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    // Each option is named: who gets the bundle has to know which part it is.
    const options = filter.filter((word) => word.startsWith('--'));
    expect(Object.keys(JSON.parse(lines[0] ?? '').filter)).toHaveLength(options.length);
    expect(Object.keys(report.filter)).toHaveLength(options.length);
    const records = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'record');
    expect(records.every(({ proof }) => proof.length > 0)).toBe(true);
    const kept = ['--checkpoint', join(evidence.folder, 'checkpoint')];
    expect((await evidence.audit('verify', '--bundle', file, ...kept)).exitCode).toBe(2);
  });

  async function sessionOf(): Promise<string> {
    const { stdout } = await evidence.audit('sessions', '--output', 'json');
    return JSON.parse(stdout).sessions[0].name;
  }
});

describe('what is wrong', () => {
  const ended = async (...words: string[]) => {
    const { exitCode, stderr } = await evidence.audit(...words);
    return [exitCode, stderr] as const;
  };
  const otherKey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';

  test('a record in a bundle is named, and ends with 6', async () => {
    const lines = (await readFile(all, 'utf8')).split('\n');
    const at = lines.findIndex((line) => line.includes('"index":7,'));
    const json = JSON.parse(lines[at] ?? '');
    const bytes = Buffer.from(json.record, 'base64');
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    lines[at] = JSON.stringify({ ...json, record: bytes.toString('base64') });
    const file = join(evidence.folder, 'altered.bundle');
    await writeFile(file, lines.join('\n'));
    const { exitCode, stdout, stderr } = await evidence.audit('verify', '--bundle', file);
    expect(exitCode).toBe(6);
    expect(stdout).toMatch(/^leaf_altered +7 /m);
    expect(stdout).toMatch(/^bundle_altered /m);
    expect(stderr).toMatch(/^sworn: the record does not verify: .* and \d+ more$/m);
  });

  test('the key of another log, and a witness that has not cosigned', async () => {
    expect(await ended('verify', '--log-key', otherKey)).toEqual([
      6,
      expect.stringContaining('checkpoint_refused'),
    ]);
    expect(await ended('verify', '--bundle', all, '--log-key', otherKey)).toEqual([
      6,
      expect.stringContaining('checkpoint_refused'),
    ]);
  });

  test('how it is called', async () => {
    const missing = join(evidence.folder, 'no.bundle');
    expect(await ended('verify', '--bundle', missing)).toEqual([2, expect.stringContaining('cannot read')]);
    expect(await ended('verify', '--bundle', '/dev/zero')).toEqual([
      6,
      expect.stringContaining('is no bundle: it has a line over 134217728 bytes'),
    ]);
    expect(await ended('verify', '--bundle', evidence.folder)).toEqual([
      2,
      expect.stringContaining('it is a directory'),
    ]);
    expect(await ended('verify', '--bundle', evidence.evidenceKey)).toEqual([
      6,
      expect.stringContaining('is no bundle'),
    ]);
    expect(await ended('verify', '--log-key', 'x')).toEqual([2, expect.stringContaining('no verifier key')]);
    expect(await ended('verify', '--witness', otherKey)).toEqual([
      2,
      expect.stringContaining('of a witness'),
    ]);
    expect(await ended('verify', '--evidence-key', all)).toEqual([
      2,
      expect.stringContaining('no file of an evidence key'),
    ]);
    expect(await ended('verify', '--checkpoint', missing)).toEqual([
      2,
      expect.stringContaining('cannot read the checkpoint'),
    ]);
    expect(await ended('export', '--bundle', missing, '--content')).toEqual([
      2,
      expect.stringContaining('sealed'),
    ]);
    expect(await ended('verify', '--token', 'none')).toEqual([4, expect.stringContaining('token')]);
  });
});
