import type { DescMessage, Message, MessageShape } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator } from '@bufbuild/protovalidate';
import type { Interceptor } from '@connectrpc/connect';
import { inWords } from '#core/policy/pattern-words.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { fail } from './fail.ts';
import { findOddTime } from './times.ts';

const MAX_REPORTED_VIOLATIONS = 20;
const validator = createValidator();

/**
 * Refuses a resource that breaks a rule of the API. For what an update makes of it: the request had only a part.
 * @param field the resource's field in the request
 * @throws ConnectError INVALID_ARGUMENT
 */
export function checkResource<D extends DescMessage>(
  schema: D,
  resource: MessageShape<D>,
  field: string,
): void {
  check(schema, resource, `${field}.`);
}

/**
 * Refuses requests that break a rule of the API (buf.validate options). The metadata of the error maps each field's
 * path to what is wrong. Every request is one message: there are no client streams in this API.
 * @throws ConnectError INVALID_ARGUMENT
 */
export function createValidationInterceptor(): Interceptor {
  return (next) => async (request) => {
    if (!request.stream) {
      check(request.method.input, request.message, '');
      return await next(request);
    }
    return await next({
      ...request,
      message: checkEach(request.message, (each) => check(request.method.input, each, '')),
    });
  };
}

async function* checkEach<T>(messages: AsyncIterable<T>, check: (message: T) => void): AsyncIterable<T> {
  for await (const message of messages) {
    check(message);
    yield message;
  }
}

function check(schema: DescMessage, message: Message, prefix: string): void {
  const odd = findOddTime(schema, message);
  if (odd !== undefined) {
    throw fail(Reason.INVALID_ARGUMENT, `${prefix}${odd}: is no time`, { [`${prefix}${odd}`]: 'is no time' });
  }
  const result = validator.validate(schema, message);
  if (result.kind === 'valid') return;
  if (result.kind === 'error') throw result.error;
  const violations = result.violations
    .slice(0, MAX_REPORTED_VIOLATIONS)
    .map(
      ({ field, message: fault }) =>
        [`${prefix}${pathToString(field)}` || 'request', inWords(fault)] as const,
    );
  const text = violations.map(([path, fault]) => `${path}: ${fault}`).join('; ');
  throw fail(Reason.INVALID_ARGUMENT, text, Object.fromEntries(violations));
}
