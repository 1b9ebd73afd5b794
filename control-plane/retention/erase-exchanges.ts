import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import {
  type EraseExchangesRequest,
  type EraseExchangesResponse,
  EraseExchangesResponseSchema,
} from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { fail } from '../api/fail.ts';
import { stopIfAborted } from '../audit/stop.ts';
import type { Context } from '../context.ts';
import {
  type ExchangeDocument,
  findExchange,
  listExchanges,
  listExpired,
} from '../storage/record/exchanges.ts';
import { readClocks } from './clocks.ts';
import { ERASE_BATCH, type Erased, eraseBatch, foresee } from './erase.ts';
import { RETENTION_AUTHORITY } from './sweep.ts';

type Scope = EraseExchangesRequest['scope'];

/**
 * Erases what the request names, batch by batch, and says of each exchange what became of it. What was said is durable; a
 * stream that breaks off has erased what it had said, and at most one batch more. To do it again is safe.
 *
 * @throws ConnectError NOT_FOUND, INVALID_ARGUMENT (an authority that is not a person's), DRAINING
 * @throws AlteredError where a hold was altered, or taken out of the database
 */
export async function* eraseExchanges(
  context: Context,
  caller: Caller,
  request: EraseExchangesRequest,
  signal: AbortSignal,
): AsyncGenerator<EraseExchangesResponse> {
  const { authority, reason, scope, validateOnly } = request;
  if (authority === RETENTION_AUTHORITY) {
    const fault = 'is what the control plane itself erases by';
    throw fail(Reason.INVALID_ARGUMENT, `authority: ${authority} ${fault}`, { authority: fault });
  }
  const order = { caller, authority, reason, scope: nameOf(scope) };
  let isFound = scope.case === 'expired';
  for await (const page of pagesOf(context, scope)) {
    isFound ||= page.length > 0;
    stopIfAborted(signal);
    const results = validateOnly
      ? await foresee(context.database, page)
      : await eraseBatch(
          context,
          order,
          page.map(({ _id }) => _id),
        );
    for (const result of results) yield view(result);
  }
  if (!isFound) throw fail(Reason.NOT_FOUND, `${order.scope} does not exist`, { name: order.scope });
}

function nameOf(scope: Scope): string {
  return scope.case === 'session' || scope.case === 'exchange' ? scope.value : 'expired';
}

async function* pagesOf(context: Context, scope: Scope): AsyncGenerator<ExchangeDocument[]> {
  const { database } = context;
  if (scope.case === 'exchange') {
    const found = await findExchange(database, scope.value);
    if (found !== undefined) yield [found];
    return;
  }
  const { earlier } = await readClocks(context);
  let last: ExchangeDocument | undefined;
  do {
    const page: ExchangeDocument[] =
      scope.case === 'session'
        ? await listExchanges(
            database,
            { session: scope.value },
            1,
            positionOf(last?.startTime, last),
            ERASE_BATCH,
          )
        : await listExpired(database, earlier, positionOf(last?.expireTime, last), ERASE_BATCH);
    yield page;
    last = page.length === ERASE_BATCH ? page.at(-1) : undefined;
  } while (last !== undefined);
}

function positionOf(time: Date | undefined, document: ExchangeDocument | undefined) {
  return time === undefined || document === undefined
    ? undefined
    : { timeMs: time.getTime(), id: document._id };
}

function view({ exchange, result, holds }: Erased): EraseExchangesResponse {
  const { _id: name, session, startTime } = exchange;
  const fields: MessageInitShape<typeof EraseExchangesResponseSchema> = {
    exchange: name,
    session,
    startTime: timestampFromDate(startTime),
    result,
    holds: [...holds],
  };
  return create(EraseExchangesResponseSchema, fields);
}
