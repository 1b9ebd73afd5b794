import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Evidence, startEvidence } from './evidence.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await startEvidence();
});
afterAll(() => evidence.close());

test('a record that nobody touched verifies, from the leaves to the commitments', async () => {
  const run = await evidence.audit('verify', '--evidence-key', evidence.evidenceKey, '--output', 'json');
  expect([run.exitCode, run.stderr]).toEqual([0, '']);
  const report = JSON.parse(run.stdout);
  expect(report).toMatchObject({ verified: true, faultCount: 0, faults: [] });
  expect(report.records).toBe(report.size);
  expect(report.payloads.verified).toBeGreaterThanOrEqual(5);
  expect(report.payloads.opened).toBe(report.payloads.verified);
});

test('a bundle is one private file that verifies by itself', async () => {
  const file = join(evidence.folder, 'all.bundle');
  const exported = await evidence.audit('export', '--bundle', file);
  expect([exported.exitCode, exported.stderr]).toEqual([
    0,
    expect.stringMatching(/^\d+ records, \d+ payloads in /),
  ]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const run = await evidence.audit('verify', '--bundle', file, '--evidence-key', evidence.evidenceKey);
  expect([run.exitCode, run.stderr, run.stdout]).toEqual([0, '', expect.stringContaining('verified')]);
});
