import { create, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { ReportStatusRequestSchema } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { findOddTime } from '../../../control-plane/api/times.ts';

test.each<[MessageInitShape<typeof RecordSchema>, string | undefined]>([
  [{}, undefined],
  [{ time: { seconds: 253_402_300_799n, nanos: 999_999_999 } }, undefined],
  [{ time: { seconds: 253_402_300_800n } }, 'time'],
  [{ time: { nanos: -1 } }, 'time'],
  [{ time: { nanos: 1_000_000_000 } }, 'time'],
  [{ decision: { retention: { seconds: -1n, nanos: -1 } } }, undefined],
  [{ decision: { retention: { seconds: 1n, nanos: -1 } } }, 'decision.retention'],
  [{ observed: { retention: { seconds: 315_576_000_001n } } }, 'observed.retention'],
  [{ revocation: { expireTime: { seconds: 2n ** 60n } } }, 'revocation.expire_time'],
])('a record is refused for what could not be written as JSON: %s, %s', (fields, place) => {
  const record = create(RecordSchema, fields);
  expect(findOddTime(RecordSchema, record)).toBe(place);
  const write = () => toJson(RecordSchema, record);
  if (place === undefined) write();
  else expect(write).toThrow();
});

test('times are found in lists too', () => {
  const upstreams = [{ time: { seconds: 1n } }, { time: { seconds: 2n ** 60n } }];
  const report = create(ReportStatusRequestSchema, { upstreams });
  expect(findOddTime(ReportStatusRequestSchema, report)).toBe('upstreams.time');
});
