import { fromBinary } from '@bufbuild/protobuf';
import { type Record, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Store } from './store.ts';

/** What the record has of what was done to a resource, oldest first, with the bytes. */
export async function recordsOf(store: Store, resource: string): Promise<(Record & { bytes: Buffer })[]> {
  const found = await store.database.db
    .collection('records', { promoteBuffers: true })
    .find({ resource })
    .sort({ _id: 1 })
    .toArray();
  return found.map(({ bytes }) => ({ ...fromBinary(RecordSchema, bytes), bytes }));
}
