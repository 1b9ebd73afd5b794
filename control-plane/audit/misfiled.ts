import { hash } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { equalBytes } from '#core/evidence/merkle/hash.ts';
import { isPlane } from '#core/evidence/verify/chain.ts';
import { RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Database } from '../storage/database.ts';
import type { RecordDocument } from '../storage/record/records.ts';
import { isExact } from '../storage/sealing/exact.ts';
import { isReceived } from '../storage/sealing/record-mac.ts';

/**
 * The fields by which a stored record is found, and that say something else than its bytes do. The bytes alone are in the log:
 * who writes to the database could hide a record from lists, and from what the control plane itself looks up, by the others. With `mac`
 * where no control plane received it so: somebody made it up, or put it into another place in the order of receipt.
 */
export function misfiledOf({ seal }: Pick<Database, 'seal'>, document: RecordDocument): string[] {
  const record = readRecord(document.bytes);
  if (record === undefined) return ['bytes'];
  const { kind, exchange, session, action, resource, time } = record;
  // What a plane writes is never found by an action.
  const own = isPlane(document.plane) ? {} : { action, resource };
  const stated = { kind, exchange, session, action: undefined, resource: undefined, ...own };
  const fields = Object.keys(stated) as (keyof typeof stated)[];
  return [
    ...fields.filter((field) => document[field] !== stated[field]),
    ...(document.time.getTime() === timestampMs(time) ? [] : ['time']),
    ...(equalBytes(document.digest, hash('sha256', document.bytes, 'buffer')) ? [] : ['digest']),
    ...(isReceived(seal, document) ? [] : ['mac']),
    // A field that is there twice: MongoDB goes by the first, and all of the above by the last. Or one that is none of ours.
    ...(isExact(document) ? [] : ['fields']),
  ];
}

function readRecord(bytes: Uint8Array) {
  try {
    const record = fromBinary(RecordSchema, bytes);
    return record.time === undefined ? undefined : { ...record, time: record.time };
  } catch {
    return undefined;
  }
}
