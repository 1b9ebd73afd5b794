import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ErasureResult, RetentionService } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { type Evidence, startEvidence } from './evidence.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await startEvidence();
});
afterAll(() => evidence.close());

test('after an erasure everything from before still verifies, and what is gone is accounted for', async () => {
  const before = join(evidence.folder, 'before.bundle');
  const kept = join(evidence.folder, 'checkpoint');
  await evidence.audit('export', '--bundle', before);
  await writeFile(kept, (await evidence.audit('checkpoint')).stdout);
  const [exchange] = await evidence.database.db.collection('exchanges').find({ status: 1 }).toArray();
  const name = `${exchange?.['_id']}`;
  const payloads = evidence.database.db.collection('payloads', { promoteLongs: false });
  const backup = await payloads.find({ exchange: name }).toArray();
  const results = [];
  const request = {
    scope: { case: 'exchange' as const, value: name },
    authority: 'Privacy Office',
    reason: 'case 4711',
  };
  for await (const { result } of evidence.env.api(RetentionService, 'admin').eraseExchanges(request))
    results.push(result);
  expect(results).toEqual([ErasureResult.ERASED]);
  const run = await evidence.audit(
    'verify',
    '--checkpoint',
    kept,
    '--evidence-key',
    evidence.evidenceKey,
    '--output',
    'json',
  );
  expect([run.exitCode, run.stderr]).toEqual([0, '']);
  expect(JSON.parse(run.stdout)).toMatchObject({ faults: [], payloads: { erased: 2 } });
  const after = join(evidence.folder, 'after.bundle');
  await evidence.audit('export', '--bundle', after);
  for (const file of [before, after]) {
    expect((await evidence.audit('verify', '--bundle', file)).exitCode).toBe(0);
  }
  await payloads.insertMany(backup);
  const again = await evidence.audit('verify');
  expect([again.exitCode, again.stderr]).toEqual([6, expect.stringContaining('payload_unerased at leaf ')]);
});
