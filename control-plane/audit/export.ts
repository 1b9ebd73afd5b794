import { create } from '@bufbuild/protobuf';
import {
  type ExportExchangesResponse,
  ExportExchangesResponseSchema,
} from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Context } from '../context.ts';
import type { ExchangeQuery } from '../storage/record/exchanges.ts';
import { openContents } from './content.ts';
import { recordsOf, showExchange } from './show.ts';
import { stopIfAborted } from './stop.ts';
import { listStored } from './stored-exchanges.ts';
import { viewRecord } from './view.ts';

/** What to export, to whom. */
export interface ExportRequest {
  readonly query: ExchangeQuery;
  readonly includeContent: boolean;
  readonly reader: Caller;
}

/** Exchanges that are read, and whose reading is recorded, at a time. */
const PAGE = 50;

/** All matching exchanges that are stored by now, with their records, oldest first, read page by page as the receiver takes them. */
export async function* exportExchanges(
  context: Context,
  request: ExportRequest,
  signal: AbortSignal,
): AsyncGenerator<ExportExchangesResponse> {
  const { database } = context;
  for await (const page of listStored(database, request.query, PAGE)) {
    const load = request.includeContent ? await openContents(context, request.reader, page) : undefined;
    for (const document of page) {
      stopIfAborted(signal);
      const records = await recordsOf(database, document);
      const { exchange, shown } = showExchange(document, records);
      const content = load === undefined ? {} : await load(shown);
      yield create(ExportExchangesResponseSchema, {
        exchange: { ...exchange, ...content },
        records: records.map((one) => viewRecord(database, one)),
      });
    }
  }
}
