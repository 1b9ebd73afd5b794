import { Code, ConnectError, type HandlerContext, type Interceptor } from '@connectrpc/connect';
import type { Logger } from 'pino';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { describeError } from '../../program/log.ts';
import { isStoreUnavailable } from '../storage/database.ts';
import { AlteredError } from '../storage/sealing/altered.ts';
import { fail } from './fail.ts';
import { requestIdKey } from './gate.ts';

/** What is needed of a call to explain how it failed. */
export type Call = Pick<HandlerContext, 'values' | 'signal'> & { readonly method: { readonly name: string } };

/**
 * What the caller gets to know of an error. RPC errors pass; a store that does not answer is said to; all else is a
 * fault of ours, which is logged under the request's id and said to nobody.
 */
export function explainError(error: unknown, call: Call, logger: Logger): ConnectError {
  if (error instanceof ConnectError) return error;
  if (error instanceof AlteredError) {
    return fail(Reason.CONTENT_ALTERED, error.message, { resource: error.resources[0] });
  }
  const requestId = call.values.get(requestIdKey);
  if (call.signal.aborted && error instanceof Error && error.name === 'AbortError') {
    const { reason } = call.signal;
    return reason instanceof ConnectError ? reason : new ConnectError('the call was ended', Code.Canceled);
  }
  const about = { requestId, rpc: call.method.name, ...describeError(error) };
  if (isStoreUnavailable(error)) {
    logger.warn(about, 'the store did not answer');
    return fail(Reason.STORE_UNAVAILABLE, 'the store does not answer; try again', { requestId });
  }
  logger.error(about, 'a call failed by a fault of ours');
  return fail(Reason.INTERNAL, `a fault of ours; the log has it under request ${requestId}`, { requestId });
}

/** Explains what services throw, also in the middle of a stream. The outermost interceptor. */
export function createErrorInterceptor(logger: Logger): Interceptor {
  return (next) => async (request) => {
    const call = { values: request.contextValues, signal: request.signal, method: request.method };
    try {
      const response = await next(request);
      return response.stream ? { ...response, message: guard(response.message, call, logger) } : response;
    } catch (error) {
      throw explainError(error, call, logger);
    }
  };
}

/**
 * A stream that was ended from outside (drain, deadline, a token that holds no more) ends with the reason, before its next
 * message: without one it would look complete.
 * What is thrown in where a message is handed on is the fault of the way to the caller, who has gone; the adapter
 * (handler.ts) logs it.
 */
async function* guard<T>(messages: AsyncIterable<T>, call: Call, logger: Logger): AsyncIterable<T> {
  let isHandedOn = false;
  try {
    for await (const message of messages) {
      throwIfEnded(call.signal);
      isHandedOn = true;
      yield message;
      isHandedOn = false;
    }
  } catch (error) {
    throw isHandedOn ? error : explainError(error, call, logger);
  }
  throwIfEnded(call.signal);
}

function throwIfEnded({ aborted, reason }: AbortSignal): void {
  if (aborted && reason instanceof ConnectError) throw reason;
}
