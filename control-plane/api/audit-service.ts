import { create, equals, toJsonString } from '@bufbuild/protobuf';
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import type { ServiceImpl } from '@connectrpc/connect';
import {
  type AuditService,
  type ExchangeFilter,
  ExchangeFilterSchema,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { openContents } from '../audit/content.ts';
import { exportEvidence } from '../audit/evidence/export.ts';
import { exportExchanges } from '../audit/export.ts';
import { listGaps } from '../audit/gaps/list.ts';
import { requireKnown } from '../audit/known.ts';
import { peopleOn } from '../audit/people.ts';
import { replay } from '../audit/replay.ts';
import { recordsOf, showExchange } from '../audit/show.ts';
import { listExchange, listSession, viewRecord } from '../audit/view.ts';
import type { Context } from '../context.ts';
import {
  type ExchangeQuery,
  findExchange,
  findInferred,
  listExchanges,
} from '../storage/record/exchanges.ts';
import { listRecords } from '../storage/record/records.ts';
import { listSessions } from '../storage/record/sessions.ts';
import { fail } from './fail.ts';
import { getPerson } from './identity.ts';
import { readPage } from './paging.ts';
import { formatPosition, parsePosition } from './position.ts';
import { takePage } from './take-page.ts';

/** AuditService: what happened, for auditors. Who may call what is decided before, in access.ts. */
export function createAuditService(context: Context): ServiceImpl<typeof AuditService> {
  const { database } = context;
  return {
    async listSessions(request) {
      const { caller, since, until, named } = request;
      const scope = `ListSessions ${JSON.stringify([caller, seconds(since), seconds(until), named])}`;
      const { limit, after } = readPage(request, scope);
      const query = { caller, named, ...interval(since, until) };
      const found = await listSessions(database, query, parsePosition(after), limit + 1);
      const { items, nextPageToken } = takePage(found, limit, scope, startedAt);
      const inferred = await findInferred(
        database,
        items.map(({ _id }) => _id),
      );
      return { sessions: items.map((one) => listSession(one, inferred.has(one._id))), nextPageToken };
    },

    async listExchanges(request) {
      const filter = request.filter ?? create(ExchangeFilterSchema);
      const scope = `ListExchanges ${toJsonString(ExchangeFilterSchema, filter)}`;
      const { limit, after } = readPage(request, scope);
      const found = await listExchanges(database, queryOf(filter), -1, parsePosition(after), limit + 1);
      if (found.length === 0 && after === undefined) await requireKnown(database, filter);
      const { items, nextPageToken } = takePage(found, limit, scope, startedAt);
      return { exchanges: items.map(listExchange), nextPageToken };
    },

    async getExchange(request, call) {
      const { name } = request;
      const document = await findExchange(database, name);
      if (document === undefined) throw fail(Reason.NOT_FOUND, `${name} does not exist`, { name });
      const load = await openContents(context, getPerson(call).caller, [document]);
      const { exchange, shown } = showExchange(document, await recordsOf(database, document));
      return { exchange: { ...exchange, ...(await load(shown)), ...(await peopleOn(context, exchange)) } };
    },

    async listRecords(request) {
      const { exchange, session, action, since } = request;
      const scope = `ListRecords ${JSON.stringify([exchange, session, action, seconds(since)])}`;
      const { limit, after } = readPage(request, scope);
      const time = since === undefined ? {} : { since: timestampDate(since) };
      const filter = { exchange, session, action, ...time };
      const found = await listRecords(database, filter, after, limit + 1);
      if (found.length === 0 && after === undefined) await requireKnown(database, filter);
      const { items, nextPageToken } = takePage(found, limit, scope, ({ _id }) => _id);
      return { records: items.map((document) => viewRecord(database, document)), nextPageToken };
    },

    async *replaySession(request, call) {
      const { name, speed } = request;
      const reader = getPerson(call).caller;
      yield* replay(context, { name, speed, reader }, AbortSignal.any([call.signal, context.shutdown]));
    },

    async *exportExchanges(request, call) {
      const query = queryOf(request.filter ?? create(ExchangeFilterSchema));
      await requireKnown(database, query);
      const { includeContent } = request;
      const reader = getPerson(call).caller;
      const signal = AbortSignal.any([call.signal, context.shutdown]);
      yield* exportExchanges(context, { query, includeContent, reader }, signal);
    },

    async *exportEvidence(request, call) {
      const { filter, includePayloads, includeCheckpoints } = request;
      const reader = getPerson(call).caller;
      const query = filter && !isEmpty(filter) ? queryOf(filter) : undefined;
      if (query !== undefined) await requireKnown(database, query);
      const signal = AbortSignal.any([call.signal, context.shutdown]);
      yield* exportEvidence(context, { query, includePayloads, includeCheckpoints, reader }, signal);
    },

    listGaps: (request, { signal }) => listGaps(context, request, signal),
  };
}

function queryOf(filter: ExchangeFilter): ExchangeQuery {
  const { session, caller, status, since, until, policy, entity, trace, differs, breakGlass } = filter;
  return { session, caller, status, policy, entity, trace, differs, breakGlass, ...interval(since, until) };
}

function isEmpty(filter: ExchangeFilter): boolean {
  return equals(ExchangeFilterSchema, filter, create(ExchangeFilterSchema));
}

function interval(
  since: Timestamp | undefined,
  until: Timestamp | undefined,
): { readonly since?: Date; readonly until?: Date } {
  return {
    ...(since === undefined ? {} : { since: timestampDate(since) }),
    ...(until === undefined ? {} : { until: timestampDate(until) }),
  };
}

function seconds(time: Timestamp | undefined): string {
  return time === undefined ? '' : `${time.seconds}.${time.nanos}`;
}

/** The key of lists by start. */
function startedAt({ startTime, _id }: { readonly startTime: Date; readonly _id: string }): string {
  return formatPosition({ timeMs: startTime.getTime(), id: _id });
}
