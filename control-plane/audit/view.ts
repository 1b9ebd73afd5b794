import { create, fromBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { type StoredRecord, StoredRecordSchema } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import {
  type Exchange,
  ExchangeSchema,
  type Session,
  SessionSchema,
} from '#proto/sworn/audit/v1/exchange_pb.ts';
import { RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { ExchangeDocument } from '../storage/exchanges.ts';
import type { RecordDocument } from '../storage/records.ts';
import type { SessionDocument } from '../storage/sessions.ts';

/** A stored exchange as the API shows it, without content. */
export function viewExchange(document: ExchangeDocument): Exchange {
  return fromBinary(ExchangeSchema, document.view);
}

/** A stored session as the API shows it. */
export function viewSession(document: SessionDocument): Session {
  return create(SessionSchema, {
    name: document._id,
    ...(document.caller === undefined ? {} : { caller: fromBinary(CallerSchema, document.caller) }),
    exchangeCount: document.exchangeCount,
    refusedCount: document.refusedCount,
    models: [...document.models].sort(),
    startTime: timestampFromDate(document.startTime),
    updateTime: timestampFromDate(document.updateTime),
  });
}

/** A stored record as the API shows it, with its exact bytes. */
export function viewRecord(document: RecordDocument): StoredRecord {
  return create(StoredRecordSchema, {
    bytes: Uint8Array.from(document.bytes),
    digest: Uint8Array.from(document.digest),
    record: fromBinary(RecordSchema, document.bytes),
    receiveTime: timestampFromDate(document.receiveTime),
  });
}
