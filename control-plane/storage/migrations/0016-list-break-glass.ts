import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Db } from 'mongodb';
import { ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { PLAIN_TYPES } from '../plain-types.ts';
import { createCollections } from './0001-create-collections.ts';

/** Adds the sessions that planes forget, and says of exchanges from before which went on by break-glass: those with a review. */
export async function listBreakGlass(db: Db): Promise<void> {
  await createCollections(db);
  const exchanges = db.collection<{ _id: string; plane: string; view: Uint8Array }>('exchanges', PLAIN_TYPES);
  for await (const { exchange: _id, plane } of db
    .collection('reviews')
    .find({}, { projection: { exchange: 1, plane: 1 } })) {
    const found = await exchanges.findOne({ _id, plane });
    if (found === null) continue;
    const view = toBinary(ExchangeSchema, { ...fromBinary(ExchangeSchema, found.view), breakGlass: true });
    // What a replica of before has written meanwhile is not undone.
    await exchanges.updateOne({ _id, view: found.view }, { $set: { breakGlass: true, view } });
  }
}
