import { fromBinary } from '@bufbuild/protobuf';
import { type Projection, projectRecord } from '#core/evidence/exchange/project.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Database } from '../storage/database.ts';
import type { ExchangeDocument } from '../storage/record/exchanges.ts';
import { listRecords, type RecordDocument } from '../storage/record/records.ts';
import { altered } from './unseal.ts';
import { viewExchange } from './view.ts';

/** Records of one exchange that are looked at; few have more than three. */
const MAX_RECORDS = 1_000;

/** The records of an exchange, in the order of receipt. */
export function recordsOf(database: Database, { _id }: ExchangeDocument): Promise<RecordDocument[]> {
  return listRecords(database, { exchange: _id }, undefined, MAX_RECORDS);
}

/**
 * An exchange as its records say it now: what was calculated from them when they came, by which it was found, may have been
 * changed since, and nothing verifies that.
 * @param records of the exchange, in any order; some may have come after the document was read
 * @returns with the document by which content is loaded: that of the same records
 * @throws ConnectError CONTENT_ALTERED: one that it was calculated from is gone, or is no record of it
 */
export function showExchange(
  document: ExchangeDocument,
  records: readonly RecordDocument[],
): { readonly exchange: Exchange; readonly shown: ExchangeDocument } {
  let projection: Projection | undefined;
  const missing = new Set(Object.values(document.sources).map((source) => source.record));
  for (const { _id, plane, bytes } of records) {
    if (plane !== document.plane) continue;
    const record = readRecord(bytes, document._id);
    if (record.plane !== document.plane || record.exchange !== document._id) continue;
    missing.delete(_id);
    projection = projectRecord(projection, record, _id) ?? projection;
  }
  if (projection === undefined || missing.size > 0) throw altered(document._id, 'a record of it is gone');
  const { exchange, sources } = projection;
  return { exchange: viewExchange(document, exchange), shown: { ...document, sources } };
}

function readRecord(bytes: Uint8Array, resource: string) {
  try {
    return fromBinary(RecordSchema, bytes);
  } catch {
    throw altered(resource, 'a record of it cannot be read');
  }
}
