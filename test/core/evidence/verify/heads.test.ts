import { expect, test } from 'vitest';
import { FaultList } from '#core/evidence/verify/fault.ts';
import { HeadCheck } from '#core/evidence/verify/heads.ts';
import { type Record, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { EAST, keys, sha256, sign } from './synthetic.ts';

const HEADS = 3_000;
const RECORDS = 150_000;

/** Milliseconds that records of one place take, where so many heads name it. */
function timeOf(heads: number): number {
  const faults = new FaultList();
  const check = new HeadCheck(undefined, true, faults);
  check.addKey(EAST, keys[EAST].publicKey);
  const digest = sha256(new Uint8Array());
  const head = sign('head', { plane: EAST, epoch: 1n, seq: 1n, digest }, EAST);
  for (let at = 0; at < heads; at++) check.add('batch', head, undefined, false);
  const record = { plane: EAST, epoch: 1n, seq: 1n, kind: RecordKind.INTENT, planeKey: digest } as Record;
  const begin = performance.now();
  for (let at = 0; at < RECORDS; at++) check.addRecord(record, digest, {});
  expect(faults.kept).toEqual([]);
  return performance.now() - begin;
}

test('a file that has one head and one record very often is read in the time that its lines take', () => {
  timeOf(1);
  const one = timeOf(1);
  expect(timeOf(HEADS)).toBeLessThan(8 * one + 500);
});
