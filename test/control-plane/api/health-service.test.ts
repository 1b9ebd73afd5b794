import { Code, ConnectError, createClient, createRouterTransport } from '@connectrpc/connect';
import { expect, test } from 'vitest';
import { Health as HealthDesc } from '#proto/grpc/health/v1/health_pb.ts';
import { createHealthService } from '../../../control-plane/api/health-service.ts';
import { Health } from '../../../control-plane/health.ts';

test('so many may watch at a time, and others when one of them has gone', async () => {
  const transport = createRouterTransport(({ service }) => {
    service(HealthDesc, createHealthService(new Health(), new Set()));
  });
  const client = createClient(HealthDesc, transport);
  const watch = async (signal: AbortSignal): Promise<Code | undefined> => {
    const messages = client.watch({}, { signal })[Symbol.asyncIterator]();
    return messages.next().then(
      () => undefined,
      (error: unknown) => ConnectError.from(error).code,
    );
  };
  const [first, others] = [new AbortController(), new AbortController()];
  expect(await watch(first.signal)).toBeUndefined();
  const opened = await Promise.all(Array.from({ length: 255 }, () => watch(others.signal)));
  expect(new Set(opened)).toEqual(new Set([undefined]));
  expect(await watch(others.signal)).toBe(Code.ResourceExhausted);
  first.abort();
  await expect.poll(() => watch(others.signal)).toBeUndefined();
  others.abort();
});
