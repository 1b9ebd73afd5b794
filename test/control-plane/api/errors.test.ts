import { createContextValues, type Interceptor, type StreamResponse } from '@connectrpc/connect';
import pino from 'pino';
import { expect, test } from 'vitest';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { createErrorInterceptor } from '../../../control-plane/api/errors.ts';
import { reasonOf } from '../../../control-plane/api/fail.ts';

type Request = Parameters<ReturnType<Interceptor>>[0];

/** The messages of a service as the interceptor lets them out, and what it logs meanwhile. */
async function stream(messages: () => AsyncGenerator<string>) {
  const logs: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void logs.push(line) });
  const request = {
    stream: true,
    method: AuditService.method.exportExchanges,
    contextValues: createContextValues(),
    signal: new AbortController().signal,
  } as unknown as Request;
  const respond = async () => ({ stream: true, message: messages() }) as unknown as StreamResponse;
  const response = (await createErrorInterceptor(logger)(respond)(request)) as StreamResponse;
  const out = response.message[Symbol.asyncIterator]() as unknown as AsyncGenerator<string>;
  return { out, logs };
}

test('a caller who goes away in the middle of a stream is no fault of ours, and the service is told to end', async () => {
  let hasEnded = false;
  const { out, logs } = await stream(async function* () {
    try {
      yield 'one';
      yield 'two';
    } finally {
      hasEnded = true;
    }
  });
  await out.next();
  // What the adapter does with the failure of a write.
  const gone = new Error('Cannot call write after a stream was destroyed');
  await expect(out.throw(gone)).rejects.toBe(gone);
  expect(hasEnded).toBe(true);
  expect(logs).toEqual([]);
});

test('what a service throws in the middle of a stream is logged, and said to nobody', async () => {
  const { out, logs } = await stream(async function* () {
    yield 'one';
    throw new Error('the words of a prompt');
  });
  await out.next();
  const failure = await out.next().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(reasonOf(failure)).toBe(Reason.INTERNAL);
  expect(String(failure)).not.toContain('prompt');
  expect(logs).toHaveLength(1);
  expect(logs[0]).toContain('a fault of ours');
  expect(logs[0]).not.toContain('prompt');
});
