import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { checkSpec } from '#core/upstream/check.ts';
import { Authentication, UpstreamSpecSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';

const faultsOf = (baseUrl: string) =>
  checkSpec(create(UpstreamSpecSchema, { baseUrl, authentication: Authentication.NONE }));

test('plain HTTP off loopback is refused, and how it would be allowed is said', () => {
  expect(faultsOf('http://127.0.0.1:8000/v1')).toEqual([]);
  const [fault, ...others] = faultsOf('http://vllm.internal:8000/v1');
  expect(others).toEqual([]);
  expect(fault).toMatchObject({ field: 'base_url', fault: expect.stringContaining('--allow-plaintext') });
  // Which would not help here.
  expect(faultsOf('ftp://vllm.internal/v1')).toEqual([{ field: 'base_url', fault: 'must be an https URL' }]);
  expect(faultsOf('http://vllm.internal/v1?key=x')[0]?.fault).not.toContain('--allow-plaintext');
});

test.each(['https://api.example/v1?', 'https://api.example/v1?\n', 'https://api.example/v1# '])(
  'a base URL with an empty query or fragment is refused, %j',
  (baseUrl) => {
    expect(faultsOf(baseUrl)).toEqual([
      { field: 'base_url', fault: expect.stringContaining('query or fragment') },
    ]);
  },
);
